from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.listener import Receiver
from tests.support.stores import STORES, store
from tests.support.world import World, with_abilities


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook's receiver that answers 200 until it is told otherwise."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(params=STORES)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A world on each store there is."""
    made = World(tmp_path, with_abilities(), store=store(request.param, tmp_path))
    yield made
    await made.close()
