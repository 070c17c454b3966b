"""A copy is all or nothing, and afterwards only one of the two can be gone on with."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from adapter.errors import ConfigurationError, LedgerInUse, LedgerUnavailable
from adapter.ledger.checking import check
from adapter.ledger.copying import copy
from adapter.ledger.migrating import migrate
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.postgres.target import PostgresTarget
from adapter.ledger.sql.tables import TABLES
from adapter.ledger.sqlite import SqliteLedger
from adapter.ledger.sqlite.moved import mark_of, mark_path
from adapter.verification.postgres import drop_database
from tests.ledger.postgres.conftest import until
from tests.support.stores import new_database, server
from tests.support.world import World, message, receipt, with_abilities

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database, with a password that nobody asks for."""
    made = new_database()
    yield made.replace("postgres@", "postgres:very-secret@")
    drop_database(server().url(), made.rpartition("/")[2])


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A ledger with something that waits in it, left by its service."""
    world = World(tmp_path, with_abilities())
    for number in range(30):
        await world.report(f"e{number}")
    await world.run()
    await world.report("e1", 2)
    await world.close()
    return world.path


def empty(url: str) -> bool:
    with psycopg.connect(url) as db:
        return not any(
            db.execute(f"SELECT 1 FROM {table.name} LIMIT 1".encode()).fetchone()
            for table in TABLES
            if table.name not in ("secrets", "sealing_keys")  # every service that starts writes these
        )


def strands_held(url: str) -> bool:
    with psycopg.connect(url) as db:
        return bool(db.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'").fetchone())


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        for statement in statements:
            db.execute(statement.encode())


async def starts(path: Path) -> bool:
    await SqliteLedger.open(path).close()
    return True


def test_a_ledger_that_has_moved_is_not_started_and_names_where_it_is_without_the_password(
    path: Path, url: str
) -> None:
    copy(path, url, "anna")
    for attempt in (
        lambda: SqliteLedger.open(path),
        lambda: migrate(path),
        lambda: copy(path, url, "anna"),
        lambda: copy(path, path.with_name("other.db"), "anna"),
    ):
        with pytest.raises(ConfigurationError, match="has moved to postgresql://") as refused:
            attempt()
        assert "very-secret" not in f"{refused.value} {refused.value.hint}"
    assert "very-secret" not in mark_path(path).read_text()
    assert check(path).sound


async def test_who_takes_the_mark_away_can_go_on_with_the_old_one(path: Path, url: str) -> None:
    copy(path, url, "anna")
    mark_path(path).unlink()
    assert await starts(path)


def test_a_mark_that_cannot_be_read_stops_the_service_too(path: Path) -> None:
    mark_path(path).write_text("half a ma")
    with pytest.raises(ConfigurationError, match="says where the ledger has moved"):
        SqliteLedger.open(path)


async def test_a_target_that_is_not_empty_is_refused(path: Path, url: str, tmp_path: Path) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    world = World(folder, with_abilities())
    await world.report("x")
    await world.close()
    copy(world.path, url, "anna")
    with pytest.raises(ConfigurationError, match="not empty: it has rows in receipts, events") as refused:
        copy(path, url, "anna")
    assert "very-secret" not in str(refused.value)
    assert await starts(path)
    with pytest.raises(ConfigurationError, match="has moved"):
        copy(path, world.path, "anna")


async def test_a_source_in_use_is_refused(path: Path, url: str) -> None:
    ledger = SqliteLedger.open(path)
    try:
        with pytest.raises(LedgerInUse):
            copy(path, url, "anna")
    finally:
        await ledger.close()
    assert empty(url)


async def test_a_target_that_a_service_has_open_is_refused(path: Path, url: str) -> None:
    ledger = PostgresLedger.open(url)
    try:
        with pytest.raises(LedgerInUse, match="services have postgresql://"):
            copy(path, url, "anna")
    finally:
        await ledger.close()
    assert empty(url)
    assert await starts(path)


def test_places_that_are_none_are_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no ledger"):
        copy(tmp_path / "none.db", tmp_path / "two.db", "anna")
    with pytest.raises(ConfigurationError, match="already"):
        copy(path, path, "anna")
    with pytest.raises(LedgerUnavailable, match="nobody listens"):
        copy(path, "postgresql://u:very-secret@127.0.0.1:1/d", "anna")
    with pytest.raises(LedgerUnavailable, match="no such database"):
        copy(path, server().url("nowhere"), "anna")


async def test_a_row_that_does_not_arrive_as_it_was_stops_the_copy(path: Path, url: str) -> None:
    run(
        url,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.unit := NEW.unit || ' '; RETURN NEW; END $$",
        "CREATE TRIGGER spoil BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.seq = 2)"
        " EXECUTE FUNCTION spoil()",
    )
    with pytest.raises(LedgerUnavailable, match="table messages has not arrived as it was"):
        copy(path, url, "anna")
    assert empty(url)
    assert await starts(path)


async def test_a_row_that_does_not_arrive_at_all_stops_the_copy(path: Path, url: str) -> None:
    run(
        url,
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        "CREATE TRIGGER lose BEFORE INSERT ON changes FOR EACH ROW WHEN (NEW.state = 'accepted')"
        " EXECUTE FUNCTION lose()",
    )
    with pytest.raises(LedgerUnavailable, match="30 rows were sent, 0 are there"):
        copy(path, url, "anna")
    assert empty(url)
    assert await starts(path)


def test_a_copy_that_is_killed_leaves_the_target_empty_and_the_source_as_it_was(path: Path, url: str) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from adapter.ledger.copying import copy\n"
        "def progress(what, done, of):\n"
        "    if what == 'copy' and done > of / 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "copy(Path(sys.argv[1]), sys.argv[2], 'anna', progress)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path), url], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert empty(url)
    assert mark_of(path) is None
    assert asyncio.run(starts(path))
    copy(path, url, "anna")
    assert not empty(url)


class CutOff(Exception):
    """The connection is lost in the commit."""


@pytest.mark.parametrize("committed", [False, True])
async def test_a_copy_that_is_cut_off_in_its_commit_is_finished_by_the_same_command(
    path: Path, url: str, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    commit = PostgresTarget.commit

    def cut_off(target: PostgresTarget) -> None:
        if committed:
            commit(target)
        raise CutOff

    monkeypatch.setattr(PostgresTarget, "commit", cut_off)
    with pytest.raises(CutOff):
        copy(path, url, "anna")
    monkeypatch.undo()
    assert empty(url) is not committed

    with pytest.raises(ConfigurationError, match="broke off at its very end") as refused:
        SqliteLedger.open(path)
    assert "ledger copy" in refused.value.hint
    with pytest.raises(ConfigurationError, match="broke off"):
        copy(path, path.with_name("another.db"), "anna")

    done = copy(path, url, "anna")
    assert done.already is committed
    assert not empty(url)
    mark = mark_of(path)
    assert mark is not None
    assert mark.done
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT COUNT(*) FROM messages").fetchone() == (done.rows["messages"],)


async def test_a_service_that_starts_on_the_target_meanwhile_waits_and_finds_the_whole_ledger(
    path: Path, url: str
) -> None:
    await PostgresLedger.open(url).close()  # so that there are strands to be taken at once
    await asyncio.to_thread(until, lambda: not strands_held(url))
    opening: list[asyncio.Task[PostgresLedger]] = []
    loop = asyncio.get_running_loop()

    def begin() -> None:
        opening.append(loop.create_task(asyncio.to_thread(PostgresLedger.open, url)))

    def progress(what: str, done: int, of: int) -> None:
        if what == "copy" and not opening:
            asyncio.run_coroutine_threadsafe(_call(begin), loop).result()

    await asyncio.to_thread(copy, path, url, "anna", progress)
    ledger = await opening[0]
    try:
        assert (await ledger.summary())["lanes"] == {"idle": 29, "waiting": 1}
        new = World.event_of(message("new"), known=None)
        await ledger.commit(receipt("new"), [new], lambda _: b"")
        assert [fault for fault in check(url).faults if fault.table != "server"] == []
    finally:
        await ledger.close()


async def _call(begin: Callable[[], None]) -> None:
    begin()
