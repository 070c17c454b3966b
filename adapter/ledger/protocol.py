"""The contract that every store fulfils (tests/ledger/contract runs it against each)."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from adapter.domain.message import Found, Operation, Outcome
from adapter.ledger.model import (
    Accepted,
    Attempt,
    Committed,
    KnownEvent,
    Lane,
    LaneState,
    Message,
    NewEvent,
    NewReceipt,
    StoredReceipt,
)


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker has claimed: a lane with its token, and the attempt that is already committed."""

    lane: Lane
    message: Message
    attempt: Attempt
    accepted: Accepted | None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """How a worker claims for one register. Durations are in seconds.

    `frame` makes the frozen request of an attempt: (kind, operation, lane, message, accepted) to
    (bytes, key). It runs inside the transaction and must be pure. The flags are the register's abilities.
    """

    register: str
    owner: str
    limit: int
    lease: float
    frame: Callable[
        [Literal["deliver", "resend", "probe", "lookup"], Operation, Lane, Message, Accepted | None],
        tuple[bytes, str | None],
    ]
    can_look_up: bool = False
    honours_keys: bool = False
    probe_by_write: bool = False


class LaneFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which lanes or messages to list; None means any."""

    state: str | None = None
    register: str | None = None
    lane: str | None = None
    since: float | None = None
    limit: int = 100
    after: int = 0


class IntakeLedger(Protocol):
    """The ledger as intake sees it. All calls return after the commit; nothing is half done when they raise.

    Raises LedgerBusy, LedgerUnavailable; `commit` also StaleEvent.
    """

    async def receipt(self, sender: str, key: str) -> StoredReceipt | None:
        """The receipt that bound `key` for `sender`, if any."""
        ...

    async def known(self, event_ids: Sequence[str]) -> dict[str, KnownEvent]:
        """What is known of these events; unknown ones are missing."""
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
    """The ledger as delivery sees it."""

    async def claim(self, claim: Claim) -> list[Work]:
        """Lease due lanes and commit an attempt for each. Decides the operation from what was accepted.

        Leases that ran out are taken over first: with an open attempt the lane becomes unknown.
        """
        ...

    async def settle(self, work: Work, outcome: Outcome, retry_at: float | None) -> LaneState:
        """End an attempt and release the lane. `retry_at` None: the schedule is exhausted.

        Raises LeaseLost when the token is no longer the lane's.
        """
        ...

    async def settle_lookup(self, work: Work, found: Found, retry_at: float | None) -> LaneState:
        """End a look-up: resolve the unknown outcome, or ask again at `retry_at`."""
        ...

    async def evidence(self, work: Work, outcome: Outcome) -> LaneState:
        """Append an answer that came after the lease was lost; a clear answer resolves the unknown."""
        ...

    async def next_due(self, register: str) -> float | None:
        """When the register's next lane is due, None when nothing waits."""
        ...
