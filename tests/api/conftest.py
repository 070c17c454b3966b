"""The web application on fakes: what reaches intake and the ledger is noted, answers are prepared."""

from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any

import httpx
import pytest

from adapter.answers import Answers, IntakeAnswer
from adapter.api.app import create_app
from adapter.config import Config
from adapter.domain.rule import Catalogue
from adapter.domain.text import Lang
from adapter.ledger.protocol import LaneFilter
from adapter.mapping.context import Sender
from adapter.resources import data_folder
from adapter.rules import load_packs

ADDRESS = "http://127.0.0.1:8080"


@cache
def shipped_catalogue() -> Catalogue:
    return load_packs(data_folder("mappings") / "rules").catalogue


class FakeIntake:
    def __init__(self) -> None:
        self.submitted: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []
        self.kept: list[bool] = []
        self.reply = IntakeAnswer(status=200, body=b'{"resourceType":"OperationOutcome"}')
        self.fault: Exception | None = None

    async def submit(self, raw: bytes, *, sender: Sender, key: str | None, lang: Lang) -> IntakeAnswer:
        if self.fault is not None:
            raise self.fault
        self.submitted.append({"raw": raw, "sender": sender, "key": key, "lang": lang})
        return self.reply

    async def refuse(
        self,
        status: int,
        rule: str,
        *,
        sender: Sender,
        size: int,
        body_hash: str,
        lang: Lang,
        kept: bool = True,
        **params: str,
    ) -> IntakeAnswer:
        self.refused.append({"status": status, "rule": rule, "sender": sender.name, "size": size})
        self.kept.append(kept)
        return Answers(shipped_catalogue()).refusal(status, rule, lang, **params)


class FakeLedger:
    """Answers what was put into `answers`, raises what was put there, and notes the calls."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.calls: list[tuple[Any, ...]] = []

    async def _answer(self, *call: Any) -> Any:
        self.calls.append(call)
        answer = self.answers.get(call[0])
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def summary(self) -> dict[str, Any]:
        return await self._answer("summary")

    async def lanes(self, chosen: LaneFilter) -> dict[str, Any]:
        return await self._answer("lanes", chosen)

    async def lane(self, lane_id: int) -> dict[str, Any] | None:
        return await self._answer("lane", lane_id)

    async def messages(self, chosen: LaneFilter) -> dict[str, Any]:
        return await self._answer("messages", chosen)

    async def event(self, event_id: str) -> dict[str, Any] | None:
        return await self._answer("event", event_id)

    async def dead_letters(self) -> list[dict[str, Any]]:
        return await self._answer("dead_letters")

    async def retry(self, lane_id: int, actor: str = "operator") -> Any:
        return await self._answer("retry", lane_id, actor)

    async def discard(
        self, lane_id: int, reason: str, message_id: int | None = None, actor: str = "operator"
    ) -> Any:
        return await self._answer("discard", lane_id, reason, actor)

    async def settle_unknown(self, lane_id: int, verdict: str, reason: str, actor: str = "operator") -> Any:
        return await self._answer("settle_unknown", lane_id, verdict, reason, actor)

    async def pause(self, register: str, reason: str, actor: str = "operator") -> None:
        await self._answer("pause", register, reason, actor)

    async def resume(self, register: str, actor: str = "operator") -> None:
        await self._answer("resume", register, actor)

    async def audit_verify(self) -> Any:
        return await self._answer("audit_verify")


class FakeServices:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.catalogue = shipped_catalogue()
        self.intake = FakeIntake()
        self.ledger = FakeLedger()
        self.edits: Any = None
        self.replays: Any = None
        self.rules: Any = None
        self.trials: Any = None
        self.corrections: Any = None
        self.leftovers: Any = None
        self.following: Any = None
        self.checker: Any = None
        self.shelf: Any = None
        self.own_trail: Any = None
        self.hooks: Any = None
        self.access: Any = None
        self.draining = False
        self.failing: list[str] = []

    async def failing_parts(self) -> list[str]:
        return self.failing


@pytest.fixture
def config() -> Config:
    return Config(intake={"max_bytes": 1000, "body_timeout": "50ms"})


@pytest.fixture
def services(config: Config) -> FakeServices:
    return FakeServices(config)


@pytest.fixture
async def client(services: FakeServices) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        yield client


@pytest.fixture
def post(client: httpx.AsyncClient) -> Callable[..., Any]:
    """POST to /fhir as FHIR JSON; headers can be overridden or, with None, left out."""

    async def send(content: Any = b"{}", **headers: str | None) -> httpx.Response:
        given = {"content-type": "application/fhir+json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        if headers.get("content_type", "") is None:
            del given["content-type"]
        return await client.post("/fhir", content=content, headers=given)

    return send
