"""GET /api/dead-letters on a real ledger."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.domain.message import Outcome, OutcomeClass
from adapter.domain.text import Text
from tests.support.world import World, message


@pytest.fixture
async def world(tmp_path: Path, services: Any) -> AsyncIterator[World]:
    """A world whose ledger is the one that the API shows."""
    world = World(tmp_path)
    services.ledger = world.ledger
    yield world
    await world.close()


async def groups(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/api/dead-letters")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["groups"]
    return found


async def test_nothing_waits_for_anybody(world: World, client: httpx.AsyncClient) -> None:
    assert await groups(client) == []


async def test_the_registers_reason_is_shown_with_its_field(world: World, client: httpx.AsyncClient) -> None:
    reason = Text("Fel kod.", "Wrong code.")
    await world.report("e1")
    (work,) = await world.claim()
    rejected = Outcome(kind=OutcomeClass.REJECTED, cause="gvr:KOD", reason=reason, field="diagnoser[0].kod")
    await world.ledger.settle(work, rejected, None)
    (group,) = await groups(client)
    assert (group["cause"], group["lanes"], group["field"]) == ("gvr:KOD", 1, "diagnoser[0].kod")
    assert group["reason"] == {"sv": "Fel kod.", "en": "Wrong code."}


async def test_a_group_that_a_rule_holds_is_explained_by_the_rule(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.submit(message("e1", held="rule:GVR-KOMBIKA"))
    (group,) = await groups(client)
    assert "kombika" in group["reason"]["sv"]
    assert "kombika" in group["reason"]["en"]
    assert group["actions"] == ["remap", "edit", "discard"]


async def test_a_rule_that_is_there_no_more_explains_nothing(world: World, client: httpx.AsyncClient) -> None:
    await world.submit(message("e1", held="rule:GONE"))
    (group,) = await groups(client)
    assert group["reason"] is None


async def test_the_lanes_of_a_group_are_listed_by_its_cause(world: World, client: httpx.AsyncClient) -> None:
    await world.submit(message("e1", held="rule:A"))
    await world.submit(message("e2", held="rule:B"))
    lanes = (await client.get("/api/lanes?state=held&cause=rule:B")).json()["lanes"]
    assert [lane["slot"] for lane in lanes] == ["e2"]
    messages = (await client.get("/api/messages?cause=rule:A")).json()["messages"]
    assert [one["event_id"] for one in messages] == ["e1"]
