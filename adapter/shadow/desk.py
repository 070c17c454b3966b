"""What operators ask of registers in shadow mode."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import orjson

from adapter.domain.message import Found, Operation, Outcome
from adapter.errors import NotPossible
from adapter.ledger.ledger import Ledger
from adapter.ledger.sql import shadows
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.shadows import Shadow
from adapter.registers.protocol import Receiver, RegisterSettings, Transport
from adapter.shadow.comparison import compare
from adapter.shadow.report import MOST_EXAMPLES, Ours, Report, Theirs


class Compared(msgspec.Struct, frozen=True):
    """A report, how many bodies of either side were compared, and how many events were cancelled here."""

    report: Report
    ours: int
    theirs: int
    cancelled: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a register holds of some shadow messages: counts by `Found`, and a few events of each kind.

    `after` is the number of the last message that was asked for; None when there are no more. `stopped` is
    the cause for which the register was asked no further (it refuses, or cannot be reached).
    """

    counts: dict[str, int]
    examples: dict[str, tuple[str, ...]]
    after: int | None
    stopped: str | None = None


class ShadowDesk:
    """Compares what would have been sent with what others have sent; sends nothing but questions.

    `transports` makes the way to a register; it is closed after each use.
    """

    def __init__(
        self,
        ledger: Ledger,
        receivers: Mapping[str, Receiver],
        settings: Mapping[str, RegisterSettings],
        transports: Callable[[str, RegisterSettings], Transport],
    ) -> None:
        self._ledger = ledger
        self._receivers = receivers
        self._settings = settings
        self._transports = transports

    async def compare(
        self, register: str, theirs: Sequence[dict[str, Any]], *, since: str = "", until: str = ""
    ) -> Compared:
        """Compare the newest shadow message of each lane with another system's bodies.

        `since` and `until` are dates of care (inclusive, empty: any) and choose from both sides. Raises
        NotPossible for a register that is not enabled.
        """
        receiver = self._receiver(register)
        adopted = [Theirs(place, receiver.adopt(body)) for place, body in enumerate(theirs)]
        chosen = [one for one in adopted if _within(receiver, one.body, since, until)]

        def ask(db: Database) -> Compared:
            counted: Counter[str] = Counter()
            ours = _ours(shadows.newest(db, register, since=since, until=until), counted)
            report = compare(receiver, ours, chosen)
            return Compared(report, counted["report"], len(chosen), counted["cancel"])

        return await self._ledger.read(ask)

    async def look_up(
        self, register: str, *, since: str = "", until: str = "", after: int = 0, limit: int = 50
    ) -> Asked:
        """Ask the register what it holds of the next shadow messages after number `after`, one by one.

        Raises NotPossible for a register that is not enabled or has no look-up.
        """
        receiver, settings = self._receiver(register), self._settings[register]
        if settings.lookup is None:
            raise NotPossible(f"{register} has no look-up: set lookup under [registers.{register}].")
        found = await self._ledger.read(
            lambda db: list(shadows.newest(db, register, since=since, until=until, after=after, limit=limit))
        )
        transport = self._transports(register, settings)
        try:
            return await _ask(receiver, transport, found, limit, settings.rate)
        finally:
            await transport.close()

    def _receiver(self, register: str) -> Receiver:
        receiver = self._receivers.get(register)
        if receiver is None:
            raise NotPossible(f"{register} is not enabled.")
        return receiver


def _within(receiver: Receiver, body: dict[str, Any], since: str, until: str) -> bool:
    """Whether a body is of the period; one that names no contact is kept, to be told of."""
    key = receiver.natural_key("", body)
    if key is None:
        return True
    first, last = since.replace("-", ""), until.replace("-", "")
    return key[2] >= first and (not last or key[2] <= last)


def _ours(found: Iterator[Shadow], counted: Counter[str]) -> Iterator[Ours]:
    for shadow in found:
        counted[shadow.intent] += 1
        if shadow.intent == "report":
            yield Ours(shadow.event_id, shadow.service, shadow.unit, orjson.loads(shadow.body))


async def _ask(
    receiver: Receiver, transport: Transport, found: Sequence[Shadow], limit: int, rate: float | None
) -> Asked:
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = defaultdict(list)
    after, stopped = 0, None
    for shadow in found:
        said = await _found(receiver, transport, shadow)
        if isinstance(said, Outcome):
            stopped = said.cause
            break
        after = shadow.id
        if said is not None:
            counts[said.value] += 1
            if len(examples[said.value]) < MOST_EXAMPLES:
                examples[said.value].append(shadow.event_id)
        if rate is not None:
            await asyncio.sleep(1 / rate)
    return Asked(
        counts=dict(counts),
        examples={kind: tuple(events) for kind, events in examples.items()},
        after=after if stopped is None and len(found) == limit else None,
        stopped=stopped,
    )


async def _found(receiver: Receiver, transport: Transport, shadow: Shadow) -> Found | Outcome | None:
    """What the register says of one message; None where it cannot be asked for it."""
    if shadow.intent != "report":
        return None
    body = orjson.loads(shadow.body)
    request = receiver.lookup(shadow.service, body)
    if request is None:
        return None
    return receiver.read_lookup(Operation.CREATE, body, await transport.send(request))
