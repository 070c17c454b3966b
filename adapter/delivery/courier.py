"""The courier of one register: claims lanes, sends their attempts, settles what was answered.

One task claims, some tasks send, and each answer is settled beside them, so that neither the disk nor the
register waits for the other. All that must survive is in the ledger: a courier can be killed at any moment.
"""

import asyncio
import os
import time
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

import structlog
from msgspec.structs import replace

from adapter.delivery.breaker import Breaker
from adapter.delivery.framing import Framer, answer_to_keep
from adapter.delivery.ramp import Ramp
from adapter.delivery.schedule import STANDARD, Patience, Schedule
from adapter.delivery.sending import Errand, Sender
from adapter.delivery.window import Window
from adapter.domain.message import AWAITING_RECEIPT, Found, Outcome, OutcomeClass
from adapter.errors import LeaseLost, LedgerBusy, LedgerUnavailable
from adapter.ledger.model import Abilities, LaneState
from adapter.ledger.protocol import Claim, LaneLedger, Work
from adapter.registers.protocol import Receiver, RegisterSettings, Transport

POLL = 1.0
"""Seconds after which the ledger is asked for work even if nothing woke the courier: polling is the truth."""

BEFORE_WINDOW = 5.0
"""The same while nothing is to be delivered, and only doubts are looked into."""

FRESH_SHARE = 4
"""One of so many claimed lanes is the newest instead of the oldest."""

FEW = 4
"""Where several processes claim, each claim locks out the others: one in so many places must be free."""

STOPS = frozenset({OutcomeClass.AUTH, OutcomeClass.THROTTLED})
"""Outcomes after which the register gets nothing for a while."""

SETTLING = 4
"""So many times the concurrency may wait for the disk before nothing more is claimed."""

Write = Callable[[], Coroutine[Any, Any, LaneState]]

_log = structlog.get_logger("vardbro.delivery")


