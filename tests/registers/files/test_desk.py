"""Batches on the disk: what is published, what is never written over, and what a broken folder answers."""

import errno
import json
import os
import re
from typing import Any

import pytest

from adapter.registers.files import disk
from adapter.registers.files.desk import NOT_PUBLISHED, STATE
from tests.registers.files.conftest import Folder, ask, deliver


def test_records_that_come_together_are_one_batch_with_a_manifest(folder: Folder):
    answers = folder.serve(deliver("a", n=1), deliver("b", n=2))
    assert [answer.status for answer in answers] == [200, 200]
    [manifest] = folder.manifests()
    assert manifest["register"] == "signe"
    assert manifest["format"] == "ndjson"
    assert manifest["created"] == "2025-11-22T11:00:00+00:00"
    assert manifest["records"] == ["a", "b"]
    assert manifest["batch"] == "signe-2025-11-22T110000Z-000001"
    assert folder.files() == [f"{manifest['batch']}.manifest.json", manifest["file"]]
    assert folder.lines() == [
        {"kontaktId": "a", "n": 1, "handelse": "ny"},
        {"kontaktId": "b", "n": 2, "handelse": "ny"},
    ]


def test_a_line_says_whether_it_is_new_corrected_or_withdrawn(folder: Folder):
    folder.serve(deliver("a", "POST"), deliver("b", "PUT"), deliver("c", "DELETE"))
    assert [line["handelse"] for line in folder.lines()] == ["ny", "rattad", "makulerad"]


def test_versions_of_one_record_go_in_batches_of_their_own_in_order(folder: Folder):
    folder.serve(deliver("a", n=1), deliver("b"), deliver("a", "PUT", n=2))
    assert [manifest["records"] for manifest in folder.manifests()] == [["a", "b"], ["a"]]


def test_names_of_files_hold_the_register_a_time_and_a_number_and_nothing_else(folder: Folder):
    folder.serve(deliver("191212121212"))
    for name in folder.files():
        assert re.fullmatch(r"signe-2025-11-22T110000Z-000001\.(ndjson|manifest\.json)", name)


def test_batches_of_the_same_second_have_different_numbers(folder: Folder):
    for key in ("a", "b", "c"):
        folder.serve(deliver(key))
    assert [manifest["batch"][-6:] for manifest in folder.manifests()] == ["000001", "000002", "000003"]


def test_a_number_is_not_used_again_when_the_receiver_has_taken_the_files(folder: Folder):
    folder.serve(deliver("a"))
    for name in folder.files():
        (folder.path / name).unlink()
    folder.serve(deliver("b"))
    assert [manifest["batch"][-6:] for manifest in folder.manifests()] == ["000002"]


def test_a_file_that_has_the_name_already_is_left_alone(folder: Folder):
    stranger = folder.path / "signe-2025-11-22T110000Z-000001.ndjson"
    stranger.write_text("not ours")
    assert folder.serve(deliver("a"))[0].status == 200
    assert stranger.read_text() == "not ours"
    assert folder.manifests()[0]["batch"] == "signe-2025-11-22T110000Z-000002"


def test_what_was_published_is_known_exactly_also_by_another_process(folder: Folder):
    folder.serve(deliver("a", n=1))
    other = folder.new_desk()
    said = json.loads(other.serve([ask("a")])[0].body)
    assert [entry["handelse"] for entry in said["entries"]] == ["ny"]
    assert other.serve([ask("b")])[0].status == 404


def test_nothing_stays_behind_when_all_is_in_place(folder: Folder):
    folder.serve(deliver("a"))
    assert folder.left_over() == []


def _fails_at(monkeypatch: pytest.MonkeyPatch, function: str, number: int, code: int) -> None:
    """Let the nth call of a function of `os` fail."""
    real, calls = getattr(os, function), [0]

    def failing(*given: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == number:
            raise OSError(code, os.strerror(code))
        return real(*given, **named)

    monkeypatch.setattr(disk.os, function, failing)


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EDQUOT, "disk-full"),
        (errno.EROFS, "folder-not-writable"),
        (errno.EACCES, "folder-not-writable"),
        (errno.ESTALE, "folder-missing"),
        (errno.EIO, "folder-error"),
    ],
)
def test_a_disk_that_fails_before_the_commit_has_sent_nothing(folder, monkeypatch, code, failure):
    _fails_at(monkeypatch, "write", 1, code)
    assert folder.serve(deliver("a"), deliver("b"))[0].failure == failure
    assert folder.files() == []
    assert folder.left_over() == []
    assert folder.serve(ask("a"))[0].status == 404
    assert folder.serve(deliver("a"))[0].status == 200


@pytest.mark.parametrize("rename", [2, 3])
def test_a_disk_that_fails_after_the_commit_leaves_it_open_and_the_next_turn_finishes(
    folder, monkeypatch, rename
):
    _fails_at(monkeypatch, "rename", rename, errno.EIO)
    assert folder.serve(deliver("a"))[0].failure == NOT_PUBLISHED
    assert folder.manifests() == []
    assert folder.serve(ask("a"))[0].status == 200
    assert [line["kontaktId"] for line in folder.lines()] == ["a"]
    assert folder.left_over() == []


def test_a_folder_that_is_gone_has_got_nothing_and_is_not_made(folder: Folder, tmp_path):
    folder.serve(deliver("a"))
    folder.path.rename(tmp_path / "elsewhere")
    assert folder.serve(deliver("b"))[0].failure == "folder-missing"
    assert folder.serve(ask("a"))[0].failure == "folder-missing"
    assert not folder.path.exists()


def test_an_empty_folder_in_the_place_of_the_known_one_counts_as_gone(folder: Folder, tmp_path):
    folder.serve(deliver("a"))
    folder.path.rename(tmp_path / "unmounted")
    folder.path.mkdir()
    assert folder.serve(ask("a"))[0].failure == "folder-missing"


def test_a_batch_of_another_hand_in_the_way_stops_delivery_and_says_so(folder, monkeypatch):
    _fails_at(monkeypatch, "rename", 2, errno.EIO)
    folder.serve(deliver("a"))
    (folder.path / "signe-2025-11-22T110000Z-000001.ndjson").write_text("not ours")
    assert folder.serve(deliver("b"))[0].failure == "file-name-taken"


def test_who_waits_too_long_for_another_process_gets_an_error_and_has_written_nothing(folder: Folder):
    folder.serve(deliver("a"))
    lock = folder.path / STATE / "lock"
    with disk.locked(lock), pytest.raises(disk.Busy) as caught, disk.locked(lock, seconds=0.0):
        pass
    assert disk.trouble(caught.value) == "folder-busy"


def test_an_index_that_cannot_be_read_says_nothing_of_the_past_and_delivers_nothing(folder: Folder):
    folder.serve(deliver("a"))
    (folder.path / STATE / "index.db").write_bytes(b"no database, but long enough to be one" * 40)
    assert folder.serve(ask("a"))[0].failure == "index-unreadable"
    assert folder.serve(deliver("b"))[0].failure == "index-unreadable"
    assert len(folder.manifests()) == 1
