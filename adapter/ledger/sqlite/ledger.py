"""The ledger on SQLite."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from msgspec.structs import replace

from adapter.domain.message import Found, Outcome
from adapter.errors import LedgerUnavailable
from adapter.ledger import claiming, intake, operations, settlement
from adapter.ledger.audit import Verdict as AuditVerdict
from adapter.ledger.clock import SteadyClock
from adapter.ledger.envelope import open_envelope
from adapter.ledger.lane.operating import Verdict
from adapter.ledger.model import (
    Committed,
    KnownEvent,
    LaneState,
    NewEvent,
    NewReceipt,
    StoredReceipt,
)
from adapter.ledger.protocol import Claim, LaneFilter, Work
from adapter.ledger.sqlite import queries
from adapter.ledger.sqlite.file import FileLock, free_bytes, prepare
from adapter.ledger.sqlite.intake_tables import Events, Receipts
from adapter.ledger.sqlite.migrate import migrate
from adapter.ledger.sqlite.session import SqliteSession, connect
from adapter.ledger.sqlite.trail_tables import verify_trail
from adapter.ledger.sqlite.writer import Writer

T = TypeVar("T")

RESERVE = 64 * 1024 * 1024
"""Bytes that intake leaves free on the disk, so that what was accepted can be delivered and recorded."""

SPACE_INTERVAL = 0.25
"""Seconds between questions after the free space: in them far less than the reserve can be written."""


class SqliteLedger:
    """Implements IntakeLedger, LaneLedger and the operators' queries and actions.

    Everything that writes goes through one thread (`Writer`). Point reads of intake run where they are
    called: they are indexed and short, and in write-ahead mode nothing makes them wait. Lists run in threads.
    """

    def __init__(
        self, path: Path, lock: FileLock, writer: Writer, clock: Callable[[], float], reserve: int
    ) -> None:
        self.path = path
        self.clock = clock
        self._lock = lock
        self._writer = writer
        self._reserve = reserve
        self._readers = threading.local()
        self._all_readers: list[sqlite3.Connection] = []
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._has_space, self._ask_space_at = True, 0.0
        self.probe_every = 30.0

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        clock: Callable[[], float] | None = None,
        max_waiting: int = 2000,
        reserve: int = RESERVE,
    ) -> Self:
        """Open or make the ledger at `path` and take over whatever a killed service left in flight.

        Raises ConfigurationError (a place where no ledger can be, a newer schema), LedgerInUse (another
        service holds it), LedgerUnavailable (it cannot be opened or written).
        """
        found, clock = prepare(Path(path)), clock or SteadyClock()
        lock = FileLock(found)
        try:
            writer = Writer(lambda: _session(found, clock), max_waiting=max_waiting)
            writer.run_blocking(lambda tx: claiming.take_over_all(tx, tx.lanes.leased()))
        except sqlite3.Error as error:
            lock.release()
            raise LedgerUnavailable(f"The ledger cannot be opened ({error}).") from error
        except BaseException:
            lock.release()
            raise
        return cls(found, lock, writer, clock, reserve)

    async def close(self) -> None:
        """Finish what waits for the disk and let go of the file."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        for reader in self._all_readers:
            reader.close()
        self._lock.release()

    async def check_writable(self) -> None:
        """Whether a submission could be stored now. Raises LedgerUnavailable or LedgerBusy when not."""
        self._check_space()
        await self._writer.run(lambda _: None)

    def announce(self, url: str) -> None:
        """Say in the lock file where this service answers, for commands on the same machine."""
        self._lock.announce(url)

    def on_messages(self, listener: Callable[[frozenset[str]], None]) -> None:
        """Call `listener` with the registers that have got messages, after each commit. Only a wake-up."""
        self._listeners.append(listener)

    # Intake

    async def receipt(self, sender: str, key: str) -> StoredReceipt | None:
        """The receipt that bound `key` for `sender`, if any."""
        found = Receipts(self._reader).stored(sender, key)
        if found is None:
            return None
        stored, answer = found
        return replace(stored, answer=open_envelope(answer) if answer is not None else b"")

    async def known(self, event_ids: Sequence[str]) -> dict[str, KnownEvent]:
        """What is known of these events; unknown ones are missing."""
        events = Events(self._reader)
        found = (events.known(event_id) for event_id in event_ids)
        return {event.event_id: event for event in found if event is not None}

    async def of_identifiers(self, sender: str, identifiers: Sequence[str]) -> dict[str, list[KnownEvent]]:
        """What is known of the events that each identifier names (see IntakeLedger)."""
        events = Events(self._reader)
        return {identifier: events.of_identifier(sender, identifier) for identifier in identifiers}

    async def commit(
        self, receipt: NewReceipt, events: Sequence[NewEvent], answer: Callable[[Committed], bytes]
    ) -> Committed:
        """Store a submission (see IntakeLedger). Refused while the disk is nearly full."""
        self._check_space()
        committed = await self._writer.run(lambda tx: intake.commit(tx, receipt, events, answer))
        registers = frozenset(message.register for event in events for message in event.messages)
        for listener in self._listeners if registers else ():
            listener(registers)
        return committed

    # Delivery

    async def claim(self, claim: Claim) -> list[Work]:
        """Lease due lanes and commit an attempt for each (see LaneLedger)."""
        return await self._writer.run(lambda tx: claiming.claim(tx, claim))

    async def settle(
        self, work: Work, outcome: Outcome, retry_in: float | None, answer: bytes = b""
    ) -> LaneState:
        """End an attempt and release the lane (see LaneLedger)."""
        return await self._writer.run(
            lambda tx: settlement.settle(tx, work, outcome, retry_in, answer, self.probe_every)
        )

    async def settle_lookup(
        self, work: Work, found: Found, ask_in: float | None, again_in: float | None, answer: bytes = b""
    ) -> LaneState:
        """End a look-up (see LaneLedger)."""
        return await self._writer.run(
            lambda tx: settlement.settle_lookup(tx, work, found, ask_in, again_in, answer)
        )

    async def refuse_lookup(
        self, work: Work, outcome: Outcome, ask_in: float | None, answer: bytes = b""
    ) -> LaneState:
        """End a look-up that was refused or not sent (see LaneLedger)."""
        return await self._writer.run(
            lambda tx: settlement.refuse_lookup(tx, work, outcome, ask_in, answer, self.probe_every)
        )

    async def withdraw(self, work: Work) -> LaneState:
        """Give a lane back whose attempt was not sent."""
        return await self._writer.run(lambda tx: settlement.withdraw(tx, work))

    async def evidence(self, work: Work, outcome: Outcome, answer: bytes = b"") -> LaneState:
        """Append an answer that came after the lease was lost."""
        return await self._writer.run(lambda tx: settlement.evidence(tx, work, outcome, answer))

    async def due_in(self, register: str) -> float | None:
        """In how many seconds the register's next lane can be claimed, None when nothing waits."""
        due_at = queries.next_due(self._reader, register)
        return None if due_at is None else max(0.0, due_at - self.clock())

    # Operators

    async def retry(self, lane_id: int, actor: str = "operator") -> LaneState:
        """Send a parked message again, or look into an unknown outcome again. Raises NotPossible."""
        return await self._operate(lambda tx: operations.retry(tx, lane_id, actor))

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

    async def summary(self) -> queries.Json:
        """Counts by state, and each register's pause and notices."""
        return await self._query(queries.summary)

    async def lanes(self, chosen: LaneFilter) -> queries.Json:
        """A page of lanes."""
        return await self._query(lambda db: queries.lanes(db, chosen))

    async def lane(self, lane_id: int) -> queries.Json | None:
        """One lane with its messages, attempts and causes."""
        return await self._query(lambda db: queries.lane(db, lane_id))

    async def messages(self, chosen: LaneFilter) -> queries.Json:
        """A page of messages."""
        return await self._query(lambda db: queries.messages(db, chosen))

    async def event(self, event_id: str) -> queries.Json | None:
        """An event with its versions and its state at each register."""
        return await self._query(lambda db: queries.event(db, event_id))

    async def notices(self, *, standing: bool = True) -> list[queries.Json]:
        """Notices, newest first; only those that stand, or all."""
        return await self._query(lambda db: queries.notices(db, standing=standing))

    async def receipts(self, *, limit: int = 100, after: int = 0) -> list[queries.Json]:
        """Receipts by number, without payloads."""
        return await self._query(lambda db: queries.receipts(db, limit=limit, after=after))

    async def audit_verify(self) -> AuditVerdict:
        """Check the whole audit trail."""
        return await self._query(verify_trail)

    def _check_space(self) -> None:
        """Refuse while the disk is nearly full. The reserve is large enough to ask only now and then."""
        now = time.monotonic()
        if now >= self._ask_space_at:
            self._has_space = free_bytes(self.path) >= self._reserve
            self._ask_space_at = now + SPACE_INTERVAL
        if not self._has_space:
            raise LedgerUnavailable("The ledger's disk is nearly full.")

    async def _operate(self, act: Callable[[Any], T]) -> T:
        result = await self._writer.run(act)
        for listener in self._listeners:
            listener(frozenset())
        return result

    async def _query(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(lambda: ask(self._reader))

    @property
    def _reader(self) -> sqlite3.Connection:
        """This thread's own connection, which can only read."""
        found: sqlite3.Connection | None = getattr(self._readers, "db", None)
        if found is None:
            found = self._readers.db = connect(str(self.path), read_only=True)
            self._all_readers.append(found)
        return found


def _session(path: Path, clock: Callable[[], float]) -> tuple[sqlite3.Connection, SqliteSession]:
    db = connect(str(path))
    migrate(db)
    return db, SqliteSession(db, clock)
