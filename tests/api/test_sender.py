"""What a sending system is told of its own events, asked by identifier, over a real ledger."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from adapter.api.sender_desk import LARGEST_QUESTION
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


# By identifier


async def test_an_accepted_event_is_shown_whole(world: World, ask: Asker) -> None:
    await submit(world.ledger, version="00000000000000000042", fates=(Fate("gvr", "message"),))
    await world.run()
    answer = (await ask.status()).json()
    (event,) = answer["events"]
    message_id = event["registers"]["gvr"].pop("message")
    assert isinstance(message_id, int)
    assert answer["identifier"] == f"{SYSTEM}|e1"
    assert event == {
        "event_id": "e1",
        "version": "42",
        "revision": 1,
        "status": "final",
        "received_at": "2023-11-14T22:13:20.000Z",
        "registers": {
            "gvr": {
                "state": "accepted",
                "service": "vardkontakt",
                "cause": None,
                "rule": None,
                "reason": None,
                "intent": "report",
                "operation": "create",
                "since": "2023-11-14T22:13:20.000Z",
                "accepted_at": "2023-11-14T22:13:20.000Z",
            }
        },
    }


async def test_what_waits_behind_an_accepted_version_shows_both(world: World, ask: Asker) -> None:
    await submit(world.ledger)
    await world.run()
    world.advance(60)
    await submit(world.ledger, n=2)
    found = await ask.at()
    assert (found["state"], found["since"], found["accepted_at"]) == (
        "waiting",
        "2023-11-14T22:14:20.000Z",
        "2023-11-14T22:13:20.000Z",
    )


async def test_a_rejection_says_what_class_of_answer_it_was(world: World, ask: Asker) -> None:
    world.register.faults.append(400)
    await submit(world.ledger)
    await world.run()
    found = await ask.at()
    assert (found["state"], found["cause"], found["outcome"]) == ("parked", "http-400", "rejected")
    assert found["accepted_at"] is None


async def test_an_outcome_that_nobody_knows_is_said_so(world: World, ask: Asker) -> None:
    world.register.faults.append("timeout-after")
    await submit(world.ledger)
    await world.run()
    assert (await ask.at())["state"] == "unknown"


@pytest.mark.parametrize(("lang", "words"), [("sv", "inte känt"), ("en", "not known"), ("de", "inte känt")])
async def test_a_cause_of_our_own_has_words_in_the_language_that_is_asked_for(
    world: World, client: httpx.AsyncClient, lang: str, words: str
) -> None:
    await submit(world.ledger)
    await world.claim()
    world.advance(40)
    await world.claim()
    found = await Asker(client, lang=lang).at()
    assert (found["state"], found["cause"]) == ("unknown", "taken-over")
    assert words in found["reason"]


async def test_a_held_event_names_the_rule_the_element_and_what_to_do(
    world: World, ask: Asker, services: Any
) -> None:
    rule = next(one for one in services.catalogue.values() if "{system}" in one.text.en and one.todo)
    finding = Finding(
        rule=rule.id, severity="error", expression=("Bundle.entry[0].resource",), params={"system": "KVÅ"}
    )
    warning = Finding(rule="CODE-SHAPE", severity="warning")
    held = msgspec.structs.replace(
        message("e1", held=f"rule:{rule.id}"), findings=msgspec.json.encode([warning, finding])
    )
    await submit(world.ledger, "e1", 1, held)
    found = await ask.at()
    text = rule.text.en.replace("{system}", "KVÅ")
    assert (found["state"], found["rule"], found["reason"]) == ("held", rule.id, text)
    assert found["findings"] == [
        {
            "rule": rule.id,
            "text": text,
            "todo": rule.todo.en.replace("{system}", "KVÅ"),
            "expression": ["Bundle.entry[0].resource"],
        }
    ]


async def test_what_is_not_reported_names_its_rule(world: World, ask: Asker, services: Any) -> None:
    rule = next(iter(services.catalogue.values()))
    await submit(world.ledger, silent=True, fates=(Fate("gvr", "not-reported", rule.id),))
    found = await ask.at()
    assert (found["state"], found["rule"], found["reason"]) == ("not-reported", rule.id, rule.text.en)
    assert found["message"] is None


async def test_a_rule_that_is_no_longer_there_is_still_named(world: World, ask: Asker) -> None:
    await submit(world.ledger, silent=True, fates=(Fate("gvr", "not-reported", "GONE-1"),))
    found = await ask.at()
    assert (found["rule"], found["reason"]) == ("GONE-1", None)


async def test_what_is_reported_no_longer_shows_its_withdrawal_until_it_is_done(
    world: World, ask: Asker
) -> None:
    await submit(world.ledger)
    await world.run()
    fates = (Fate("gvr", "not-reported", "GONE-1"),)
    await submit(world.ledger, n=2, silent=True, fates=fates, decides=("gvr",))
    under_way = await ask.at()
    assert (under_way["state"], under_way["intent"]) == ("waiting", "cancel")
    assert under_way["not_reported"]["rule"] == "GONE-1"
    assert under_way["accepted_at"] is not None
    await world.run()
    done = await ask.at()
    assert (done["state"], done["operation"], done["accepted_at"]) == ("not-reported", "cancel", None)


async def test_an_unfinished_contact_is_pending(world: World, ask: Asker) -> None:
    await submit(world.ledger, silent=True, status="pending", fates=(Fate("gvr", "pending"),))
    found = await ask.at()
    assert (found["state"], found["reason"]) == (
        "pending",
        "The contact is not finished and is not reported yet.",
    )


async def test_a_cancel_of_what_was_never_received_has_nothing_to_do(world: World, ask: Asker) -> None:
    await submit(world.ledger, silent=True, status="cancelled", fates=(Fate("gvr", "message"),))
    found = await ask.at()
    assert (found["state"], found["rule"]) == ("closed", "INTAKE-NOTHING-TO-CANCEL")
    assert "e1" in found["reason"]


async def test_shadow_mode_shows_as_such(world: World, ask: Asker) -> None:
    await submit(world.ledger, shadow=True)
    assert (await ask.at())["state"] == "shadow"


async def test_several_messages_at_one_register_show_the_gravest_first(world: World, ask: Asker) -> None:
    fine, stuck = message("e1", slot="a"), message("e1", 2, slot="b", unit="u2")
    world.register.forbidden_units = {"u2"}
    await submit(world.ledger, "e1", 1, fine, stuck)
    await world.run()
    found = await ask.at()
    assert found["state"] == "parked"
    assert [part["state"] for part in found["parts"]] == ["parked", "accepted"]


async def test_a_group_shows_each_member(world: World, ask: Asker) -> None:
    for member in ("m1", "m2"):
        await submit(world.ledger, member, identifier=f"{SYSTEM}|g")
    events = (await ask.status("g")).json()["events"]
    assert [event["event_id"] for event in events] == ["m1", "m2"]


async def test_a_sender_sees_only_its_own(world: World, client: httpx.AsyncClient) -> None:
    await submit(world.ledger, "mine", identifier=f"{SYSTEM}|1")
    await submit(world.ledger, "theirs", identifier=f"{SYSTEM}|1", sender="other")
    await submit(world.ledger, "alone", identifier=f"{SYSTEM}|2", sender="other")
    mine, theirs = Asker(client), Asker(client, OTHER)
    assert [event["event_id"] for event in (await mine.status("1")).json()["events"]] == ["mine"]
    assert [event["event_id"] for event in (await theirs.status("1")).json()["events"]] == ["theirs"]
    assert (await mine.status("2")).status_code == 404


async def test_one_that_was_never_received_is_404_with_what_to_check_and_no_echo(
    world: World, client: httpx.AsyncClient
) -> None:
    for lang, word in (("sv", "identifieraren"), ("en", "identifier")):
        answer = await Asker(client, lang=lang).status("194408079475")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (404, "never-received")
        assert word in error["text"]
        assert error["hint"]
        assert "194408079475" not in answer.text


async def test_an_identifier_without_system_is_found_by_its_value_alone(world: World, ask: Asker) -> None:
    await submit(world.ledger, "bare", identifier="|77")
    await submit(world.ledger, "other", identifier=f"{SYSTEM}|77")
    for system in (None, ""):
        assert (await ask.status("77", system)).json()["events"][0]["event_id"] == "bare"


@pytest.mark.parametrize("identifier", ["", "|", f"{SYSTEM}|", "x" * 1001, "a\0b"])
async def test_what_is_no_identifier_is_refused(ask: Asker, identifier: str) -> None:
    answer = await ask.status(identifier, None)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-identifier")


async def test_the_identifier_must_be_given(ask: Asker) -> None:
    assert (await ask.get("status")).status_code == 422


# Many at once


async def test_many_are_answered_in_their_order_and_the_unknown_as_such(world: World, ask: Asker) -> None:
    for n in (1, 2):
        await submit(world.ledger, f"e{n}")
    names = [f"{SYSTEM}|e2", f"{SYSTEM}|none", f"{SYSTEM}|e1"]
    answer = await ask.post(msgspec.json.encode({"identifiers": names}))
    results = answer.json()["results"]
    assert [one["identifier"] for one in results] == names
    assert [(one["received"], [event["event_id"] for event in one["events"]]) for one in results] == [
        (True, ["e2"]),
        (False, []),
        (True, ["e1"]),
    ]


async def test_a_thousand_can_be_asked_for_and_compressed(ask: Asker) -> None:
    names = [f"{SYSTEM}|{n}" for n in range(1000)]
    content = gzip.compress(msgspec.json.encode({"identifiers": names}))
    answer = await ask.post(content, **{"content-encoding": "gzip"})
    assert len(answer.json()["results"]) == 1000


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"identifiers": []}', 400),
        (b'{"identifiers": [1]}', 400),
        (b'{"identifiers": ["a"], "x": 1}', 400),
        (b'{"identifiers": "a"}', 400),
        (b'{"identifiers": ["a\\u0000"]}', 400),
        (b'{"identifiers": ["\\ud800"]}', 400),
        (b'{"identifiers": ["\xff"]}', 400),
        (b'{"identifiers": [%b]}' % b",".join([b'"a"'] * 1001), 400),
        (b" " * (LARGEST_QUESTION + 1), 413),
    ],
)
async def test_a_wrong_question_is_refused(ask: Asker, content: bytes, status: int) -> None:
    answer = await ask.post(content)
    assert answer.status_code == status
    assert answer.json()["error"]["text"]


async def test_a_compression_that_is_not_known_or_wrong_is_refused(ask: Asker) -> None:
    assert (await ask.post(b"{}", **{"content-encoding": "br"})).status_code == 415
    assert (await ask.post(b"{}", **{"content-encoding": "gzip"})).status_code == 400


# Who may ask


@pytest.mark.parametrize("path", ["status?identifier=a", "feed"])
@pytest.mark.parametrize("token", ["", "Bearer wrong", f"Bearer {TOKEN}x"])
async def test_who_does_not_prove_itself_is_told_nothing(
    client: httpx.AsyncClient, world: World, path: str, token: str
) -> None:
    answer = await client.get(f"/api/sender/{path}", headers={"authorization": token} if token else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == ('Bearer error="invalid_token"' if token else "Bearer")


async def test_a_question_without_a_token_is_not_read(client: httpx.AsyncClient, world: World) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    answer = await client.post("/api/sender/status", content=never())
    assert answer.status_code == 401


async def test_answers_are_not_kept_by_proxies(world: World, ask: Asker) -> None:
    assert (await ask.get("feed")).headers["cache-control"] == "no-store"


class TestOpenDoor:
    @pytest.fixture
    def config(self) -> Config:
        return Config()

    async def test_everybody_on_loopback_is_the_default_sender(
        self, client: httpx.AsyncClient, world: World
    ) -> None:
        await submit(world.ledger, sender="default", held="rule:R")
        assert len((await client.get("/api/sender/feed")).json()["changes"]) == 1

    async def test_a_page_of_another_name_cannot_read_it(
        self, client: httpx.AsyncClient, world: World
    ) -> None:
        answer = await client.get("/api/sender/feed", headers={"host": "evil.example"})
        assert answer.status_code == 403
