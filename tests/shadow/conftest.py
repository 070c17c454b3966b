"""The real application before the real simulator, in shadow mode and out of it."""

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from adapter.api.app import create_app
from adapter.composition import Application
from adapter.config import Config
from adapter.ledger.envelope import open_envelope
from adapter.resources import data_folder
from adapter.simulator.server import running

JSON = {"content-type": "application/fhir+json"}
ADDRESS = "http://127.0.0.1:8080"
UNIT = "SE2321000016-1HZ3"
SYSTEM = "https://journal.example/vardkontakt"


def visit(number: int, *, status: str = "finished", diagnosis: str = "J18.9") -> dict[str, Any]:
    """A visit of its own number."""
    text = (data_folder("samples") / "mottagningsbesok-lakare.json").read_text()
    bundle = orjson.loads(text.replace("J18.9", diagnosis))
    bundle["identifier"]["value"] = f"visit-{number}-{status}-{diagnosis}"
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            entry["resource"]["status"] = status
            entry["resource"]["identifier"][0]["value"] = f"N{number}"
            at = f"2025-03-03T{8 + number:02}"
            period = entry["resource"]["period"]
            entry["resource"]["period"] = {name: at + when[13:] for name, when in period.items()}
    return bundle


def identifier(number: int) -> str:
    return f"{SYSTEM}|N{number}"


class Office:
    """An application, its operations API, and the register behind it."""

    def __init__(self, application: Application, register: str) -> None:
        self.application = application
        self.register = register
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(application)), base_url=ADDRESS
        )

    async def send(self, bundle: dict[str, Any]) -> httpx.Response:
        """A sender's submission."""
        answer = await self.client.post("/fhir", content=orjson.dumps(bundle), headers=JSON)
        assert answer.status_code == 200, answer.text
        return answer

    async def post(self, path: str, status: int = 200, **asked: Any) -> Any:
        """What an operator asks."""
        answer = await self.client.post(path, json=asked)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def bodies(self) -> list[dict[str, Any]]:
        """The shadow messages' bodies, under the ids of another system."""
        db = await self.application.ledger.read(
            lambda db: db.execute(
                "SELECT p.body FROM payloads p JOIN messages m ON m.id = p.message_id ORDER BY m.id"
            ).fetchall()
        )
        found = [orjson.loads(open_envelope(bytes(row[0]))) for row in db]
        return [{**body, "handelseId": f"OLD-{place}"} for place, body in enumerate(found)]

    async def states(self, number: int) -> list[str]:
        """The states of a contact's messages."""
        found = (await self.client.get("/api/messages?limit=1000")).json()["messages"]
        event = next(
            one["event_id"] for one in await self._events() if one["identifier"] == identifier(number)
        )
        return [one["state"] for one in found if one["event_id"] == event]

    async def _events(self) -> list[dict[str, Any]]:
        rows = await self.application.ledger.read(
            lambda db: db.execute("SELECT event_id, identifier FROM events").fetchall()
        )
        return [{"event_id": row[0], "identifier": row[1]} for row in rows]

    async def settled(self) -> None:
        """Wait until the couriers have nothing to do."""
        for _ in range(300):
            lanes = (await self.client.get("/api/summary")).json()["lanes"]
            if not set(lanes) & {"waiting", "leased"}:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"lanes are still busy: {lanes}")

    def received(self) -> list[tuple[str, str, int]]:
        """What the register was asked that changes something: method, event id, status."""
        log = httpx.get(f"{self.register}/_control/log?full=true", trust_env=False).json()
        entries = log if isinstance(log, list) else log["log"]
        return [
            (one["method"], one["handelseId"], one["status"]) for one in entries if one["method"] != "GET"
        ]

    def report_elsewhere(self, *bodies: dict[str, Any]) -> None:
        """Let another system report to the register."""
        for body in bodies:
            httpx.post(
                f"{self.register}/gvr/vardhandelse/besok", json=body, trust_env=False
            ).raise_for_status()

    async def close(self) -> None:
        await self.client.aclose()
        await self.application.stop()


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture
def fresh(simulator: str) -> str:
    """A register that holds nothing."""
    httpx.post(f"{simulator}/_control/reset", trust_env=False).raise_for_status()
    return simulator


@pytest.fixture
async def offices(tmp_path: Path, fresh: str) -> AsyncIterator[Callable[..., Any]]:
    """Opens the office on one ledger, with settings of the register; the one before is closed."""
    opened: list[Office] = []

    async def open_office(**gvr: Any) -> Office:
        if opened:
            await opened.pop().close()
        settings = {"url": f"{fresh}/gvr", "lookup": "/vardhandelse/besok", **copy.deepcopy(gvr)}
        application = Application.build(
            Config(
                ledger={"url": f"sqlite:///{tmp_path}/ledger.db"},
                registers={"gvr": settings},
                delivery={"schedule": ["0s", "50ms"]},
            )
        )
        await application.start()
        opened.append(Office(application, fresh))
        return opened[-1]

    yield open_office
    for office in opened:
        await office.close()
