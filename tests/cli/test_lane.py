"""`vardbro lane`, `register` and `dead-letters`: an operator looks and acts."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.cli.root import run
from adapter.domain.message import Outcome, OutcomeClass
from adapter.domain.text import Text
from adapter.ledger.sqlite import SqliteLedger
from tests.support.world import World, message

Json = dict[str, Any]
Printed = Callable[..., Json]

REJECTED = Outcome(
    kind=OutcomeClass.REJECTED,
    cause="gvr:KOD",
    reason=Text("Koden är fel.", "The code is wrong."),
    field="diagnoser[0].kod",
)
UNKNOWN = Outcome(kind=OutcomeClass.UNKNOWN, cause="read-timeout")


@pytest.fixture
def ledger(here: Path) -> Path:
    """A ledger in the working folder, left by its service: lane 1 is parked, 2 unknown, 3 held, 4 waits."""

    async def fill() -> None:
        world = World(here)
        await world.report("parked")
        await end(world, REJECTED)
        await world.report("unknown")
        await end(world, UNKNOWN)
        await world.submit(message("held", held="rule:GVR-KOMBIKA"))
        await world.report("waits")
        await world.close()

    asyncio.run(fill())
    (here / "vardbro.toml").write_text('[ledger]\nurl = "sqlite:///ledger.db"\n')
    return here / "ledger.db"


async def end(world: World, outcome: Outcome) -> None:
    for work in await world.claim():
        await world.ledger.settle(work, outcome, None)


def lane(number: int, printed: Printed) -> Json:
    return printed("lane", "show", str(number))


@pytest.mark.usefixtures("ledger")
def test_a_lane_is_shown_with_the_reason_beside_its_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lane", "show", "1", "--lang", "en"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "The code is wrong." in line]
    assert "diagnoser[0].kod" in row
    assert run(["lane", "show", "1"]) == 0
    assert "Koden är fel." in capsys.readouterr().out


@pytest.mark.usefixtures("ledger")
def test_a_lane_is_found_by_its_slot(printed: Printed) -> None:
    assert printed("lane", "show", "unknown")["id"] == 2


def test_a_slot_of_several_lanes_is_not_guessed(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def fill() -> None:
        world = World(ledger.parent)
        await world.submit(message("e", slot="parked", register="other"), key="x1")
        await world.close()

    asyncio.run(fill())
    assert run(["lane", "retry", "parked"]) == 2
    assert "1 (gvr vardkontakt), 5 (other vardkontakt)" in capsys.readouterr().err


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("number", ["99", "no-such-slot"])
def test_a_lane_that_is_not_there_is_said(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["show"], ["retry"], ["discard", "--reason", "not there"]):
        assert run(["lane", *arguments, number]) == 1
        assert "no" in capsys.readouterr().err


@pytest.mark.usefixtures("ledger")
def test_a_parked_lane_is_sent_again(printed: Printed, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lane", "retry", "1", "--actor", "anna"]) == 0
    assert capsys.readouterr().out == "lane 1 is waiting\n"
    found = lane(1, printed)
    assert found["state"] == "waiting"
    assert found["causes"][-1]["detail"]["actor"] == "anna"


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(("word", "state"), [("--accepted", "idle"), ("--not-accepted", "waiting")])
def test_an_unknown_outcome_is_settled(word: str, state: str, printed: Printed) -> None:
    assert run(["lane", "settle", "2", word, "--reason", "seen there", "--actor", "anna"]) == 0
    assert lane(2, printed)["state"] == state


@pytest.mark.usefixtures("ledger")
def test_a_lane_is_discarded_for_a_reason(printed: Printed) -> None:
    assert run(["lane", "discard", "3", "--reason", "a test patient"]) == 0
    found = lane(3, printed)
    assert (found["state"], found["messages"][0]["state"]) == ("idle", "discarded")
    assert found["causes"][-1]["detail"]["reason"] == "a test patient"


def test_another_message_than_the_front_one_is_discarded(ledger: Path, printed: Printed) -> None:
    async def fill() -> None:
        world = World(ledger.parent)
        await world.submit(message("unknown", 2), key="x1")
        await world.close()

    asyncio.run(fill())
    second = lane(2, printed)["messages"][1]["id"]
    assert run(["lane", "discard", "2", "--reason", "agreed", "--message", str(second)]) == 0
    assert [one["state"] for one in lane(2, printed)["messages"]] == ["unknown", "discarded"]


@pytest.mark.usefixtures("ledger")
def test_what_the_state_does_not_allow_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lane", "settle", "1", "--accepted", "--reason", "seen there"]) == 1
    assert "Only an unknown outcome" in capsys.readouterr().err


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    "arguments",
    [
        ["lane", "settle", "2", "--reason", "neither"],
        ["lane", "settle", "2", "--accepted"],
        ["lane", "discard", "1"],
        ["lane", "discard", "1", "--reason", "x"],
        ["register", "pause", "gvr"],
        ["register", "pause", "nhs", "--reason", "moving"],
        ["lane"],
    ],
)
def test_an_act_without_what_it_needs_is_wrong_usage(arguments: list[str], printed: Printed) -> None:
    assert run(arguments) == 2
    assert [lane(number, printed)["state"] for number in (1, 2, 3)] == ["parked", "unknown", "held"]


@pytest.mark.usefixtures("ledger")
def test_a_register_is_paused_and_resumed(printed: Printed) -> None:
    assert run(["register", "pause", "gvr", "--reason", "moving house"]) == 0
    assert printed("register", "show")["registers"]["gvr"]["paused"] == "operator"
    assert run(["register", "resume", "gvr"]) == 0
    assert printed("register", "show")["registers"]["gvr"]["paused"] is None


@pytest.mark.usefixtures("ledger")
def test_dead_letters_are_grouped_by_cause_with_what_can_be_done(
    printed: Printed, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = {group["cause"]: group for group in printed("dead-letters")["groups"]}
    assert sorted(groups) == ["gvr:KOD", "read-timeout", "rule:GVR-KOMBIKA"]
    assert groups["gvr:KOD"]["lane"] == 1
    assert "kombika" in groups["rule:GVR-KOMBIKA"]["reason"]["en"]
    assert run(["dead-letters", "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert "lanes that wait: 3; causes: 3" in shown
    assert "The code is wrong." in shown


def test_to_look_takes_nothing_over_from_a_service_that_was_killed(ledger: Path, printed: Printed) -> None:
    async def claim() -> None:
        world = World(ledger.parent)
        assert len(await world.claim()) == 1
        await world.close()

    asyncio.run(claim())
    for look in (["dead-letters"], ["register", "show"], ["lanes"], ["lane", "show", "4"]):
        printed(*look)
    assert lane(4, printed)["state"] == "leased"
    assert run(["lane", "retry", "1"]) == 0
    assert lane(4, printed)["state"] == "unknown"


def test_the_service_that_holds_the_ledger_is_asked(ledger: Path) -> None:
    held = SqliteLedger.open(ledger, reserve=0)
    held.announce("http://127.0.0.1:9")
    for look in (["dead-letters"], ["register", "show"], ["lane", "show", "1"]):
        assert run(look) == 1
    held._close()


@pytest.mark.usefixtures("ledger")
def test_the_configuration_may_stand_before_the_command(here: Path) -> None:
    (here / "vardbro.toml").rename("other.toml")
    assert run(["--config", "other.toml", "lane", "show", "1"]) == 0
    assert run(["lane", "show", "1", "--config", "other.toml"]) == 0
    assert run(["lane", "show", "1"]) == 1


def test_a_remap_that_mends_nothing_is_refused_and_says_so(
    sent: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    event = sent("enhet-utan-kombika")
    assert run(["lane", "remap", event, "--reason", "the table is mended"]) == 1
    assert "vardbro:" in capsys.readouterr().err
    assert run(["lane", "remap", event]) == 2
