"""The contract that every store fulfils (tests/ledger/contract runs it against each)."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import msgspec

from adapter.domain.message import Found, Operation, Outcome
from adapter.ledger.model import (
    Abilities,
    Attempt,
    AttemptKind,
    Committed,
    KnownEvent,
    Lane,
    LaneState,
    Message,
    NewEvent,
    NewReceipt,
    StoredReceipt,
    Visit,
)


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker has claimed: a lane with its token, and the attempt that is already committed.

    `body` is the body (JSON) that the attempt's request was made from: for a cancel what was accepted.
    """

    lane: Lane
    message: Message
    attempt: Attempt
    body: bytes
    abilities: Abilities


Frame = Callable[[AttemptKind, Operation, Lane, Message, bytes], tuple[bytes, str | None]]
"""Makes the frozen request of an attempt: (kind, operation, lane, message, body) to (bytes, key)."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker claims for one register. Durations are in seconds.

    `frame` runs inside the transaction and must be pure; what it raises parks the lane. `fresh` of the
    claimed lanes are the newest instead of the oldest, so that a backlog does not starve new traffic. While
    the register is paused, one lane is claimed each `probe_every`. `most` lanes of the register are leased at
    once, and `rate` attempts a second are made, whoever makes them; None: no such limit. `doubts_only`:
    nothing is to be delivered now; only outcomes that are not known are looked into.
    """

    register: str
    owner: str
    limit: int
    lease: float
    frame: Frame
    abilities: Abilities = Abilities()
    fresh: int = 0
    probe_every: float = 30.0
    most: int | None = None
    rate: float | None = None
    doubts_only: bool = False


class LaneFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which lanes or messages to list; None means any."""

    state: str | None = None
    register: str | None = None
    lane: str | None = None
    cause: str | None = None
    since: float | None = None
    limit: int = 100
    after: int = 0


class Facing(msgspec.Struct, frozen=True):
    """What a submission meets, by identifier: `known` events (none: an empty list), and the visits that
    follow on them (none: missing)."""

    known: dict[str, list[KnownEvent]]
    visits: dict[str, tuple[Visit, ...]]


class IntakeLedger(Protocol):
    """The ledger as intake sees it. All calls return after the commit; nothing is half done when they raise.

    Raises LedgerBusy, LedgerUnavailable; `commit` also StaleEvent.
    """

    async def receipt(self, sender: str, key: str) -> StoredReceipt | None:
        """The receipt that bound `key` for `sender`, if any."""
        ...

    async def message_of(self, sender: str, bundle: str) -> str | None:
        """The key of the message that a Bundle.id was seen with, None for one that was never seen."""
        ...

    async def see_message(self, sender: str, bundle: str, key: str) -> None:
        """Note that a Bundle.id has come with a message that is known. Raises StaleEvent when it came with
        another."""
        ...

    async def known(self, event_ids: Sequence[str]) -> dict[str, KnownEvent]:
        """What is known of these events; unknown ones are missing."""
        ...

    async def of_identifiers(self, sender: str, identifiers: Sequence[str]) -> Facing:
        """What is known of the events that each of a sender's identifiers names, and of the visits that
        follow on them.

        An Encounter's identifier names one event, a group's Encounter one for each of its members.
        """
        ...

    async def reported_elsewhere(
        self, sender: str, identifiers: Collection[str]
    ) -> dict[str, frozenset[str]]:
        """The registers to which another system has reported a sender's contacts, as a list says that waits
        for their first message; contacts that are on no list are missing.
        """
        ...

    async def commit(
        self, receipt: NewReceipt, events: Sequence[NewEvent], answer: Callable[[Committed], bytes]
    ) -> Committed:
        """Store receipt, versions, messages and answer in one transaction; compare-and-set on each event.

        A version older than the event's newest is stored as superseded on arrival, without messages. The
        answer is made inside the transaction, from what became of each version; `answer` must be pure.
        """
        ...


class LaneLedger(Protocol):
    """The ledger as delivery sees it. Raises LedgerBusy and LedgerUnavailable.

    Times are given as seconds from now: the only clock that counts is the ledger's. `shared`: other processes
    may deliver from it at the same time.
    """

    shared: bool

    async def claim(self, claim: Claim) -> list[Work]:
        """Lease due lanes and commit an attempt for each. Decides the operation from what was accepted.

        Leases that ran out are taken over first: with an open attempt the lane becomes unknown. A register
        that is paused or throttled gives nothing, or one lane as a probe.
        """
        ...

    async def settle(
        self, work: Work, outcome: Outcome, retry_in: float | None, answer: bytes = b""
    ) -> LaneState:
        """End an attempt and release the lane. `retry_in` None: the schedule is exhausted.

        `answer` is what the register said, kept sealed. Raises LeaseLost when the token is no longer the
        lane's.
        """
        ...

    async def settle_lookup(
        self, work: Work, found: Found, ask_in: float | None, again_in: float | None, answer: bytes = b""
    ) -> LaneState:
        """End a look-up: resolve the unknown outcome, or ask again after `ask_in`.

        `again_in` is when to deliver again if the attempt turns out to have had no effect; None: the schedule
        is exhausted. Raises LeaseLost.
        """
        ...

    async def refuse_lookup(
        self, work: Work, outcome: Outcome, ask_in: float | None, answer: bytes = b""
    ) -> LaneState:
        """End a look-up that was refused or not sent. It counts for the register as any attempt's outcome.

        Raises LeaseLost.
        """
        ...

    async def withdraw(self, work: Work) -> LaneState:
        """Give a lane back whose attempt was not sent. Raises LeaseLost."""
        ...

    async def evidence(self, work: Work, outcome: Outcome, answer: bytes = b"") -> LaneState:
        """Append an answer that came after the lease was lost; a clear answer resolves the unknown."""
        ...

    async def due_in(self, register: str) -> float | None:
        """In how many seconds the register's next lane can be claimed, None when nothing waits."""
        ...
