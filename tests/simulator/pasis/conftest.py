"""A contact that passes every check of PASiS's, and a register of one's own to send it to."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from adapter.simulator.arrivals import ArrivalLog
from adapter.simulator.call import Call, Reply
from adapter.simulator.pasis.register import PATH, Pasis
from adapter.simulator.settings import Settings

TODAY = 1_763_721_000.0  # 2025-11-21 11:30 in Stockholm

GOOD: dict[str, Any] = {
    "kontaktId": "kontakt-1",
    "patientId": "191212121212",
    "enhet": "SE2321000016-1HZ3",
    "datum": "2025-03-03",
    "tid": "10:15",
    "vardkontakt": "Hembesök",
    "vardkontaktKod": "hembesok",
    "huvudansvarig": "SE2321000016-AB12",
    "yrkeskategori": "01",
    "diagnoser": [{"kod": "J189", "ordning": 1}, {"kod": "I109", "ordning": 2}],
    "kva": [{"kod": "AV034", "datum": "2025-03-03", "ordning": 1, "diagnos": 1}],
    "attribut": ["Särskilt boende"],
}


@pytest.fixture
def kontakt() -> Callable[..., dict[str, Any]]:
    """The good contact with members changed; None takes one out."""

    def make(**changes: Any) -> dict[str, Any]:
        message = {**copy.deepcopy(GOOD), **changes}
        return {name: value for name, value in message.items() if value is not None}

    return make


class PasisCounter:
    """Sends calls to a register without any network."""

    def __init__(self, settings: Settings) -> None:
        self.log = ArrivalLog(settings.clock)
        self.register = Pasis(settings, self.log)

    def send(
        self,
        method: str,
        message: Any = None,
        *,
        at: str = "kontakt-1",
        query: str = "",
        key: str | None = None,
    ) -> Reply:
        body = b"" if message is None else json.dumps(message).encode()
        call = Call(method, PATH + at, query.encode(), body, "application/json" if body else "", key)
        reading = self.register.read(call)
        return self.register.handle(reading, self.register.arrive(reading))

    def errors(self, answer: Reply) -> list[tuple[str, str]]:
        """The answer's errors as (kod, falt)."""
        return [(fel["kod"], fel["falt"]) for fel in json.loads(answer.body)["fel"]]


@pytest.fixture
def pasis() -> PasisCounter:
    return PasisCounter(Settings(clock=lambda: TODAY))
