"""A contact that passes every check of GVR's, and ways to change and send it."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from adapter.simulator.arrivals import ArrivalLog
from adapter.simulator.call import Call, Reply
from adapter.simulator.gvr.register import PATH, Gvr
from adapter.simulator.server import running
from adapter.simulator.settings import Settings
from tests.support.changes import changed

TODAY = 1_763_721_000.0  # 2025-11-21 11:30 in Stockholm

GOOD: dict[str, Any] = {
    "handelseId": "kontakt-1",
    "patientId": "191212121212",
    "enhet": {"inr": "30216", "klin": "311", "avd": "002"},
    "datum": "2025-03-03",
    "tid": "10:15",
    "slutdatum": "2025-03-03",
    "besokTyp": "1",
    "taxa": "01",
    "akut": "N",
    "vardgivare": ["01", "70"],
    "diagnoser": [{"kod": "J189", "ordning": 1}, {"kod": "I109", "ordning": 2}],
    "atgarder": [{"kod": "XS012", "datum": "2025-03-03", "ordning": 1, "diagnos": 1}],
    "remittent": {"inr": "30216", "klin": "312", "avd": "A1"},
}

Changes = dict[str, Any]


@pytest.fixture
def besok() -> Callable[..., dict[str, Any]]:
    """``besok({"enhet.inr": "1", "taxa": None})``: the good contact with changes; None takes a member out."""

    def make(changes: Changes | None = None) -> dict[str, Any]:
        return changed(GOOD, changes)

    return make


@pytest.fixture
def sokning(besok: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, str]]:
    """The query that names the good contact, with changes; None takes a parameter out."""

    def make(changes: Changes | None = None) -> dict[str, str]:
        query = {
            "handelseId": "kontakt-1",
            "patientId": "191212121212",
            "datum": "2025-03-03",
            "enhet.inr": "30216",
            "enhet.klin": "311",
            "enhet.avd": "002",
            **(changes or {}),
        }
        return {name: value for name, value in query.items() if value is not None}

    return make


class Counter:
    """Sends calls to a register without any network."""

    def __init__(self, settings: Settings) -> None:
        self.log = ArrivalLog(settings.clock)
        self.gvr = Gvr(settings, self.log)

    def send(
        self,
        method: str,
        message: Any = None,
        *,
        raw: bytes | None = None,
        query: str | dict[str, str] = "",
        path: str = PATH,
        content_type: str = "application/json",
        key: str | None = None,
    ) -> Reply:
        body = raw if raw is not None else (json.dumps(message).encode() if message is not None else b"")
        query = query if isinstance(query, str) else urlencode(query)
        reading = self.gvr.read(Call(method, path, query.encode("latin-1"), body, content_type, key))
        return self.gvr.handle(reading, self.gvr.arrive(reading))

    def errors(self, answer: Reply) -> list[tuple[str, str]]:
        """The answer's errors as (kod, falt)."""
        return [(fel["kod"], fel["falt"]) for fel in json.loads(answer.body)["fel"]]


@pytest.fixture
def settings() -> Settings:
    return Settings(units=None, clock=lambda: TODAY)


@pytest.fixture
def counter(settings: Settings) -> Counter:
    """A register of one's own, to which calls are handed over the counter."""
    return Counter(settings)


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    """A simulator on a real socket, shared by the tests of this folder."""
    with running(Settings(clock=lambda: TODAY)) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A client of the shared simulator, which forgets everything first."""
    with httpx.Client(base_url=address, timeout=5) as client:
        client.post("/_control/reset")
        yield client
