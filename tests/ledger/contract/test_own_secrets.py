"""The ledger's own secrets: made once, the same for every node and after every start."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapter.ledger import envelope
from adapter.ledger.keys import make_key, read_keys
from adapter.ledger.sql.own_secrets import MEETINGS, NAMES, PATIENTS, secret
from tests.support.stores import STORES, Store, store
from tests.support.world import World


@pytest.fixture(params=STORES)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    made = store(request.param, tmp_path)
    yield made
    made.discard()


async def naming_secret(place: Store) -> bytes:
    ledger = place.open()
    try:
        return ledger.naming_secret
    finally:
        await ledger.close()


async def test_a_new_ledger_has_a_key_of_names_that_lasts(place: Store) -> None:
    first = await naming_secret(place)
    assert len(first) == 32
    assert await naming_secret(place) == first


async def test_no_two_ledgers_have_the_same(place: Store, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert await naming_secret(place) != await naming_secret(store("sqlite", tmp_path / "other"))


async def test_it_is_sealed_and_another_one_than_that_of_meetings(place: Store) -> None:
    envelope.use(read_keys(make_key()))
    ledger = place.open()
    try:
        rows = await ledger.read(lambda db: db.execute("SELECT name, secret FROM secrets").fetchall())
        other = await ledger.read(lambda db: secret(db, MEETINGS))
    finally:
        await ledger.close()
    stored = {name: bytes(value) for name, value in rows}
    assert stored.keys() == {MEETINGS, NAMES, PATIENTS}
    assert ledger.naming_secret not in stored[NAMES]
    assert other != ledger.naming_secret


async def test_nodes_that_share_a_ledger_share_the_key(tmp_path: Path) -> None:
    place = store("postgres", tmp_path)
    nodes = [place.open(), place.open()]
    assert nodes[0].naming_secret == nodes[1].naming_secret != b""
    for node in nodes:
        await node.close()
    place.discard()


async def test_a_ledger_with_events_from_before_there_was_a_key_never_gets_one(world: World) -> None:
    await world.report()
    await world.ledger.write(lambda tx: tx.db.execute("DELETE FROM secrets WHERE name = ?", (NAMES,)))
    await world.reopen()
    assert world.ledger.naming_secret == b""
    await world.reopen()
    assert world.ledger.naming_secret == b""
