"""`vardbro ledger migrate`: the schema is brought up to date, and nothing else happens."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapter.errors import ConfigurationError, LedgerInUse, LedgerUnavailable
from adapter.ledger.migrating import migrate
from adapter.ledger.postgres import migrate as postgres
from adapter.ledger.sql.steps import steps_of
from adapter.ledger.sqlite import SqliteLedger
from adapter.ledger.sqlite import migrate as sqlite
from adapter.ledger.sqlite.connection import connect
from adapter.verification.postgres import create_database, drop_database
from tests.support.stores import server
from tests.support.world import World, with_abilities

NEWEST = len(steps_of(sqlite.FOLDER))


def test_a_ledger_that_is_not_there_is_made_and_the_next_time_nothing_is_done(tmp_path: Path) -> None:
    first, second = migrate(tmp_path / "ledger.db"), migrate(tmp_path / "ledger.db")
    assert (first.before, first.after) == (0, NEWEST)
    assert (second.before, second.after) == (NEWEST, NEWEST)


def test_a_ledger_of_the_first_version_is_brought_to_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch()
    with closing(connect(str(path))) as db:
        db.executescript(steps_of(sqlite.FOLDER)[0][1])
        db.execute("PRAGMA user_version = 1")
    done = migrate(path)
    assert (done.before, done.after) == (1, NEWEST)
    asyncio.run(SqliteLedger.open(path).close())


async def test_what_a_killed_service_left_under_way_is_left_as_it_is(tmp_path: Path) -> None:
    world = World(tmp_path, with_abilities())
    await world.report("e1")
    await world.claim()
    await world.ledger.close()
    migrate(world.path)
    with closing(sqlite3.connect(world.path)) as db:
        assert db.execute("SELECT state FROM lanes").fetchall() == [("leased",)]


async def test_a_ledger_in_use_is_refused_and_names_its_service(tmp_path: Path) -> None:
    ledger = SqliteLedger.open(tmp_path / "ledger.db")
    ledger.announce("http://127.0.0.1:8081")
    try:
        with pytest.raises(LedgerInUse, match="8081"):
            migrate(tmp_path / "ledger.db")
    finally:
        await ledger.close()


def test_a_newer_one_is_refused(tmp_path: Path) -> None:
    migrate(tmp_path / "ledger.db")
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
        db.execute("PRAGMA user_version = 999")
    with pytest.raises(ConfigurationError, match="999"):
        migrate(tmp_path / "ledger.db")


def test_a_file_that_is_no_ledger_is_refused_and_let_go(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"this is no database, but it is long enough " * 100)
    for _ in range(2):
        with pytest.raises(LedgerUnavailable, match="cannot be used"):
            migrate(tmp_path / "ledger.db")


def test_an_empty_database_gets_its_tables() -> None:
    create_database(server().url(), "to_migrate")
    try:
        url = server().url("to_migrate")
        first, second = migrate(url), migrate(url)
        newest = len(steps_of(postgres.FOLDER))
        assert (first.before, first.after, second.before) == (0, newest, newest)
    finally:
        drop_database(server().url(), "to_migrate")