class Courier:
    """Delivers one register's messages until it is stopped.

    `settings` gives the concurrency, rate, time-out and abilities; `schedule` the seconds before each
    attempt, `schedules` other ones for some classes of outcomes. `window` says when there is to be any
    delivery at all; outside of it only outcomes that are not known are looked into.
    """

    def __init__(
        self,
        *,
        register: str,
        ledger: LaneLedger,
        receiver: Receiver,
        transport: Transport,
        settings: RegisterSettings,
        schedule: tuple[float, ...] = STANDARD,
        schedules: Mapping[OutcomeClass, tuple[float, ...]] | None = None,
        breaker: Breaker | None = None,
        window: Window | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.register = register
        self._ledger = ledger
        self._transport = transport
        self._sender = Sender(receiver, transport, timeout=settings.timeout, now=now)
        self._patience = Patience(
            Schedule(schedule), {kind: Schedule(waits) for kind, waits in (schedules or {}).items()}
        )
        self._breaker = breaker or Breaker()
        self._window = window
        self._opens_in = 0.0
        self._ramp = Ramp(settings.concurrency)
        self._now = now
        self._concurrency = settings.concurrency
        self._abilities = abilities_of(settings)
        claims_ahead = _settles_itself(self._abilities) and not ledger.shared
        self._ahead = self._concurrency if claims_ahead else 0
        self._least = max(1, self._concurrency // FEW) if ledger.shared else 1
        self._claim = Claim(
            register=register,
            owner=f"{os.getpid()}-{uuid.uuid4().hex[:8]}",
            limit=0,
            lease=self._sender.lease,
            frame=Framer(receiver),
            abilities=self._abilities,
            most=self._concurrency if ledger.shared else None,
            rate=settings.rate,
        )
        self._queue: deque[Errand] = deque()
        self._sending = 0
        self._claimed = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._stir = asyncio.Event()
        self._more = True
        self._stopping = False
        self._loop: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether the courier is at work."""
        return self._loop is not None and not self._loop.done()

    def start(self) -> None:
        """Begin to deliver."""
        self._loop = asyncio.create_task(self._run(), name=f"courier-{self.register}")

    def wake(self) -> None:
        """There may be something to do."""
        self._more = True
        self._stir.set()

    async def stop(self, drain: float = 30.0) -> None:
        """Claim nothing more, give back what was not sent, let what is under way end within `drain` seconds.

        What has not ended by then stays recorded as an open attempt, whose outcome is not known.
        """
        self._stopping = True
        self._stir.set()
        deadline = self._now() + drain
        if self._loop is not None:
            await asyncio.wait([self._loop], timeout=drain)
            self._loop.cancel()
        self._withdraw_queue()
        while self._tasks and self._now() < deadline:
            await asyncio.wait(self._tasks, timeout=deadline - self._now())
        for task in self._tasks:
            task.cancel()
        await self._transport.close()

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._turn()
            except (LedgerBusy, LedgerUnavailable) as error:
                _log.warning("ledger does not answer", register=self.register, code=error.code)
                await asyncio.sleep(POLL)
            except Exception as error:  # noqa: BLE001  (a courier that is gone delivers nothing at all)
                _log.error("courier stumbled", register=self.register, error=type(error).__name__)
                await asyncio.sleep(POLL)

    async def _turn(self) -> None:
        """Claim what there is room for, or wait until something has changed."""
        self._stir.clear()
        room = self._room()
        if room == 0 or not self._more:
            await self._wait(room)
            return
        self._opens_in = await self._window.wait() if self._window is not None else 0.0
        claimed_at = self._now()
        self._more = False  # before the claim: a wake-up during it must not be forgotten
        works = await self._ledger.claim(self._limited(room))
        if self._window is not None and self._opens_in == 0.0 and len(works) < room:
            await self._window.left(nothing=not works and not self._tasks)
        self._claimed += len(works)
        self._more = self._more or len(works) == room
        self._breaker.begin(len(works))
        self._queue.extend((work, claimed_at + self._claim.lease) for work in works)
        self._send_queued()

    def _limited(self, limit: int) -> Claim:
        """The claim of so many lanes. Every fourth of all that are claimed is one of the newest."""
        fresh = (self._claimed + limit) // FRESH_SHARE - self._claimed // FRESH_SHARE
        return replace(self._claim, limit=limit, fresh=fresh, doubts_only=self._opens_in > 0.0)

    def _room(self) -> int:
        """How many lanes may be claimed now."""
        under_way = self._sending + len(self._queue)
        if len(self._tasks) >= SETTLING * self._concurrency:
            return 0
        if self._concurrency - under_way < self._least and under_way > 0:
            return 0
        most = self._ramp.room if self._ramp.room < self._concurrency else self._concurrency + self._ahead
        return max(0, self._breaker.room(most - under_way, self._now()))

    async def _wait(self, room: int) -> None:
        """Wait for a wake-up, or until the next lane is due or allowed."""
        seconds = POLL
        if self._opens_in > 0.0:
            seconds = min(BEFORE_WINDOW, self._opens_in)
        elif room > 0:
            due_in = await self._ledger.due_in(self.register)
            if due_in is not None:
                self._more = True
                seconds = min(POLL, max(due_in, POLL / 20))
        elif self._more:
            seconds = min(POLL, self._breaker.wait(self._now()) or POLL)
        try:
            async with asyncio.timeout(seconds):
                await self._stir.wait()
        except TimeoutError:
            self._more = True

    def _send_queued(self) -> None:
        """Hand queued attempts to as many tasks as there may be requests at once."""
        while self._queue and self._sending < self._concurrency and not self._stopping:
            self._sending += 1
            self._begin(self._errands(self._queue.popleft()))

    async def _errands(self, errand: Errand | None) -> None:
        """Send one attempt after the other as long as there are some."""
        try:
            while errand is not None:
                await self._send(errand)
                self._stir.set()
                errand = self._queue.popleft() if self._queue and not self._stopping else None
        finally:
            self._sending -= 1
            self._stir.set()

    async def _send(self, errand: Errand) -> None:
        work, lease_ends = errand
        if not self._sender.may_send(lease_ends):
            self._breaker.withdrawn()
            self._begin(self._withdraw(work))
            return
        if work.attempt.kind == "lookup":
            await self._look_up(work)
            return
        answer, outcome = await self._sender.deliver(work, lease_ends)
        self._note(work, outcome.kind, outcome.cause)
        kept = answer_to_keep(answer)
        retry_in = self._patience.retry_in(work, outcome.kind)
        self._begin(
            self._record(
                work,
                lambda: self._ledger.settle(work, outcome, retry_in, kept),
                lambda: self._ledger.evidence(work, outcome, kept),
            )
        )

    async def _look_up(self, work: Work) -> None:
        answer, found = await self._sender.look_up(work)
        kept = answer_to_keep(answer)
        if isinstance(found, Outcome):
            self._note(work, found.kind, found.cause)
            ask_in = self._patience.ask_in(work, found.kind)
            write = partial(self._ledger.refuse_lookup, work, found, ask_in, kept)
        else:
            unread = found is Found.UNREADABLE
            self._note(work, OutcomeClass.UNKNOWN if unread else OutcomeClass.ACCEPTED, found.value)
            ask_in, again_in = self._patience.ask_in(work), self._patience.again_in(work)
            write = partial(self._ledger.settle_lookup, work, found, ask_in, again_in, kept)
        self._begin(self._record(work, write))

    def _note(self, work: Work, kind: OutcomeClass, cause: str) -> None:
        """Log and count how an attempt ended; an end that stops the register calls back what was not sent."""
        accepted = kind is OutcomeClass.ACCEPTED or cause == AWAITING_RECEIPT
        (_log.debug if accepted else _log.info)(
            "attempted",
            register=self.register,
            lane=work.lane.id,
            message=work.message.id,
            operation=work.attempt.operation.value,
            kind=work.attempt.kind,
            number=work.attempt.number,
            outcome=kind.value,
            cause=cause,
        )
        if self._window is not None:
            self._window.note(kind)
        if self._breaker.note(OutcomeClass.ACCEPTED if accepted else kind, self._now()):
            _log.warning("breaker", register=self.register, open=self._breaker.is_open)
            self._ramp.restart()
        elif kind in STOPS:
            self._ramp.restart()
        else:
            self._ramp.answered()
        if kind in STOPS or self._breaker.is_open:
            self._withdraw_queue()

    def _withdraw_queue(self) -> None:
        while self._queue:
            self._begin(self._withdraw(self._queue.popleft()[0]))

    async def _withdraw(self, work: Work) -> None:
        await self._record(work, lambda: self._ledger.withdraw(work))

    async def _record(self, work: Work, write: Write, else_write: Write | None = None) -> None:
        """Write what became of an attempt, however long the ledger cannot: it is known only here.

        When the lease was lost meanwhile, `else_write` appends the outcome as evidence.
        """
        while True:
            try:
                state = await write()
            except LeaseLost:
                _log.warning("lease lost", register=self.register, lane=work.lane.id)
                if else_write is None:
                    return
                write, else_write = else_write, None
            except (LedgerBusy, LedgerUnavailable):
                await asyncio.sleep(POLL / 4)
            else:
                if state in (LaneState.WAITING, LaneState.UNKNOWN):
                    self.wake()
                return

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def abilities_of(settings: RegisterSettings) -> Abilities:
    """What a register's settings say that it can do."""
    return Abilities(
        can_look_up=settings.lookup is not None or settings.transport == "file",
        honours_keys=settings.idempotency,
        probe_by_write=settings.probe_by_write,
        policy=settings.policy,
        grace=settings.grace,
        timeout=settings.timeout,
    )


def _settles_itself(abilities: Abilities) -> bool:
    """Whether a doubt about an attempt that was claimed ahead and not sent would end without an operator."""
    return abilities.can_look_up or abilities.honours_keys or abilities.probe_by_write
