"""Operators see how the webhooks fare, and can have one tried again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.ledger.hooks import HookLedger
from tests.support.following import submit
from tests.support.world import World, with_abilities

NAME = "sender:s"


@pytest.fixture
async def world(tmp_path: Path, services: Any) -> AsyncIterator[World]:
    made = World(tmp_path, with_abilities())
    services.hooks = HookLedger(made.ledger)
    yield made
    await made.close()


async def failing(world: World) -> HookLedger:
    hooks = HookLedger(world.ledger)
    await hooks.begin(NAME, NAME)
    await submit(world.ledger, held="rule:R")
    batch = await hooks.claim(NAME, NAME, "a", 15.0)
    assert batch is not None
    await hooks.failed(batch, "http-500", 7200.0)
    return hooks


async def test_a_failing_hook_is_shown_with_its_cause_and_its_next_try(
    world: World, client: httpx.AsyncClient
) -> None:
    await failing(world)
    (hook,) = (await client.get("/api/hooks")).json()["hooks"]
    assert hook == {
        "name": NAME,
        "cursor": "0-0",
        "failing_since": "2023-11-14T22:13:20.000Z",
        "cause": "http-500",
        "tries": 1,
        "due_at": "2023-11-15T00:13:20.000Z",
    }


async def test_it_can_be_tried_again_at_once_and_the_trail_says_who_did_it(
    world: World, client: httpx.AsyncClient
) -> None:
    hooks = await failing(world)
    assert (await client.post(f"/api/hooks/{NAME}/retry", json={"actor": "anna"})).status_code == 204
    assert await hooks.due_in(NAME, NAME) == 0
    said = await world.ledger.read(
        lambda db: db.execute("SELECT detail_json FROM audit WHERE kind = 'hook-retried'").fetchall()
    )
    assert said == [('{"by":"anna","hook":"sender:s"}',)]


async def test_a_hook_that_is_not_there_is_404(world: World, client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/hooks/none/retry", json={})).status_code == 404
