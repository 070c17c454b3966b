from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World, with_abilities


@pytest.fixture
async def worlds(tmp_path: Path) -> AsyncIterator[Callable[..., World]]:
    """Makes worlds with the abilities that are given, and closes them."""
    made: list[World] = []

    def make(schedule: tuple[float, ...] = (0.0, 5.0, 300.0, 1800.0), **abilities: Any) -> World:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        world = World(folder, with_abilities(**abilities), schedule=schedule)
        made.append(world)
        return world

    yield make
    for world in made:
        await world.close()
