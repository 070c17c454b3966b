"""A primary with a synchronous standby, both real: who is read and written, what the check says of them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.errors import LedgerUnavailable
from adapter.ledger.checking import check
from adapter.ledger.copying import copy
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.postgres.condition import Remark, examine
from adapter.ledger.sql.database import Database
from adapter.verification.postgres import USER, PostgresServer, create_database
from tests.support.filling import fill
from tests.support.world import World, message, receipt, with_abilities


class Pair:
    """The two servers; every URL names the standby first."""

    def __init__(self, folder: Path) -> None:
        self.primary, self.standby = PostgresServer(folder / "a"), PostgresServer(folder / "b")
        self.primary.create()
        self.primary.start()
        self.standby.copy(self.primary)
        self.standby.start()
        self.primary.await_standby()

    def new_database(self, name: str) -> str:
        create_database(self.primary.url(), name)
        return f"postgresql://{USER}@127.0.0.1:{self.standby.port},127.0.0.1:{self.primary.port}/{name}"

    def kill(self) -> None:
        self.primary.kill()
        self.standby.kill()


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    folder = Path(tempfile.mkdtemp(prefix="vardbro-pair-"))
    folder.chmod(0o711)
    made = Pair(folder)
    yield made
    made.kill()
    shutil.rmtree(folder, ignore_errors=True)


def remarks(url: str) -> dict[str, Remark]:
    return {remark.name: remark for remark in examine(url)}


def is_standby(db: Database) -> bool:
    found: bool = db.execute("SELECT pg_is_in_recovery()").fetchone()[0]
    return found


def test_the_check_says_that_the_standby_confirms(pair: Pair) -> None:
    found = remarks(pair.new_database("looked_at"))
    assert all(remark.ok for remark in found.values())
    assert found["standby"].says == "1 confirm commits"
    assert found["durability"].says == "fsync and full_page_writes are on"


def test_a_standby_alone_is_said_to_take_no_writes(pair: Pair) -> None:
    primary = remarks(pair.standby.url())["primary"]
    assert not primary.ok
    assert "standby" in primary.says
    with pytest.raises(LedgerUnavailable):
        PostgresLedger.open(pair.standby.url())


async def test_what_was_just_written_is_read_from_the_primary_whichever_is_named_first(pair: Pair) -> None:
    ledger = PostgresLedger.open(pair.new_database("read"))
    try:
        for n in range(5):
            event = World.event_of(message(f"e{n}"), known=None)
            await ledger.commit(receipt(f"k{n}"), [event], lambda _: b"")
            assert await ledger.receipt("s", f"k{n}") is not None
        assert not await ledger.read(is_standby)
    finally:
        await ledger.close()


async def test_a_ledger_is_copied_to_the_pair_and_is_sound_there(pair: Pair, tmp_path: Path) -> None:
    world = World(tmp_path, with_abilities())
    await fill(world)
    await world.close()
    url = pair.new_database("copied")
    assert copy(world.path, url, "anna").faults == []
    assert check(url, deep=True).sound


async def test_while_there_is_no_primary_the_standby_is_read(pair: Pair) -> None:
    url = pair.new_database("left")
    ledger = PostgresLedger.open(url, confirm_within=0.3)
    await ledger.commit(receipt("k"), [World.event_of(message("e"), known=None)], lambda _: b"")
    pair.primary.kill()
    try:
        assert (await ledger.summary())["lanes"] == {"waiting": 1}
        assert await ledger.read(is_standby)
        with pytest.raises(LedgerUnavailable):
            await ledger.pause("gvr", "r")
        assert remarks(url)["primary"].says == "the server is a standby and takes no writes"
    finally:
        await ledger.close()
