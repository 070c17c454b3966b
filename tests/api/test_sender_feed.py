"""The feed of changes, as its readers meet it: pages, waiting, reasons, over a real ledger."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from adapter.api import sender_desk
from adapter.config import Config
from adapter.domain.finding import Finding
from adapter.ledger.following import Following
from adapter.ledger.model import Fate
from tests.support.asker import OTHER, TOKEN, Asker
from tests.support.following import SYSTEM, submit
from tests.support.world import World, message, with_abilities


@pytest.fixture
def config() -> Config:
    return Config(senders={"s": {"token": TOKEN}, "other": {"token": OTHER}})


@pytest.fixture
async def world(tmp_path: Path, services: Any) -> AsyncIterator[World]:
    """A ledger behind the API."""
    made = World(tmp_path, with_abilities())
    services.following = Following(made.ledger)
    yield made
    await made.close()


@pytest.fixture
def ask(client: httpx.AsyncClient, world: World) -> Asker:
    return Asker(client)


async def test_the_feed_is_read_page_by_page(world: World, ask: Asker) -> None:
    for n in range(5):
        await submit(world.ledger, f"e{n}", held="rule:R")
    read, page = [], await ask.feed(limit=2)
    while True:
        read += [change["event_id"] for change in page["changes"]]
        if not page["more"]:
            break
        page = await ask.feed(limit=2, after=page["next"])
    assert read == [f"e{n}" for n in range(5)]
    empty = await ask.feed(after=page["next"])
    assert empty == {"changes": [], "next": page["next"], "more": False}


async def test_an_entry_says_what_happened_to_what_where_and_why(world: World, ask: Asker) -> None:
    world.register.faults.append(400)
    await submit(world.ledger)
    await world.run()
    (change,) = (await ask.feed())["changes"]
    assert isinstance(change.pop("message"), int)
    assert change.pop("cursor")
    assert change == {
        "at": "2023-11-14T22:13:20.000Z",
        "identifier": f"{SYSTEM}|e1",
        "event_id": "e1",
        "register": "gvr",
        "service": "vardkontakt",
        "state": "parked",
        "cause": "http-400",
        "rule": None,
        "reason": None,
        "outcome": "rejected",
        "flag": None,
    }


async def test_rules_are_named_with_their_text(world: World, ask: Asker, services: Any) -> None:
    rule = next(one for one in services.catalogue.values() if "{" not in one.text.en)
    finding = Finding(rule=rule.id, severity="error")
    held = msgspec.structs.replace(
        message("e1", held=f"rule:{rule.id}"), findings=msgspec.json.encode([finding])
    )
    await submit(world.ledger, "e1", 1, held)
    await submit(world.ledger, "e2", silent=True, fates=(Fate("gvr", "not-reported", rule.id),))
    changes = (await ask.feed())["changes"]
    assert [(one["state"], one["rule"], one["reason"]) for one in changes] == [
        ("held", rule.id, rule.text.en),
        ("not-reported", rule.id, rule.text.en),
    ]


async def test_another_senders_changes_are_not_in_it(world: World, client: httpx.AsyncClient) -> None:
    await submit(world.ledger, "e1", held="rule:R")
    await submit(world.ledger, "e2", held="rule:R", sender="other")
    for asker, expected in ((Asker(client), ["e1"]), (Asker(client, OTHER), ["e2"])):
        assert [change["event_id"] for change in (await asker.feed())["changes"]] == expected


@pytest.mark.parametrize("cursor", ["x", "1", "194408079475", "1-2-3", "", "-1-0"])
async def test_a_bad_cursor_is_refused_by_name_and_not_echoed(ask: Asker, cursor: str) -> None:
    answer = await ask.get(f"feed?after={cursor}")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "bad-cursor")
    assert error["text"].startswith("after ")
    assert "194408079475" not in answer.text


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "wait=31", "wait=-1", "wait=nan", "limit=x"])
async def test_limits_are_kept(ask: Asker, query: str) -> None:
    answer = await ask.get(f"feed?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.text


async def test_a_reader_that_waits_is_answered_when_something_happens(
    world: World, ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_desk, "POLL", 0.01)
    waiting = asyncio.create_task(ask.feed(wait=30))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await submit(world.ledger, held="rule:R")
    async with asyncio.timeout(10):
        assert [change["event_id"] for change in (await waiting)["changes"]] == ["e1"]


async def test_a_reader_that_waits_in_vain_is_told_so(
    world: World, ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_desk, "POLL", 0.01)
    assert (await ask.feed(wait=0.05))["changes"] == []


async def test_nobody_is_kept_waiting_when_the_service_ends(
    world: World, ask: Asker, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_desk, "POLL", 0.01)
    waiting = asyncio.create_task(ask.feed(wait=30))
    await asyncio.sleep(0.05)
    services.draining = True
    async with asyncio.timeout(10):
        assert (await waiting)["changes"] == []


async def test_readers_beyond_the_limit_do_not_wait(
    world: World, ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_desk, "MOST_WAITING", 1)
    first = asyncio.create_task(ask.feed(wait=30))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(10):
        assert (await ask.feed(wait=30))["changes"] == []
    assert not first.done()
    first.cancel()
