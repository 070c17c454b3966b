"""A register as naive as it can be: a second create of what it holds takes effect, so that the log shows it.

It logs each effect to a file before it answers, and misbehaves by the weather. It speaks GVR's vårdkontakt,
read from outside as any register would: nothing here imports the receivers. Identity numbers get neither into
its log nor into its error answers.
"""

import asyncio
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import orjson

from adapter.verification.contacts import REJECTED_TAXA, mark_of, patient_of
from adapter.verification.records import Effect
from adapter.verification.weather import AFTER, FAIR, Weather, draw_fault

Manner = Literal["asked", "keys", "strict", "mute"]
"""How an outcome in doubt can be settled: the register can be asked (GET); it honours idempotency keys; a
create of what it holds is an error; or not at all."""

_CONFIRMED = {"POST": (201, "registrerad"), "PUT": (200, "rattad"), "DELETE": (200, "makulerad")}
_A_WHILE = 30.0


class StandIn(msgspec.Struct, frozen=True, kw_only=True):
    """How the stand-in is set up. `timeout` is how long its callers wait for an answer, in seconds."""

    log: Path
    manner: Manner
    timeout: float
    seed: int


class Call(NamedTuple):
    """A request as it was read."""

    method: str
    path: str
    message: dict[str, Any]
    key: str | None


class Answer(NamedTuple):
    """An answer; None instead of one: the connection breaks."""

    status: int
    body: bytes = b"{}"
    headers: str = ""


class Held(NamedTuple):
    """What the register holds of an event."""

    body: dict[str, Any]
    patient: int


class NaiveRegister:
    """The register's state, log and moods."""

    def __init__(self, setup: StandIn) -> None:
        self._log = os.open(setup.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._manner = setup.manner
        self._timeout = setup.timeout
        self._chance = random.Random(setup.seed)
        self._held: dict[str, Held] = {}
        self._answers: dict[str, Answer] = {}
        self._weather = FAIR
        self._throttled = 0
        self._seq = 0
        self._faults: Counter[str] = Counter()

    def change(self, weather: Weather) -> None:
        """Let other faults happen from now on."""
        self._weather, self._throttled = weather, weather.throttled

    def figures(self) -> dict[str, int]:
        """How many requests have met each fault."""
        return dict(self._faults)

    async def answer(self, call: Call) -> Answer | None:
        """Answer a request, or break its connection; faults by chance."""
        refused = self._refused()
        if refused is not None:
            return refused
        if call.method == "GET":
            return await self._look_up(call)
        fault = draw_fault(self._weather.writes, self._chance)
        await asyncio.sleep(self._chance.random() * 0.01)
        if fault is None or fault in AFTER:
            return await self._work(call, fault)
        self._faults[fault] += 1
        return await self._refuse(fault)

    def _refused(self) -> Answer | None:
        if self._weather.locked_out:
            self._faults["401"] += 1
            return Answer(401)
        if self._throttled > 0:
            self._throttled -= 1
            self._faults["429"] += 1
            return Answer(429, headers="retry-after: 1\r\n")
        return None

    async def _refuse(self, fault: str) -> Answer | None:
        if fault == "timeout-before":
            await asyncio.sleep(_A_WHILE)
        if fault in ("reset-before", "timeout-before"):
            return None
        return Answer(int(fault))

    async def _work(self, call: Call, fault: str | None) -> Answer | None:
        """Let the request take effect, and answer with the fault that it meets."""
        if fault == "late":
            await asyncio.sleep(self._timeout * self._chance.uniform(1.1, 1.6))
        answer = self._judge(call)
        if answer.status >= 400 or fault is None:
            await asyncio.sleep(self._chance.random() * 0.01)
            return answer
        self._faults[fault] += 1
        match fault:
            case "timeout-after":
                await asyncio.sleep(_A_WHILE)
            case "slow":
                await asyncio.sleep(self._timeout * self._chance.uniform(0.5, 0.9))
                return answer
            case "502-after":
                return Answer(502, b"<html>Bad Gateway</html>")
            case "garbage-after":
                return Answer(200, b"<html>Welcome</html>")
        return None

    def _judge(self, call: Call) -> Answer:
        """Check a write, let it take effect, log it, and say so."""
        if self._manner == "keys" and call.key is not None and call.key in self._answers:
            return self._answers[call.key]
        answer = self._checked(call)
        if self._manner == "keys" and call.key is not None:
            self._answers[call.key] = answer
        return answer

    def _checked(self, call: Call) -> Answer:
        event, patient = call.message["handelseId"], patient_of(call.message["patientId"])
        held = self._held.get(event)
        if call.method == "POST" and held is not None and self._manner == "strict":
            return _error(409, "FINNS-REDAN", "handelseId")
        if call.method in ("PUT", "DELETE") and held is None:
            return _error(404, "FINNS-INTE", "handelseId")
        if call.method in ("PUT", "DELETE") and held is not None and held.patient != patient:
            return _error(400, "ANNAN-PATIENT", "patientId")
        if call.message.get("taxa") == REJECTED_TAXA:
            self._faults["400"] += 1
            return _error(400, "TAXA-OKAND", "taxa")
        self._note(call, event, patient, was=held is not None)
        if call.method == "DELETE":
            del self._held[event]
        else:
            self._held[event] = Held(call.message, patient)
        status, said = _CONFIRMED[call.method]
        return Answer(status, orjson.dumps({"handelseId": event, "status": said}))

    def _note(self, call: Call, event: str, patient: int, *, was: bool) -> None:
        """Log an effect. The line is in the file before anybody gets an answer."""
        self._seq += 1
        is_cancel = call.method == "DELETE"
        effect = Effect(
            seq=self._seq,
            at=time.time(),
            method=call.method,
            event=event,
            mark=None if is_cancel else mark_of(call.message["tid"]),
            patient=None if is_cancel else patient,
            was=was,
        )
        os.write(self._log, msgspec.json.encode(effect) + b"\n")

    async def _look_up(self, call: Call) -> Answer | None:
        fault = draw_fault(self._weather.lookups, self._chance)
        if fault is not None:
            self._faults[f"look-up {fault}"] += 1
            return Answer(200, b"<html>Welcome</html>") if fault in AFTER else await self._refuse(fault)
        held = self._held.get(call.message["handelseId"])
        if held is None or held.patient != patient_of(call.message["patientId"]):
            return _error(404, "FINNS-INTE", "handelseId")
        return Answer(200, orjson.dumps(held.body))


def _error(status: int, kod: str, falt: str) -> Answer:
    return Answer(status, orjson.dumps({"fel": [{"kod": kod, "falt": falt, "text": "Avvisad."}]}))
