"""Intake, edits and a worker that is played by hand, on one ledger."""

import copy
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.config.model import Config
from adapter.delivery.framing import Framer
from adapter.domain.message import Operation, Outcome, OutcomeClass
from adapter.edits import Edits
from adapter.intake import Intake
from adapter.ledger.editing import Editing
from adapter.ledger.model import Edit
from adapter.ledger.protocol import Claim, LaneFilter
from adapter.ledger.sqlite import SqliteLedger
from adapter.mapping.context import Sender
from adapter.offline import Senders, build_translator, contexts_by_name
from adapter.registers.gvr import GvrReceiver
from adapter.resources import data_folder
from adapter.translation import Translator

Json = dict[str, Any]
SENDER = Sender(name="journal")
ACCEPTED = Outcome(kind=OutcomeClass.ACCEPTED, cause="accepted")
UNKNOWN = Outcome(kind=OutcomeClass.UNKNOWN, cause="read-timeout")


@cache
def _translation() -> tuple[Translator, Senders]:
    config = Config()
    return build_translator(config, {"gvr": GvrReceiver(config.registers.gvr.settings())})


def sample(name: str) -> Json:
    return copy.deepcopy(orjson.loads((data_folder("samples") / f"{name}.json").read_bytes()))


def resources(bundle: Json, kind: str) -> list[Json]:
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def with_code(bundle: Json, code: str, number: int = 0) -> Json:
    """The bundle with another diagnosis."""
    edited = copy.deepcopy(bundle)
    resources(edited, "Condition")[number]["code"]["coding"][0]["code"] = code
    return edited


class Office:
    """A sender, operators and a worker."""

    def __init__(self, ledger: SqliteLedger, *, four_eyes: bool = False) -> None:
        translator, senders = _translation()
        self.ledger = ledger
        self.intake = Intake(translator, ledger, senders.context)
        contexts = contexts_by_name(Config(), senders)
        self.edits = Edits(translator, Editing(ledger), contexts, four_eyes=four_eyes)

    async def send(self, bundle: Json) -> list[str]:
        """Send a bundle and answer the events that it names, each once."""
        sent = bundle | {"identifier": {"system": "urn:test", "value": repr(hash(orjson.dumps(bundle)))}}
        answer = await self.intake.submit(orjson.dumps(sent), sender=SENDER, key=None, lang="en")
        assert answer.status == 200, answer.body
        return list(dict.fromkeys(message["event_id"] for message in await self.messages()))

    async def bundle(self, event: str) -> Json:
        """The event's newest bundle, as it is kept."""
        found = await self.edits.source(event, "reader")
        assert found is not None
        bundle: Json = found["bundle"]
        return bundle

    async def edit(
        self, event: str, bundle: Json, based_on: int = 1, actor: str = "anna", reason: str = "wrong code"
    ) -> Json:
        """Submit an edited bundle."""
        found = await self.edits.submit(
            event, bundle, Edit(based_on=based_on, actor=actor, reason=reason), "en"
        )
        assert found is not None
        return found

    async def try_out(self, event: str, bundle: Json, based_on: int = 1) -> Json:
        """Try an edited bundle out."""
        found = await self.edits.try_out(
            event, bundle, Edit(based_on=based_on, actor="anna", reason="wrong code"), "en"
        )
        assert found is not None
        return found

    async def deliver(self, outcome: Outcome = ACCEPTED) -> list[tuple[Operation, Json]]:
        """Make one attempt in each lane that is due, and let it end so; what was sent to the register."""
        settings = Config().registers.gvr.settings()
        works = await self.ledger.claim(
            Claim(register="gvr", owner="w", limit=50, lease=30.0, frame=Framer(GvrReceiver(settings)))
        )
        for work in works:
            await self.ledger.settle(work, outcome, None)
        return [(work.attempt.operation, orjson.loads(work.body)) for work in works]

    async def messages(self) -> list[Json]:
        found: list[Json] = (await self.ledger.messages(LaneFilter()))["messages"]
        return found

    async def states(self) -> list[str]:
        """The states of all messages, in their order."""
        return [message["state"] for message in await self.messages()]

    async def event(self, event: str) -> Json:
        found = await self.ledger.event(event)
        assert found is not None
        return found

    async def audited(self) -> list[tuple[str, Json]]:
        """Kind and detail of every entry of the audit trail."""
        rows = await self.ledger.read(
            lambda db: db.execute("SELECT kind, detail_json FROM audit ORDER BY id").fetchall()
        )
        return [(kind, orjson.loads(detail)) for kind, detail in rows]


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqliteLedger]:
    ledger = SqliteLedger.open(tmp_path / "ledger.db", reserve=0)
    yield ledger
    await ledger.close()


@pytest.fixture
def office(ledger: SqliteLedger) -> Office:
    return Office(ledger)


@pytest.fixture
def careful(ledger: SqliteLedger) -> Office:
    """An office where two persons are required."""
    return Office(ledger, four_eyes=True)
