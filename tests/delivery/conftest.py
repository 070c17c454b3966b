from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.stores import STORES, store
from tests.support.world import World, with_abilities


@pytest.fixture(params=STORES)
async def worlds(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[..., World]]:
    """Makes worlds with the abilities that are given, on each store, and closes them."""
    made: list[World] = []

    def make(schedule: tuple[float, ...] = (0.0, 5.0, 300.0, 1800.0), **abilities: Any) -> World:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        place = store(request.param, folder)
        world = World(folder, with_abilities(**abilities), schedule=schedule, store=place)
        made.append(world)
        return world

    yield make
    for world in made:
        await world.close()
