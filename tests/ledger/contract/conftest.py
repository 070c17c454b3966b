from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.world import World, with_abilities


@pytest.fixture(params=["sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A world on each store there is."""
    made = World(tmp_path, with_abilities())
    yield made
    await made.close()
