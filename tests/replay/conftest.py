"""An office: intake, ledger and replays with the real rules and tables, and a register that a test plays."""

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from adapter.config.model import Config
from adapter.delivery.framing import Framer, request_of
from adapter.domain.message import Outcome, OutcomeClass
from adapter.edits import Edits
from adapter.intake import Intake
from adapter.ledger.editing import Editing
from adapter.ledger.ledger import Ledger
from adapter.ledger.protocol import Claim, LaneFilter, Work
from adapter.ledger.replay import Choice, Kind
from adapter.mapping.context import MappingContext, Sender
from adapter.mapping.terminology import load_kombika
from adapter.offline import build_translator
from adapter.recording import Recorder
from adapter.registers.gvr import GvrReceiver
from adapter.registers.protocol import Request
from adapter.replay import Remaker, ReplayDesk
from adapter.resources import data_folder
from tests.support.stores import Store, store
from tests.support.world import Clock

Json = dict[str, Any]
UNIT = "SE2321000016-9ZZZ"
"""The unit of the sample ``enhet-utan-kombika``, which no shipped table knows."""

ACCEPTED = Outcome(kind=OutcomeClass.ACCEPTED, cause="http-200")
REJECTED = Outcome(kind=OutcomeClass.REJECTED, cause="gvr:KOMBIKA")
UNKNOWN = Outcome(kind=OutcomeClass.UNKNOWN, cause="read-timeout")


class Pace:
    """A clock that sleeping moves, and a note of how long was slept."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


class Office:
    """One node. `mend` makes it anew with another table, as a restart would."""

    def __init__(self, folder: Path, place: Store) -> None:
        self.clock = Clock()
        self.pace = Pace()
        self.store = place
        self.ledger: Ledger = place.open(self.clock)
        self._folder = folder / "tables"
        self._folder.mkdir()
        self._rows = (data_folder("mappings") / "tables" / "kombika.csv").read_text()
        self.requests: list[Request] = []
        self.receiver = GvrReceiver(Config().registers.gvr.settings())
        self._set_up()

    def _set_up(self) -> None:
        (self._folder / "kombika.csv").write_text(self._rows)
        translator, senders = build_translator(Config(), {"gvr": self.receiver})
        shared = replace(senders.default, kombika=load_kombika(self._folder))

        def context(sender: Sender) -> MappingContext:
            return replace(shared, sender=sender)

        self.intake = Intake(translator, self.ledger, context, clock=self.clock)

        def by_name(name: str) -> MappingContext:
            return context(Sender(name=name))

        self.remaker = Remaker(translator, Recorder(("gvr",)), by_name)
        self.edits = Edits(translator, Editing(self.ledger), by_name, clock=self.clock)
        self.desk = self.new_desk()

    def new_desk(self, sleep: Callable[[float], Awaitable[None]] | None = None) -> ReplayDesk:
        return ReplayDesk(self.ledger, self.remaker, now=self.pace, sleep=sleep or self.pace.sleep)

    async def mend(self, *rows: str) -> None:
        """A later file: the table has these rows (``kombika;hsaId;from;to``) too."""
        await self.desk.runner.stop()
        self._rows += "".join(f"{row}\n" for row in rows)
        self._set_up()

    async def replace_table(self, before: str, after: str) -> None:
        """A later file: one text of the table is another one."""
        await self.desk.runner.stop()
        self._rows = self._rows.replace(before, after)
        self._set_up()

    async def reopen(self) -> None:
        """Start the service again after it was killed: leases of a shared store run out."""
        await self.ledger.close()
        self.ledger = self.store.open(self.clock)
        if self.store.shared:
            self.clock.now += 31
        self._set_up()

    async def close(self) -> None:
        await self.desk.runner.stop()
        await self.ledger.close()

    # The sender

    async def send(self, bundle: Json) -> int:
        answer = await self.intake.submit(
            orjson.dumps(bundle), sender=Sender(name="journal"), key=None, lang="en"
        )
        return answer.status

    # The worker

    async def claim(self, limit: int = 1000) -> list[Work]:
        frame = Framer(self.receiver)
        return await self.ledger.claim(
            Claim(register="gvr", owner="worker", limit=limit, lease=30.0, frame=frame)
        )

    async def deliver(self, outcome: Outcome = ACCEPTED) -> list[Work]:
        """Send what is due; the register answers all of it with `outcome`."""
        works = await self.claim()
        for work in works:
            self.requests.append(request_of(work.attempt.request))
            await self.ledger.settle(work, outcome, None)
        return works

    # The operator

    async def plan(self, kind: Kind = "remap", rate: float = 500, **choice: Any) -> Json:
        """Plan a replay and wait for the plan."""
        begun = await self.desk.begin(kind, Choice(**choice), rate, "anna", "table mended")
        return await self.rest(begun["id"])

    async def run(self, replay_id: int) -> Json:
        """Run a replay to its end."""
        await self.desk.order(replay_id, "run", "anna")
        return await self.rest(replay_id)

    async def replay(self, kind: Kind = "remap", **choice: Any) -> Json:
        """Plan and run."""
        return await self.run((await self.plan(kind, **choice))["id"])

    async def rest(self, replay_id: int) -> Json:
        """The replay, when nobody works on it any more."""
        found = await self.desk.replay(replay_id, wait=20)
        assert found is not None
        assert found["state"] not in ("planning", "running")
        return found

    # What can be seen

    async def messages(self) -> list[Json]:
        return (await self.ledger.messages(LaneFilter(limit=1000)))["messages"]

    async def lanes(self) -> list[Json]:
        return (await self.ledger.lanes(LaneFilter(limit=1000)))["lanes"]

    async def states(self) -> list[str]:
        return [message["state"] for message in await self.messages()]

    async def facts(self, kind: str) -> list[Json]:
        """Details of audit entries of one kind."""
        rows = await self.ledger.read(
            lambda db: db.execute(
                "SELECT detail_json FROM audit WHERE kind = ? ORDER BY at, id", (kind,)
            ).fetchall()
        )
        return [orjson.loads(row[0]) for row in rows]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = Office(tmp_path, store("sqlite", tmp_path))
    yield made
    await made.close()


@pytest.fixture(params=["sqlite", "postgres"])
async def any_office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    """An office on each store there is."""
    made = Office(tmp_path, store(request.param, tmp_path))
    yield made
    await made.close()


def contact(number: int = 1, *, unit: str = UNIT, diagnosis: str | None = None) -> Json:
    """A contact at a unit; `number` names the contact."""
    bundle = copy.deepcopy(orjson.loads((data_folder("samples") / "enhet-utan-kombika.json").read_bytes()))
    bundle.pop("identifier", None)
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Organization":
            resource["identifier"][0]["value"] = unit
        if resource["resourceType"] == "Encounter":
            resource["identifier"][0]["value"] = f"contact-{number}"
        if resource["resourceType"] == "Condition" and diagnosis:
            resource["code"]["coding"][0]["code"] = diagnosis
    return bundle
