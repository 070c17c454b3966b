"""A node that was not told of a reload, since it was cut off at that moment, finds it in the ledger."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapter.ledger import rules_in_use
from tests.renewal.conftest import Bureau
from tests.replay.conftest import contact
from tests.support.stores import Store, store


@pytest.fixture
def place(tmp_path: Path) -> Store:
    return store("postgres", tmp_path)


def node(folder: Path, place: Store) -> Bureau:
    folder.mkdir()
    return Bureau(folder, place)


@pytest.fixture
async def pair(tmp_path: Path, place: Store) -> AsyncIterator[tuple[Bureau, Bureau]]:
    """Two nodes; the listener of the second is cut."""
    one, deaf = node(tmp_path / "one", place), node(tmp_path / "deaf", place)
    deaf.rules._compare_every = 0.05
    for made in (one, deaf):
        made.ledger.on_messages(made.rules.heard)
        await made.messages()  # the bell hangs from the first question on
    deaf.ledger._bell.stop()
    yield one, deaf
    for made in (one, deaf):
        await made.close()


async def until_alike(one: Bureau, other: Bureau) -> None:
    for _ in range(400):
        if one.rules.version == other.rules.version:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the node never followed")


async def test_a_node_whose_listener_is_cut_follows_when_it_compares(pair: tuple[Bureau, Bureau]) -> None:
    one, deaf = pair
    deaf.rules.start()
    await one.send(contact(1))
    assert await one.states() == ["held"]
    one.know_unit()
    deaf.know_unit()
    await one.rules.reload("anna")
    assert deaf.rules.version != one.rules.version
    await until_alike(deaf, one)
    await deaf.send(contact(2))
    assert (await one.states())[-1] == "waiting"


async def test_a_cut_node_stays_behind_until_it_compares(pair: tuple[Bureau, Bureau]) -> None:
    one, deaf = pair
    one.know_unit()
    deaf.know_unit()
    before = deaf.rules.version
    await one.rules.reload("anna")
    await asyncio.sleep(0.5)
    assert deaf.rules.version == before
    await deaf.rules.compare()
    assert deaf.rules.version == one.rules.version


async def test_a_node_whose_files_are_bad_is_tried_once_for_each_reload(pair: tuple[Bureau, Bureau]) -> None:
    one, deaf = pair
    before = deaf.rules.version
    one.know_unit()
    deaf.write("rules/bad.yaml", "pack: bad\nedition: x\nrules: []\n")
    await one.rules.reload("anna")
    for _ in range(3):
        await deaf.rules.compare()
    assert len(await one.facts(rules_in_use.REFUSED)) == 1
    await one.rules.reload("anna")
    await deaf.rules.compare()
    assert len(await one.facts(rules_in_use.REFUSED)) == 2
    assert deaf.rules.version == before


async def test_nothing_is_loaded_where_nothing_was_missed(pair: tuple[Bureau, Bureau]) -> None:
    one, deaf = pair
    await one.rules.reload("anna")
    loaded = deaf.rules.loaded_at
    for made in pair:
        await made.rules.compare()
    assert deaf.rules.loaded_at == loaded


async def test_files_that_changed_between_being_read_and_the_start_are_read_again(
    pair: tuple[Bureau, Bureau],
) -> None:
    one, late = pair
    late._compare_every = 600.0
    one.know_unit()
    await one.rules.reload("anna")
    late.know_unit()  # read before, told before it listened
    late.rules.start()
    await until_alike(late, one)


async def test_a_node_that_starts_with_other_files_is_left_with_them(
    tmp_path: Path, place: Store, pair: tuple[Bureau, Bureau]
) -> None:
    one, _ = pair
    await one.rules.reload("anna")
    fresh = node(tmp_path / "fresh", place)
    fresh.know_unit()
    version = (await asyncio.to_thread(fresh.rules._load))[0].version
    await fresh.rules.reload("bo")  # what an operator does there is told to all
    await one.rules.compare()
    fresh.rules.start()
    await fresh.rules.compare()
    assert fresh.rules.version == version
    await fresh.close()
