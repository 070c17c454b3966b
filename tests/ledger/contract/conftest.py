from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.stores import STORES, store
from tests.support.world import World, with_abilities


@pytest.fixture(params=STORES)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A world on each store there is."""
    made = World(tmp_path, with_abilities(), store=store(request.param, tmp_path))
    yield made
    await made.close()
