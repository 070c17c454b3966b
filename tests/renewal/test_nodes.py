"""Several nodes on one PostgreSQL: what one takes into use the others are told, and load their own files."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.renewal.conftest import Bureau
from tests.replay.conftest import contact
from tests.support.stores import store


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[tuple[Bureau, Bureau]]:
    place = store("postgres", tmp_path)
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append(Bureau(tmp_path / name, place))
    for node in made:
        node.ledger.on_messages(node.rules.heard)
        node.rules.start()
        await node.messages()  # the bell hangs from the first question on
    yield made[0], made[1]
    for node in made:
        await node.close()


async def reload_until(node: Bureau, is_so: Callable[[], Awaitable[bool]]) -> None:
    """Reload until the other node has heard it: it may not listen yet."""
    for _ in range(40):
        await node.rules.reload("anna")
        for _ in range(20):
            if await is_so():
                return
            await asyncio.sleep(0.05)
    raise AssertionError("the other node has not heard it")


async def test_the_other_node_loads_what_one_has_taken_into_use(nodes: tuple[Bureau, Bureau]) -> None:
    one, two = nodes
    await two.send(contact(1))
    assert await two.states() == ["held"]
    one.know_unit()
    two.know_unit()

    async def is_same() -> bool:
        return one.rules.version == two.rules.version

    await reload_until(one, is_same)
    await two.send(contact(2))
    assert (await one.states())[-1] == "waiting"


async def test_a_node_whose_files_are_bad_keeps_what_it_has(nodes: tuple[Bureau, Bureau]) -> None:
    one, two = nodes
    before = two.rules.version
    one.know_unit()
    two.write("rules/bad.yaml", "pack: bad\nedition: x\nrules: []\n")

    async def is_refused() -> bool:
        return bool(await two.facts("rules-refused"))

    await reload_until(one, is_refused)
    assert two.rules.version == before
