"""The register's stand-in: what it lets happen, and what it writes down."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.verification.contacts import PATIENTS, REJECTED_TAXA, time_of
from adapter.verification.log import EffectLog
from adapter.verification.naive_register import Answer, Call, Manner, NaiveRegister, StandIn
from adapter.verification.weather import Fault, Weather

WRITES_WITH_EFFECT: tuple[Fault, ...] = ("reset-after", "502-after", "garbage-after", "late", "slow")


class Stage:
    """A register with its log."""

    def __init__(self, folder: Path, manner: Manner = "asked", **weather: Any) -> None:
        path = folder / "effects.ndjson"
        self.register = NaiveRegister(StandIn(log=path, manner=manner, timeout=0.01, seed=1))
        self.register.change(Weather(**weather))
        self._log = EffectLog(path)

    async def send(self, method: str, mark: int = 1, **members: Any) -> Answer | None:
        key = members.pop("key", None)
        message = {"handelseId": "e", "patientId": PATIENTS[0], "tid": time_of(mark), **members}
        return await self.register.answer(Call(method, "/vardhandelse/besok", message, key))

    def effects(self) -> list[tuple[str, int | None, bool]]:
        self._log.read_on()
        return [(effect.method, effect.mark, effect.was) for effect in self._log.effects]


def status(answer: Answer | None) -> int | None:
    return None if answer is None else answer.status


async def test_effects_are_logged_in_order_without_identities(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for method, mark in (("POST", 1), ("PUT", 2), ("DELETE", 2)):
        assert status(await stage.send(method, mark)) in (200, 201)
    assert stage.effects() == [("POST", 1, False), ("PUT", 2, True), ("DELETE", None, True)]
    assert not any(identity in (tmp_path / "effects.ndjson").read_text() for identity in PATIENTS)


async def test_a_second_create_takes_effect_and_shows(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert [status(await stage.send("POST")) for _ in range(2)] == [201, 201]
    assert stage.effects() == [("POST", 1, False), ("POST", 1, True)]


async def test_a_strict_register_refuses_a_second_create(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "strict")
    assert [status(await stage.send("POST")) for _ in range(2)] == [201, 409]
    assert len(stage.effects()) == 1


async def test_a_register_that_honours_keys_does_a_thing_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "keys")
    assert [status(await stage.send("POST", key=key)) for key in ("k", "k", "l")] == [201, 201, 201]
    assert len(stage.effects()) == 2


async def test_what_it_does_not_hold_is_not_changed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert [status(await stage.send(method)) for method in ("PUT", "DELETE", "GET")] == [404, 404, 404]
    await stage.send("POST")
    assert status(await stage.send("PUT", patientId=PATIENTS[1])) == 400
    assert len(stage.effects()) == 1


async def test_a_contact_that_must_be_corrected_is_rejected(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert status(await stage.send("POST", taxa=REJECTED_TAXA)) == 400
    assert stage.effects() == []


async def test_a_look_up_gives_back_what_was_sent(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    await stage.send("POST", 3)
    answer = await stage.send("GET")
    assert answer is not None
    assert orjson.loads(answer.body)["tid"] == time_of(3)


@pytest.mark.parametrize("fault", WRITES_WITH_EFFECT)
async def test_faults_after_the_effect_have_it(tmp_path: Path, fault: Fault) -> None:
    stage = Stage(tmp_path, writes={fault: 1.0})
    answer = await stage.send("POST")
    assert stage.effects() == [("POST", 1, False)]
    assert (answer is None) == (fault in ("reset-after", "late"))
    assert stage.register.figures() == {fault: 1}


@pytest.mark.parametrize("fault", ["503", "500", "reset-before"])
async def test_faults_before_the_effect_have_none(tmp_path: Path, fault: Fault) -> None:
    stage = Stage(tmp_path, writes={fault: 1.0})
    await stage.send("POST")
    assert stage.effects() == []


async def test_spells_refuse_everything_while_they_last(tmp_path: Path) -> None:
    stage = Stage(tmp_path, throttled=2)
    assert [status(await stage.send("POST")) for _ in range(3)] == [429, 429, 201]
    stage.register.change(Weather(locked_out=True))
    assert [status(await stage.send(method)) for method in ("PUT", "GET")] == [401, 401]
