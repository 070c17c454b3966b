"""The ledger: what intake, delivery and operators ask of it, on whichever store it lies."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from adapter.domain.message import Found, Outcome
from adapter.ledger import claiming, intake, operations, settlement
from adapter.ledger.audit import Verdict as AuditVerdict
from adapter.ledger.envelope import open_envelope
from adapter.ledger.lane.operating import Verdict
from adapter.ledger.model import Committed, KnownEvent, LaneState, NewEvent, NewReceipt, StoredReceipt, Visit
from adapter.ledger.protocol import Claim, Facing, LaneFilter, Work
from adapter.ledger.sql import dead_letters, queries
from adapter.ledger.sql.cutovers import Cutovers
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.intake import Events, Receipts
from adapter.ledger.sql.referrals import Referrals
from adapter.ledger.sql.session import SqlSession
from adapter.ledger.sql.times import Times
from adapter.ledger.sql.trail import verify_trail

Json = dict[str, Any]
T = TypeVar("T")


class Ledger(ABC):
    """Implements IntakeLedger, LaneLedger and the operators' queries and actions, on a store's own ways to
    write and to read. `shared`: other processes may write to it at the same time.
    """

    shared: bool

    def __init__(self) -> None:
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self.probe_every = 30.0
        self.without_means: frozenset[str] = frozenset()
        """Registers at which an unknown outcome can be settled by hand only."""
        self.naming_secret = b""
        """The installation's key of names for persons (NamingKey); empty in a ledger that has none."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what waits, and let go of the store."""

    @abstractmethod
    async def write(self, job: Callable[[SqlSession], T]) -> T:
        """Run `job` in a transaction and return after its commit. It may be run again: it must be pure but
        for its transaction. Raises LedgerBusy, LedgerUnavailable and what the job raises.
        """

    @abstractmethod
    async def read(self, ask: Callable[[Database], T]) -> T:
        """Ask something that may take its time. Raises LedgerUnavailable."""

    @abstractmethod
    async def peek(self, ask: Callable[[Database], T]) -> T:
        """Ask something that is found by an index. Raises LedgerUnavailable."""

    @abstractmethod
    def check_space(self) -> None:
        """Raise LedgerUnavailable when there is no room for submissions."""

    @abstractmethod
    def announce(self, url: str) -> None:
        """Say where this service answers, for commands on the same machine."""

    @abstractmethod
    def now(self, db: Database) -> float:
        """The ledger's time."""

    async def check_writable(self) -> None:
        """Whether a submission could be stored now. Raises LedgerUnavailable or LedgerBusy when not."""
        self.check_space()
        await self.write(lambda tx: Times(tx.db).beat(tx.now))

    def on_messages(self, listener: Callable[[frozenset[str]], None]) -> None:
        """Call `listener` with the registers that have got messages, after each commit. Only a wake-up.

        No register is named when an operator has done something, which may concern any of them.
        """
        self._listeners.append(listener)

    def wake(self, registers: frozenset[str]) -> None:
        """Tell the listeners."""
        for listener in self._listeners:
            listener(registers)

    # Intake

    async def receipt(self, sender: str, key: str) -> StoredReceipt | None:
        """The receipt that bound `key` for `sender`, if any."""
        found = await self.peek(lambda db: Receipts(db).stored(sender, key))
        if found is None:
            return None
        stored, answer = found
        return replace(stored, answer=open_envelope(answer) if answer is not None else b"")

    async def message_of(self, sender: str, bundle: str) -> str | None:
        """The key of the message that a Bundle.id was seen with (see IntakeLedger)."""
        return await self.peek(lambda db: Receipts(db).message_of(sender, bundle))

    async def see_message(self, sender: str, bundle: str, key: str) -> None:
        """Note that a Bundle.id has come with a message that is known (see IntakeLedger)."""
        await self.write(lambda tx: intake.see_message(tx, sender, bundle, key))

    async def known(self, event_ids: Sequence[str]) -> dict[str, KnownEvent]:
        """What is known of these events; unknown ones are missing."""
        found = await self.peek(lambda db: [Events(db).known(event_id) for event_id in event_ids])
        return {event.event_id: event for event in found if event is not None}

    async def of_identifiers(self, sender: str, identifiers: Sequence[str]) -> Facing:
        """What is known of the events that each identifier names (see IntakeLedger)."""
        return await self.peek(lambda db: _facing(db, sender, identifiers))

    async def visits(self, sender: str, identifiers: Collection[str]) -> dict[str, tuple[Visit, ...]]:
        """The visits that follow on a sender's contacts; contacts without any are missing."""
        return await self.peek(lambda db: Referrals(db).visits(sender, identifiers))

    async def reported_elsewhere(
        self, sender: str, identifiers: Collection[str]
    ) -> dict[str, frozenset[str]]:
        """The registers to which another system has reported these contacts (see IntakeLedger)."""
        return await self.peek(lambda db: Cutovers(db).registers(sender, identifiers))

    async def commit(
        self, receipt: NewReceipt, events: Sequence[NewEvent], answer: Callable[[Committed], bytes]
    ) -> Committed:
        """Store a submission (see IntakeLedger). Refused while the disk is nearly full."""
        self.check_space()
        committed = await self.write(lambda tx: intake.commit(tx, receipt, events, answer))
        registers = frozenset(message.register for event in events for message in event.messages)
        if registers:
            self.wake(registers)
        return committed

    # Delivery

    async def claim(self, claim: Claim) -> list[Work]:
        """Lease due lanes and commit an attempt for each (see LaneLedger)."""
        return await self.write(lambda tx: claiming.claim(tx, claim))

    async def settle(
        self, work: Work, outcome: Outcome, retry_in: float | None, answer: bytes = b""
    ) -> LaneState:
        """End an attempt and release the lane (see LaneLedger)."""
        return await self.write(
            lambda tx: settlement.settle(tx, work, outcome, retry_in, answer, self.probe_every)
        )

    async def settle_lookup(
        self, work: Work, found: Found, ask_in: float | None, again_in: float | None, answer: bytes = b""
    ) -> LaneState:
        """End a look-up (see LaneLedger)."""
        return await self.write(
            lambda tx: settlement.settle_lookup(tx, work, found, ask_in, again_in, answer)
        )

    async def refuse_lookup(
        self, work: Work, outcome: Outcome, ask_in: float | None, answer: bytes = b""
    ) -> LaneState:
        """End a look-up that was refused or not sent (see LaneLedger)."""
        return await self.write(
            lambda tx: settlement.refuse_lookup(tx, work, outcome, ask_in, answer, self.probe_every)
        )

    async def withdraw(self, work: Work) -> LaneState:
        """Give a lane back whose attempt was not sent."""
        return await self.write(lambda tx: settlement.withdraw(tx, work))

    async def evidence(self, work: Work, outcome: Outcome, answer: bytes = b"") -> LaneState:
        """Append an answer that came after the lease was lost."""
        return await self.write(lambda tx: settlement.evidence(tx, work, outcome, answer))

    async def due_in(self, register: str) -> float | None:
        """In how many seconds the register's next lane can be claimed, None when nothing waits."""
        due_at, now = await self.peek(lambda db: (queries.next_due(db, register), self.now(db)))
        return None if due_at is None else max(0.0, due_at - now)

    # Operators

    async def retry(self, lane_id: int, actor: str = "operator") -> LaneState:
        """Send a parked message again, or look into an unknown outcome again. Raises NotPossible."""
        return await self._operate(lambda tx: operations.retry(tx, lane_id, actor, self.without_means))

    async def settle_unknown(
        self, lane_id: int, verdict: Verdict, reason: str, actor: str = "operator"
    ) -> LaneState:
        """Settle an unknown outcome by hand. Raises NotPossible."""
        return await self._operate(lambda tx: operations.settle_unknown(tx, lane_id, verdict, actor, reason))

    async def discard(
        self, lane_id: int, reason: str, message_id: int | None = None, actor: str = "operator"
    ) -> LaneState:
        """Give up a message (None: the lane's front one). Raises NotPossible."""
        return await self._operate(lambda tx: operations.discard(tx, lane_id, message_id, actor, reason))

    async def pause(self, register: str, reason: str, actor: str = "operator") -> None:
        """Claim nothing for a register until it is resumed."""
        await self._operate(lambda tx: operations.pause(tx, register, actor, reason))

    async def resume(self, register: str, actor: str = "operator") -> None:
        """Let a register's lanes flow again, whatever paused it."""
        await self._operate(lambda tx: operations.resume(tx, register, actor))

    async def summary(self) -> Json:
        """Counts by state, and each register's pause and notices."""
        return await self.read(queries.summary)

    async def lanes(self, chosen: LaneFilter) -> Json:
        """A page of lanes."""
        return await self.read(lambda db: queries.lanes(db, chosen))

    async def lane(self, lane_id: int) -> Json | None:
        """One lane with its messages, attempts and causes."""
        return await self.read(lambda db: queries.lane(db, lane_id))

    async def messages(self, chosen: LaneFilter) -> Json:
        """A page of messages."""
        return await self.read(lambda db: queries.messages(db, chosen))

    async def event(self, event_id: str) -> Json | None:
        """An event with its versions and its state at each register."""
        return await self.read(lambda db: queries.event(db, event_id))

    async def dead_letters(self) -> list[Json]:
        """What waits for somebody: a group for each register, state and cause."""
        return await self.read(dead_letters.groups)

    async def notices(self, *, standing: bool = True) -> list[Json]:
        """Notices, newest first; only those that stand, or all."""
        return await self.read(lambda db: queries.notices(db, standing=standing))

    async def receipts(self, *, limit: int = 100, after: int = 0) -> list[Json]:
        """Receipts by number, without payloads."""
        return await self.read(lambda db: queries.receipts(db, limit=limit, after=after))

    async def audit_verify(self) -> AuditVerdict:
        """Check the whole audit trail."""
        return await self.read(verify_trail)

    async def _operate(self, act: Callable[[SqlSession], T]) -> T:
        result = await self.write(act)
        self.wake(frozenset())
        return result


def _facing(db: Database, sender: str, identifiers: Sequence[str]) -> Facing:
    events = Events(db)
    known = {identifier: events.of_identifier(sender, identifier) for identifier in identifiers}
    return Facing(known, Referrals(db).visits(sender, identifiers))
