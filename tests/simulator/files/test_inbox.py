"""The receivers of files: what they check by themselves, what they hold, and their receipts and faults."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from adapter.simulator.files.faults import FileFault
from adapter.simulator.files.watch import Inboxes

A, B = "a" * 64, "b" * 64
VISIT: dict[str, Any] = {
    "enhet": "SE2321000016-1HZ3",
    "datum": "2025-03-03",
    "kontaktform": "besok",
    "yrke": "XS915",
    "legitimerad": True,
    "nybesok": None,
    "planerat": None,
    "kompetens": None,
    "delomrade": None,
    "vardgaranti": None,
    "medicinsktMaldatum": None,
    "avvikelseorsak": None,
    "kon": "M",
    "alder": 67,
    "diagnoser": ["J189"],
}


class Post:
    """An inbox, and whoever publishes in it."""

    def __init__(self, path: Path) -> None:
        self.out, self.receipts = path / "out", path / "receipts"
        self.out.mkdir()
        self.receipts.mkdir()
        self.boxes = Inboxes([(self.out, self.receipts)])
        self._number = 0

    def publish(self, register: str, data: bytes, keys: list[str], **change: Any) -> str:
        """Publish a batch and let the receiver take it; gives its name."""
        self._number += 1
        batch = f"{register}-2025-11-22T110000Z-{self._number:06d}"
        name = f"{batch}.dat"
        (self.out / name).write_bytes(data)
        manifest = {
            "register": register,
            "batch": batch,
            "created": "2025-11-22T11:00:00+00:00",
            "format": "ndjson",
            "file": name,
            "count": len(keys),
            "sha256": hashlib.sha256(data).hexdigest(),
            "records": keys,
        } | change
        (self.out / f"{batch}.manifest.json").write_text(json.dumps(manifest))
        self.boxes.poll()
        return batch

    def visits(self, *lines: dict[str, Any], **change: Any) -> str:
        data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        return self.publish("signe", data, [line["kontaktId"] for line in lines], **change)

    def rows(self, *rows: str, heads: str = "personnummer;hsaId;fromDatum") -> str:
        data = "\n".join((heads, *rows)).encode() + b"\n"
        return self.publish("listning", data, [f"r{number}" for number in range(len(rows))])

    @property
    def state(self) -> Any:
        return next(iter(self.boxes.state(full=True).values()))

    def receipt(self, batch: str, mark: str = "") -> Any:
        path = self.receipts / f"{batch}{mark}.receipt.json"
        return json.loads(path.read_text()) if path.exists() else None

    def rejected(self, batch: str) -> dict[str, str]:
        return {one["record"]: one["reason"] for one in self.receipt(batch)["rejected"]}


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def visit(key: str = A, handelse: str = "ny", **change: Any) -> dict[str, Any]:
    return {"kontaktId": key, **VISIT, "handelse": handelse} | change


def test_a_sound_batch_is_taken_and_answered(post: Post):
    batch = post.visits(visit(A), visit(B))
    assert post.receipt(batch) == {"batch": batch, "accepted": [A, B], "rejected": []}
    assert [one["stands"] for one in post.state["records"]] == [True, True]


def test_report_correction_and_withdrawal_are_the_history_of_one_record(post: Post):
    naming = {"kontaktId": A, "enhet": "SE2321000016-1HZ3", "datum": "2025-03-03", "handelse": "makulerad"}
    for line in (visit(), visit(handelse="rattad", alder=68), naming):
        assert post.rejected(post.visits(line)) == {}
    [record] = post.state["records"]
    assert record["history"] == ["ny", "rattad", "makulerad"]
    assert not record["stands"]


@pytest.mark.parametrize("handelse", ["rattad", "makulerad"])
def test_a_change_of_nothing_is_rejected(post: Post, handelse: str):
    assert post.rejected(post.visits(visit(handelse=handelse))) == {A: "there is no such record"}


def test_a_first_report_twice_is_rejected(post: Post):
    post.visits(visit())
    assert post.rejected(post.visits(visit())) == {A: "the record is there already"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"handelse": "annat"}, "handelse"),
        ({"patientId": "x"}, "unknown member patientId"),
        ({"datum": "2025-02-30"}, "datum"),
        ({"enhet": None}, "enhet"),
        ({"kontaktform": "hembesok"}, "kontaktform"),
        ({"yrke": "XS927"}, "yrke"),
        ({"nybesok": "ja"}, "nybesok"),
        ({"alder": True}, "alder"),
        ({"kompetens": "KANSKE"}, "kompetens"),
        ({"medicinsktMaldatum": "snart"}, "medicinsktMaldatum"),
        ({"diagnoser": "J189"}, "diagnoser"),
        ({"delomrade": "191212121212"}, "something that looks like an identity number"),
    ],
)
def test_a_record_that_is_not_as_agreed_is_rejected_and_the_others_are_not(post, change, reason):
    batch = post.visits(visit(A, **change), visit(B))
    assert post.rejected(batch) == {A: reason}
    assert post.receipt(batch)["accepted"] == [B]


def test_a_record_under_another_key_than_the_manifest_says_is_rejected(post: Post):
    assert post.rejected(post.visits(visit(A), records=[B])) == {B: "kontaktId"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"sha256": "0" * 64}, "data file has another hash than the manifest says"),
        ({"count": 2}, "manifest does not name each record once"),
        ({"count": True}, "manifest: count is missing or of another type"),
        ({"records": [A, A], "count": 2}, "manifest does not name each record once"),
        ({"records": None}, "manifest: records is missing or of another type"),
        ({"batch": "another"}, "manifest is of another batch than its name says"),
        ({"file": "../out/x"}, "manifest names a file that is not its own"),
        ({"file": "signe-2025-11-22T110000Z-000001.gone"}, "data file is missing"),
    ],
)
def test_a_batch_that_does_not_fit_its_manifest_is_not_taken(post, change, problem):
    batch = post.visits(visit(), **change)
    assert post.state["batches"][0]["problems"] == [problem]
    assert post.state["records"] == []
    assert post.receipt(batch) is None


def test_a_file_with_fewer_lines_than_records_is_rejected_whole(post: Post):
    batch = post.visits(visit(A), records=[A, B], count=2)
    assert set(post.rejected(batch)) == {A, B}


def test_a_manifest_that_cannot_be_read_stops_nothing(post: Post):
    (post.out / "x.manifest.json").write_text("{")
    assert post.rejected(post.visits(visit())) == {}


def test_a_batch_is_taken_once(post: Post):
    post.visits(visit())
    assert post.boxes.poll() == 0


def test_a_newer_day_ends_the_older_link_and_an_older_one_changes_nothing(post: Post):
    for row in ("P1;2026-02-01", "P2;2026-05-01", "P3;2026-03-01"):
        post.rows(f"191212121212;SE2321000131-{row}")
    [link] = post.state["links"]
    assert (link["physician"], link["since"]) == ("SE2321000131-P2", "2026-05-01")


def test_a_row_without_a_physician_ends_the_link(post: Post):
    post.rows("191212121212;SE2321000131-P1;2026-02-01")
    post.rows("191212121212;;2026-02-01")
    assert post.state["links"][0]["physician"] is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("191212121213;SE2321000131-P1;2026-02-01", "personnummer"),
        ("191212121212;P1;2026-02-01", "hsaId"),
        ("191212121212;SE2321000131-P1;1 februari", "fromDatum"),
        ("191212121212;SE2321000131-P1", "number of columns"),
    ],
)
def test_a_row_that_is_not_as_agreed_is_rejected(post, row, reason):
    assert post.rejected(post.rows(row)) == {"r0": reason}


@pytest.mark.parametrize(
    ("rows", "heads"),
    [
        (["195009072553;SE2321000131-P1;2026-02-01", "191212121212;SE2321000131-P1;2026-02-01"], None),
        (["191212121212;SE2321000131-P1;2026-02-01"] * 2, None),
        (["191212121212;SE2321000131-P1;2026-02-01"], "pnr;hsaId;fromDatum"),
    ],
)
def test_a_file_that_is_not_built_as_agreed_is_rejected_whole(post, rows, heads):
    batch = post.rows(*rows, **({"heads": heads} if heads else {}))
    assert len(post.rejected(batch)) == len(rows)


def fault(kind: str, **more: Any) -> FileFault:
    return FileFault.model_validate({"register": "signe", "kind": kind, **more})


def test_a_receipt_that_is_kept_back_comes_when_it_is_released(post: Post):
    post.boxes.faults.add(fault("no-receipt"))
    batch = post.visits(visit())
    assert post.receipt(batch) is None
    assert post.boxes.release() == 1
    assert post.receipt(batch)["accepted"] == [A]


def test_records_are_rejected_on_request_and_have_no_effect(post: Post):
    post.boxes.faults.add(fault("reject", records=[A], reason="nej"))
    assert post.rejected(post.visits(visit(A), visit(B))) == {A: "nej"}
    assert [one["record"] for one in post.state["records"]] == [B]


def test_an_unreadable_receipt_and_a_double_one_come_on_request(post: Post):
    post.boxes.faults.add(fault("unreadable-receipt"))
    post.boxes.faults.add(fault("double-receipt"))
    first, second = post.visits(visit(A)), post.visits(visit(B))
    assert (post.receipts / f"{first}.broken.json").read_bytes() == b'{"batch": '
    assert post.receipt(second) == post.receipt(second, ".again")


def test_a_fault_strikes_so_many_batches_of_its_register_as_it_says(post: Post):
    post.boxes.faults.add(fault("reject", times=2))
    post.rows("191212121212;SE2321000131-P1;2026-02-01")
    rejected = [post.rejected(post.visits(visit())) for _ in range(3)]
    assert [bool(one) for one in rejected] == [True, True, False]


def test_without_full_the_state_holds_no_identity_number(post: Post):
    post.rows("191212121212;SE2321000131-P1;2026-02-01")
    assert "191212121212" not in json.dumps(post.boxes.state(full=False))
