"""`vardbro ledger check`: a ledger that is well is called sound, and each thing that is wrong is found."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from adapter.errors import ConfigurationError, LedgerUnavailable
from adapter.ledger.checking import check, report
from adapter.ledger.postgres.connection import connect as connect_postgres
from adapter.ledger.snapshot import Place
from adapter.ledger.sql import sealed, soundness
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.soundness import RULES, Fault
from adapter.ledger.sql.tables import TABLES, pages
from adapter.ledger.sqlite.connection import connect
from tests.support.filling import LEFT, add_operations, fill
from tests.support.stores import STORES, PostgresStore, store
from tests.support.world import World, message, with_abilities

PATIENT = "191212121212"


def place(world: World) -> Place:
    return world.store.url if isinstance(world.store, PostgresStore) else world.path


def faults(found: list[Fault]) -> list[Fault]:
    """Without those of the server, which is not a safe one in tests."""
    return [fault for fault in found if fault.table != "server"]


@pytest.fixture(params=STORES)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A ledger with something of everything, in use."""
    made = World(tmp_path, with_abilities(), store=store(request.param, tmp_path))
    await made.submit(message("named", patient=PATIENT))
    await fill(made)
    await made.ledger.write(lambda tx: add_operations(tx.db))
    yield made
    await made.close()


@contextmanager
def spoilt(world: World) -> Iterator[Database]:
    """A connection whose doings are undone in the end."""
    if isinstance(world.store, PostgresStore):
        with closing(connect_postgres(world.store.url)) as database:
            database.raw.execute("BEGIN")
            yield database
            database.raw.rollback()
    else:
        with closing(connect(str(world.path))) as file:
            file.execute("PRAGMA foreign_keys = OFF")
            file.execute("BEGIN")
            yield file
            file.execute("ROLLBACK")


def one(db: Database, statement: str) -> int:
    found: int = db.execute(statement).fetchone()[0]
    return found


async def test_a_ledger_with_everything_in_it_is_sound_while_it_is_in_use(world: World) -> None:
    lanes = (await world.ledger.summary())["lanes"]
    assert set(lanes) == LEFT
    found = check(place(world), deep=True)
    assert faults(found.faults) == []
    assert all(found.rows.values())
    assert found.head == (await world.ledger.audit_verify()).head
    assert found.rows["messages"] == sum((await world.ledger.summary())["messages"].values())


async def test_it_stays_sound_to_the_end_of_all_deliveries(world: World) -> None:
    world.advance(100)
    await world.settle_all()
    assert faults(check(place(world)).faults) == []


