"""What is special to the embedded store: its durability, its disk, its plans."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from adapter.domain.message import Outcome, OutcomeClass
from adapter.errors import LedgerUnavailable
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sql import lanes as lane_tables
from adapter.ledger.sql import queries
from adapter.ledger.sqlite import SqliteLedger
from adapter.ledger.sqlite.connection import connect
from tests.support.world import World, message, receipt


def writing(world: World) -> Any:
    """The connection that writes."""
    return world.ledger._jobs.run_blocking(lambda tx: tx.db)


def test_every_commit_reaches_the_disk(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()
    db = connect(str(tmp_path / "ledger.db"))
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)
    db.close()


async def test_readers_cannot_write(tmp_path: Path) -> None:
    ledger = SqliteLedger.open(tmp_path / "ledger.db")
    with pytest.raises(sqlite3.OperationalError):
        ledger._reader.execute("DELETE FROM audit")
    await ledger.close()


async def test_before_the_disk_is_full_intake_stops_and_delivery_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    await world.report()
    monkeypatch.setattr("adapter.ledger.sqlite.ledger.free_bytes", lambda path: 1000)
    world.ledger._reserve, world.ledger._ask_space_at = 2000, 0.0
    with pytest.raises(LedgerUnavailable):
        await world.report("e2")
    with pytest.raises(LedgerUnavailable):
        await world.ledger.check_writable()
    await world.run()
    assert world.operations() == [("POST", 1)]
    await world.close()


async def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.report()
    full = writing(world)
    pages = full.execute("PRAGMA page_count").fetchone()[0]
    full.execute(f"PRAGMA max_page_count = {pages}")
    refused = await asyncio.gather(
        *(world.report(f"more-{number}") for number in range(200)), return_exceptions=True
    )
    assert LedgerUnavailable in {type(answer) for answer in refused}
    stored = (await world.ledger.summary())["messages"]
    full.execute("PRAGMA max_page_count = 1000000")
    await world.report("e2")
    assert (await world.ledger.summary())["messages"]["waiting"] == stored["waiting"] + 1
    assert (await world.ledger.audit_verify()).broken_at is None
    await world.close()


async def test_a_ledger_that_becomes_read_only_refuses(tmp_path: Path) -> None:
    world = World(tmp_path)
    db = writing(world)
    db.execute("PRAGMA query_only = ON")
    with pytest.raises(LedgerUnavailable):
        await world.report()
    db.execute("PRAGMA query_only = OFF")
    await world.report()
    await world.close()


def test_a_place_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(LedgerUnavailable):
        SqliteLedger.open(tmp_path / "ledger.db")


def test_a_lock_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db.lock").mkdir()
    with pytest.raises(LedgerUnavailable):
        SqliteLedger.open(tmp_path / "ledger.db")


async def test_payloads_are_sealed_on_disk(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.submit(message("e1", 1, patient="191212121212"))
    await world.run()
    await world.close()
    assert b"191212121212" not in (tmp_path / "ledger.db").read_bytes().replace(b"191212121212/u1", b"")
    db = sqlite3.connect(tmp_path / "ledger.db")
    (body,) = db.execute("SELECT body FROM payloads").fetchone()
    (request,) = db.execute("SELECT request FROM attempts").fetchone()
    db.close()
    assert body.startswith(b"vardbro1 zstd none\n")
    assert request.startswith(b"vardbro1 zstd none\n")


async def test_listeners_hear_of_messages_after_the_commit(tmp_path: Path) -> None:
    world = World(tmp_path)
    heard: list[frozenset[str]] = []
    world.ledger.on_messages(heard.append)
    await world.report()
    await world.ledger.commit(receipt("refused"), [], lambda _: b"")
    assert heard == [frozenset({"gvr"})]
    await world.close()


async def test_claims_of_several_workers_never_overlap(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(30):
        await world.report(f"e{number}")
    claims = await asyncio.gather(*(world.claim(limit=10, owner=f"w{n}") for n in range(5)))
    lanes = [work.lane.id for works in claims for work in works]
    assert len(lanes) == len(set(lanes)) == 30
    await world.close()


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (f"{lane_tables._DUE} ORDER BY due_at LIMIT 1", "lanes_due"),
        (lane_tables._OPEN, "messages_open"),
        (lane_tables._LANE_BY_SLOT, "sqlite_autoindex_lanes_1"),
        (
            "SELECT id FROM lanes WHERE register = ? AND lease_until IS NOT NULL AND lease_until < ?",
            "lanes_leased",
        ),
        ("SELECT id FROM attempts WHERE lane_id = ? ORDER BY token DESC LIMIT 1", "attempts_lane"),
        ("SELECT id FROM receipts WHERE sender = ? AND key = ? AND bound = 1", "receipts_bound"),
    ],
)
async def test_what_is_asked_for_each_message_is_found_by_an_index(
    tmp_path: Path, statement: str, index: str
) -> None:
    ledger = SqliteLedger.open(tmp_path / "ledger.db")
    values = (None,) * statement.count("?")
    plan = " ".join(row[3] for row in ledger._reader.execute(f"EXPLAIN QUERY PLAN {statement}", values))
    await ledger.close()
    assert f"INDEX {index}" in plan
    assert "SCAN" not in plan


@pytest.mark.parametrize(("state", "index"), [("parked", "lanes_busy"), ("waiting", "lanes_busy")])
async def test_stuck_lanes_are_listed_by_an_index(tmp_path: Path, state: str, index: str) -> None:
    ledger = SqliteLedger.open(tmp_path / "ledger.db")
    statements: list[str] = []
    ledger._reader.set_trace_callback(statements.append)
    queries.lanes(ledger._reader, LaneFilter(state=state))
    plan = " ".join(row[3] for row in ledger._reader.execute(f"EXPLAIN QUERY PLAN {statements[0]}"))
    await ledger.close()
    assert index in plan
    assert "TEMP B-TREE" not in plan


async def test_a_settlement_that_cannot_be_written_leaves_the_lane_with_its_holder(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.report()
    (work,) = await world.claim()
    accepted = Outcome(kind=OutcomeClass.ACCEPTED, cause="http-201")
    db = writing(world)
    db.execute("PRAGMA query_only = ON")
    with pytest.raises(LedgerUnavailable):
        await world.ledger.settle(work, accepted, None)
    db.execute("PRAGMA query_only = OFF")
    await world.ledger.settle(work, accepted, None)
    assert (await world.lane())["states"] == ["accepted"]
    await world.close()
