"""Receipts: what they decide, and what becomes of those that are of no use."""

import json
import os
from typing import Any

import pytest
import structlog

from tests.registers.files.conftest import NOON, Folder, ask, deliver


def verdicts(folder: Folder, *keys: str) -> list[tuple[Any, Any]]:
    """The newest verdict and reason of each record, as another process reads them."""
    answers = folder.new_desk().serve([ask(key) for key in keys])
    newest = [json.loads(answer.body)["entries"][0] for answer in answers]
    return [(entry["verdict"], entry["reason"]) for entry in newest]


@pytest.fixture
def batch(answered: Folder) -> str:
    """A batch of the records a and b, delivered and not judged yet."""
    answers = answered.serve(deliver("a"), deliver("b"))
    assert [answer.status for answer in answers] == [202, 202]
    name: str = answered.manifests()[0]["batch"]
    return name


def lying(answered: Folder, folder: str = "") -> list[str]:
    place = answered.receipts / folder
    return sorted(one.name for one in place.iterdir() if one.is_file()) if place.is_dir() else []


def test_until_the_receipt_comes_nothing_is_decided(answered: Folder, batch: str):
    assert verdicts(answered, "a", "b") == [(None, None), (None, None)]


def test_all_accepts_every_record_of_the_batch(answered: Folder, batch: str):
    answered.receipt("r.json", {"batch": batch, "accepted": "all"})
    assert verdicts(answered, "a", "b") == [("accepted", None), ("accepted", None)]
    assert lying(answered) == []
    assert lying(answered, "read") == ["r.json"]


def test_a_rejected_record_has_its_reason_and_the_others_go_on(answered: Folder, batch: str):
    answered.receipt(
        "r.json", {"batch": batch, "accepted": ["b"], "rejected": [{"record": "a", "reason": "okänd enhet"}]}
    )
    assert verdicts(answered, "a", "b") == [("rejected", "okänd enhet"), ("accepted", None)]


def test_a_batch_can_be_answered_in_parts(answered: Folder, batch: str):
    answered.receipt("1.json", {"batch": batch, "accepted": ["a"]})
    assert verdicts(answered, "a", "b") == [("accepted", None), (None, None)]
    answered.receipt("2.json", {"batch": batch, "accepted": ["b"]})
    assert verdicts(answered, "a", "b") == [("accepted", None), ("accepted", None)]


USELESS = {
    "unreadable": "{",
    "not-an-object": "[]",
    "no-batch": {"accepted": "all"},
    "unknown-batch": {"batch": "signe-2025-11-22T110000Z-000777", "accepted": "all"},
    "unknown-records": {"batch": "?", "accepted": ["a", "nobody"]},
    "contradicts-itself": {"batch": "?", "accepted": ["a"], "rejected": [{"record": "a"}]},
    "all-but": {"batch": "?", "accepted": "all", "rejected": [{"record": "a"}]},
    "says-nothing": {"batch": "?"},
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("kind", USELESS)
def test_a_receipt_of_no_use_is_moved_aside_and_told_and_decides_nothing(answered, batch, kind):
    content = USELESS[kind]
    if isinstance(content, dict) and content.get("batch") == "?":
        content = {**content, "batch": batch}
    path = answered.receipt("191212121212 Tolvan.json", content)
    os.utime(path, (NOON, NOON))
    with structlog.testing.capture_logs() as log:
        assert verdicts(answered, "a", "b") == [(None, None), (None, None)]
    assert lying(answered, "refused") == ["191212121212 Tolvan.json"]
    assert [line["event"] for line in log] == ["receipt refused"]
    assert "191212" not in repr(log)


def test_the_same_receipt_twice_is_moved_aside_the_second_time(answered: Folder, batch: str):
    for _ in range(2):
        answered.receipt("r.json", {"batch": batch, "accepted": "all"})
        answered.serve(ask("a"))
    assert lying(answered, "read") == ["r.json"]
    assert lying(answered, "refused") == ["r.json"]


def test_a_receipt_that_contradicts_an_earlier_one_changes_nothing(answered: Folder, batch: str):
    answered.receipt("1.json", {"batch": batch, "accepted": "all"})
    answered.receipt("2.json", {"batch": batch, "rejected": [{"record": "a", "reason": "nej"}]})
    assert verdicts(answered, "a") == [("accepted", None)]
    assert lying(answered, "refused") == ["2.json"]


def test_a_file_that_is_still_being_written_is_left_for_the_next_time(answered: Folder, batch: str):
    path = answered.receipt("r.json", '{"batch": ')
    assert verdicts(answered, "a") == [(None, None)]
    assert lying(answered) == ["r.json"]
    path.write_text(json.dumps({"batch": batch, "accepted": "all"}))
    assert verdicts(answered, "a") == [("accepted", None)]


def test_other_files_hidden_ones_and_folders_are_not_touched(answered: Folder, batch: str):
    answered.receipt("r.json.part", "half")
    answered.receipt(".r.json", "half")
    (answered.receipts / "old").mkdir()
    answered.serve(ask("a"))
    assert lying(answered) == [".r.json", "r.json.part"]


def test_a_link_in_the_place_of_a_receipt_is_not_followed(answered: Folder, batch: str, tmp_path):
    (tmp_path / "secret").write_text(json.dumps({"batch": batch, "accepted": "all"}))
    (answered.receipts / "r.json").symlink_to(tmp_path / "secret")
    assert verdicts(answered, "a") == [(None, None)]


def test_a_receipts_folder_that_is_gone_stops_no_delivery(answered: Folder, batch: str):
    answered.receipts.rename(answered.path.parent / "away")
    with structlog.testing.capture_logs() as log:
        assert answered.serve(deliver("c"))[0].status == 202
        assert answered.serve(ask("a"))[0].status == 200
    assert [line["event"] for line in log].count("receipts folder cannot be read") == 1


def test_a_receipt_is_read_once_however_often_the_process_starts(answered: Folder, batch: str):
    answered.receipt("r.json", {"batch": batch, "accepted": "all"})
    for _ in range(3):
        assert verdicts(answered, "a") == [("accepted", None)]
    assert lying(answered, "refused") == []