BREAKS = {
    "is idle, but has an open message": (
        "UPDATE lanes SET state = 'idle', due_at = NULL WHERE slot = 'ordered'",
        "SELECT id FROM lanes WHERE slot = 'ordered'",
    ),
    "is parked, but its front message is waiting": (
        "UPDATE lanes SET state = 'parked', due_at = NULL, cause = 'x' WHERE slot = 'ordered'",
        "SELECT id FROM lanes WHERE slot = 'ordered'",
    ),
    "is waiting, but its front message is missing": (
        "UPDATE lanes SET state = 'waiting', due_at = 1 WHERE slot = 'delivered'",
        "SELECT id FROM lanes WHERE slot = 'delivered'",
    ),
    "waits, but never comes due": (
        "UPDATE lanes SET due_at = NULL WHERE slot = 'ordered'",
        "SELECT id FROM lanes WHERE slot = 'ordered'",
    ),
    "is leased, but its holder makes no attempt": (
        "UPDATE lanes SET token = token + 1 WHERE slot = 'going'",
        "SELECT id FROM lanes WHERE slot = 'going'",
    ),
    "is parked, but somebody holds it": (
        "UPDATE lanes SET owner = 'w', lease_until = 5 WHERE slot = 'refused'",
        "SELECT id FROM lanes WHERE slot = 'refused'",
    ),
    "has given 4 sequence numbers, but has 3 messages, or there is a gap in them": (
        "UPDATE lanes SET seq = 4 WHERE slot = 'ordered'",
        "SELECT id FROM lanes WHERE slot = 'ordered'",
    ),
    "has given 3 sequence numbers, but has 3 messages, or there is a gap in them": (
        "UPDATE messages SET seq = 4 WHERE seq = 3 AND event_id = 'ordered3'",
        "SELECT id FROM lanes WHERE slot = 'ordered'",
    ),
    "says that the register holds message 1, which is not one of its own": (
        "UPDATE lanes SET accepted_message = 1 WHERE slot = 'cancelled'",
        "SELECT id FROM lanes WHERE slot = 'cancelled'",
    ),
    "is held, but is marked otherwise": (
        "UPDATE messages SET open = 0 WHERE state = 'held'",
        "SELECT id FROM messages WHERE state = 'held'",
    ),
    "is listed under register other, but its lane is of gvr": (
        "UPDATE messages SET register = 'other' WHERE event_id = 'ordered2'",
        "SELECT id FROM messages WHERE event_id = 'ordered2'",
    ),
    "is being sent, but its lane is waiting": (
        "UPDATE messages SET state = 'sending' WHERE event_id = 'ordered2'",
        "SELECT id FROM messages WHERE event_id = 'ordered2'",
    ),
    "has no content": (
        "DELETE FROM payloads WHERE message_id = (SELECT id FROM messages WHERE event_id = 'ordered2')",
        "SELECT id FROM messages WHERE event_id = 'ordered2'",
    ),
    "is open, but nobody holds it: lane {lane} is parked": (
        "UPDATE attempts SET ended_at = NULL WHERE lane_id = {lane}",
        "SELECT id FROM attempts WHERE lane_id = {lane}",
    ),
    "is one of 2 that answer for the same deduplication key": (
        "DROP INDEX receipts_bound; UPDATE receipts SET key = 'k1' WHERE key = 'k2'",
        "SELECT MIN(id) FROM receipts WHERE key = 'k1'",
    ),
    "is at revision 1, but its newest version is 2": (
        "UPDATE events SET revision = 1 WHERE event_id = 'delivered'",
        "SELECT event_id FROM events WHERE event_id = 'delivered'",
    ),
    "is at revision 3, but its newest version is 2": (
        "UPDATE events SET revision = 3 WHERE event_id = 'delivered'",
        "SELECT event_id FROM events WHERE event_id = 'delivered'",
    ),
    "is counted wrong by 5": (
        "UPDATE tallies SET n = n + 5 WHERE what = 'message' AND state = 'held'",
        "SELECT 'message gvr held'",
    ),
    "stands for a number of lanes that is wrong by 2": (
        "UPDATE notices SET lanes = lanes + 2 WHERE kind = 'parked'",
        "SELECT 'gvr parked http-400'",
    ),
    "stands for a number of lanes that is wrong by -1": (
        "UPDATE notices SET cleared_at = 1 WHERE kind = 'unknown'",
        "SELECT 'gvr unknown read-timeout'",
    ),
}


async def test_every_rule_finds_what_breaks_it_and_names_the_row(world: World) -> None:
    broken: set[int] = set()
    for what, (statements, number) in BREAKS.items():
        with spoilt(world) as db:
            lane = one(db, "SELECT id FROM lanes WHERE slot = 'refused'")
            for statement in statements.format(lane=lane).split(";"):
                db.execute(statement)
            found = faults(report(db, "here", deep=False).faults)
            expected = (one(db, number.format(lane=lane)), what.format(lane=lane))
            assert expected in [(fault.number, fault.what) for fault in found], what
            assert all(fault.mend for fault in found)
            broken |= {place for place, rule in enumerate(RULES) if soundness.broken(db, rule)}
    assert broken == set(range(len(RULES))), "a rule that nothing breaks may say nothing"
    assert faults(check(place(world)).faults) == []


async def test_what_was_remapped_is_at_a_higher_revision_than_its_newest_version(world: World) -> None:
    with spoilt(world) as db:
        db.execute("UPDATE events SET revision = revision + 1 WHERE event_id = 'refused'")
        assert faults(report(db, "here", deep=False).faults) == []


async def test_an_audit_entry_that_was_changed_is_a_fault(world: World) -> None:
    with spoilt(world) as db:
        number = one(db, "SELECT MIN(id) FROM audit") + 3
        db.execute("UPDATE audit SET detail_json = '{}' WHERE id = ?", (number,))
        assert [(fault.table, fault.number) for fault in faults(report(db, "here", deep=False).faults)] == [
            ("audit", number)
        ]


@pytest.mark.parametrize("deep", [False, True])
async def test_a_payload_that_cannot_be_opened_is_a_fault(world: World, deep: bool) -> None:
    for table in sealed.SEALED:
        column, key = table.sealed[0], table.key[0]
        with spoilt(world) as db:
            db.execute(
                f"UPDATE {table.name} SET {column} = ? WHERE {key} = (SELECT MAX({key}) FROM {table.name})",
                (b"vardbro1 zstd none\nno zstandard at all",),
            )
            found = faults(report(db, "here", deep=deep).faults)
            assert found
            assert {fault.table for fault in found} == {table.name}
            assert f"column {column}" in found[0].what


