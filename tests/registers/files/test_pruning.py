"""The index forgets what nobody will ask for, and nothing else."""

import json
import sqlite3
from typing import Any

import pytest

from adapter.registers.files import desk
from adapter.registers.files.desk import STATE
from tests.registers.files.conftest import Folder, ask, deliver

DAY = 86_400.0
LONG = 401 * DAY


def kept(folder: Folder) -> list[tuple[str, str]]:
    """Record and kind of all that the index knows, the oldest first."""
    with sqlite3.connect(folder.path / STATE / "index.db") as db:
        return list(db.execute("SELECT record, handelse FROM entries ORDER BY id"))


def batches(folder: Folder) -> int:
    with sqlite3.connect(folder.path / STATE / "index.db") as db:
        return int(db.execute("SELECT COUNT(*) FROM batches").fetchone()[0])


def later(folder: Folder, seconds: float) -> None:
    """Let time pass, publish something else, and let a day pass: age counts from the newest batch."""
    folder.now += seconds
    folder.serve(deliver("clock"))
    folder.now += DAY + 1
    folder.serve(ask("clock"))


def said(folder: Folder, record: str) -> Any:
    answer = folder.serve(ask(record))[0]
    return None if answer.status == 404 else json.loads(answer.body)["entries"][0]["handelse"]


def test_versions_that_a_newer_one_has_overtaken_are_forgotten_after_400_days(folder: Folder):
    folder.serve(deliver("a", n=1))
    folder.serve(deliver("a", "PUT", n=2))
    later(folder, LONG)
    assert kept(folder) == [("a", "rattad"), ("clock", "ny")]
    assert batches(folder) == 2


def test_nothing_younger_is_forgotten(folder: Folder):
    folder.serve(deliver("a", n=1))
    folder.serve(deliver("a", "PUT", n=2))
    later(folder, 399 * DAY)
    assert len(kept(folder)) == 3


def test_what_stands_at_the_receiver_is_never_forgotten(folder: Folder):
    folder.serve(deliver("a"))
    for _ in range(3):
        later(folder, LONG)
    assert said(folder, "a") == "ny"


def test_what_was_withdrawn_is_forgotten_with_its_withdrawal(folder: Folder):
    folder.serve(deliver("a"))
    folder.serve(deliver("a", "DELETE"))
    later(folder, LONG)
    later(folder, DAY)
    assert said(folder, "a") is None
    assert [record for record, _ in kept(folder)] == ["clock", "clock"]


def test_a_withdrawal_is_not_forgotten_before_what_it_withdraws(folder: Folder):
    folder.serve(deliver("a"))
    folder.serve(deliver("a", "DELETE"))
    folder.now += LONG
    folder.serve(deliver("clock"))
    folder.now += DAY + 1
    folder.serve(ask("clock"))
    assert said(folder, "a") == "makulerad"


def test_what_no_receipt_has_spoken_of_is_kept_with_its_whole_batch(answered: Folder):
    answered.serve(deliver("a"), deliver("b"))
    [manifest] = answered.manifests()
    answered.receipt("1.json", {"batch": manifest["batch"], "accepted": ["a"], "rejected": []})
    answered.serve(deliver("a", "PUT", n=2))
    for name in answered.manifests()[1:]:
        answered.receipt("2.json", {"batch": name["batch"], "accepted": "all"})
    later(answered, LONG)
    assert kept(answered)[:3] == [("a", "ny"), ("b", "ny"), ("a", "rattad")]
    answered.receipt("3.json", {"batch": manifest["batch"], "accepted": ["b"]})
    later(answered, DAY)
    assert kept(answered)[:2] == [("b", "ny"), ("a", "rattad")]


def test_what_was_overtaken_by_something_without_a_verdict_is_kept(answered: Folder):
    answered.serve(deliver("a"))
    [manifest] = answered.manifests()
    answered.receipt("1.json", {"batch": manifest["batch"], "accepted": "all"})
    answered.serve(deliver("a", "PUT", n=2))
    later(answered, LONG)
    assert kept(answered)[:2] == [("a", "ny"), ("a", "rattad")]


def test_a_service_that_has_stood_still_forgets_nothing_before_it_has_asked(folder: Folder):
    folder.serve(deliver("a", n=1))
    folder.serve(deliver("a", "PUT", n=2))
    folder.now += 10 * LONG
    other = folder.new_desk()
    other.serve([ask("a")])
    assert kept(folder) == [("a", "ny"), ("a", "rattad")]


def test_no_number_is_used_again_when_all_else_is_forgotten(folder: Folder):
    folder.serve(deliver("a"))
    folder.serve(deliver("a", "DELETE"))
    later(folder, LONG)
    folder.serve(deliver("b"))
    assert [manifest["batch"][-6:] for manifest in folder.manifests()] == [
        "000001",
        "000002",
        "000003",
        "000004",
    ]


def test_no_number_is_used_again_although_the_clock_was_behind_when_it_was_given(folder: Folder):
    folder.serve(deliver("clock"))
    folder.now -= LONG
    folder.serve(deliver("a"))
    folder.serve(deliver("a", "DELETE"))
    folder.now += LONG
    for _ in range(3):
        folder.now += DAY + 1
        folder.serve(ask("a"))
    assert said(folder, "a") is None
    folder.serve(deliver("b"))
    assert max(manifest["batch"][-6:] for manifest in folder.manifests()) == "000004"


def test_what_is_much_is_forgotten_bit_by_bit(folder: Folder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(desk, "PRUNE_AT_ONCE", 2)
    for n in range(6):
        folder.serve(deliver("a", "PUT", n=n))
    later(folder, LONG)
    assert len(kept(folder)) == 5
    folder.serve(ask("a"))
    folder.serve(ask("a"))
    assert kept(folder) == [("a", "rattad"), ("clock", "ny")]