async def test_only_a_deep_check_opens_every_payload(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "SAMPLE", 1)
    with spoilt(world) as db:
        middle = one(db, "SELECT MIN(id) FROM receipts WHERE id > (SELECT MIN(id) FROM receipts)")
        db.execute("UPDATE receipts SET answer = ? WHERE id = ?", (b"spoilt", middle))
        assert faults(report(db, "here", deep=False).faults) == []
        assert [fault.number for fault in faults(report(db, "here", deep=True).faults)] == [middle]


async def test_faults_hold_no_patient_data(world: World) -> None:
    with spoilt(world) as db:
        db.execute("UPDATE payloads SET body = ?", (PATIENT.encode(),))
        db.execute("UPDATE lanes SET seq = seq + 1")
        db.execute("UPDATE cutovers SET reported = ?, identifier = ?", (b"x", PATIENT))
        found = report(db, "here", deep=True)
    assert found.faults
    assert PATIENT not in repr(found)


async def test_no_more_than_some_faults_of_a_kind_are_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soundness, "MOST", 2)
    with spoilt(world) as db:
        db.execute("UPDATE lanes SET seq = seq + 1")
        assert len([fault for fault in report(db, "here", deep=False).faults if fault.table == "lanes"]) == 2


async def test_every_table_is_known_and_read_page_by_page_in_the_order_of_its_key(world: World) -> None:
    with spoilt(world) as db:
        listing = "SELECT name FROM sqlite_master WHERE type = 'table'"
        if isinstance(world.store, PostgresStore):
            listing = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        there = {name for (name,) in db.execute(listing)} - {"schema_version", "strands"}
        assert there == {table.name for table in TABLES}
        for number in range(5):
            db.execute(
                "INSERT INTO cutovers (sender, identifier, register, loaded_at) VALUES (?, ?, ?, 1.0)",
                (f"s{number // 3}", f"i{number // 2}", f"r{number}"),
            )
        for table in TABLES:
            key = ", ".join(table.key)
            rows = [row for page in pages(db, table, table.key, 2) for row in page]
            assert rows == db.execute(f"SELECT {key} FROM {table.name} ORDER BY {key}").fetchall()


async def test_numbers_that_would_be_given_twice_are_a_fault_of_a_database(world: World) -> None:
    if not isinstance(world.store, PostgresStore):
        return
    with spoilt(world) as db:
        highest = one(db, "SELECT MAX(id) FROM messages")
        db.execute("ALTER SEQUENCE ids_messages RESTART WITH 1")
        (found,) = faults(report(db, "here", deep=False).faults)
        assert (found.table, found.number) == ("ids_messages", highest)
        assert f"setval('ids_messages', {highest + 1}, false)" in found.mend


class TestFile:
    """What only a file can have."""

    @pytest.fixture
    async def path(self, tmp_path: Path) -> Path:
        world = World(tmp_path, with_abilities())
        await fill(world)
        await world.close()
        return world.path

    async def test_a_row_that_refers_to_none_is_a_fault(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as db:
            db.execute("DELETE FROM receipts WHERE id = 1")
            db.commit()
        assert ("messages", "refers to a row of receipts that is not there") in {
            (fault.table, fault.what) for fault in check(path).faults
        }

    async def test_a_damaged_file_is_found_out(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as db:
            (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'lanes_slot'").fetchone()
            (size,) = db.execute("PRAGMA page_size").fetchone()
        with path.open("r+b") as file:
            file.seek((page - 1) * size + size // 2)
            file.write(b"\xff" * (size // 2))
        assert "file" in {fault.table for fault in check(path).faults}

    def test_a_place_without_a_ledger_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(LedgerUnavailable, match="there is no ledger"):
            check(tmp_path / "none.db")
        (tmp_path / "empty.db").touch()
        with pytest.raises(LedgerUnavailable, match="there is no ledger"):
            check(tmp_path / "empty.db")
        (tmp_path / "other.db").write_bytes(b"this is no database, but it is long enough " * 100)
        with pytest.raises(LedgerUnavailable, match="cannot be read"):
            check(tmp_path / "other.db")

    async def test_a_schema_of_another_version_is_not_read(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA user_version = 2")
        with pytest.raises(LedgerUnavailable, match="version 2") as refused:
            check(path)
        assert "vardbro ledger migrate" in refused.value.hint
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA user_version = 999")
        with pytest.raises(ConfigurationError, match="999"):
            check(path)
