"""What a store offers to the use cases inside one transaction: tables, without any logic of their own.

The use cases (`intake`, `claiming`, `settlement`, `operations`) are written once against these protocols, so
that the stores differ in SQL only. Everything here is synchronous: it runs where the store's connection is.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from adapter.ledger.gate import Gate
from adapter.ledger.lane import Standing
from adapter.ledger.model import (
    Attempt,
    Disposition,
    Fact,
    KnownEvent,
    Lane,
    Listing,
    Message,
    NewEvent,
    NewMessage,
    NewReceipt,
    Visit,
)


class Receipts(Protocol):
    """Submissions."""

    def bound(self, sender: str, key: str) -> tuple[int, str] | None:
        """The receipt that answers for a key: its number and its body's hash."""
        ...

    def unbind(self, receipt_id: int) -> None:
        """Let a receipt answer for its key no longer."""
        ...

    def message_of(self, sender: str, bundle: str) -> str | None:
        """The key of the message that a Bundle.id was seen with."""
        ...

    def see(self, sender: str, bundle: str, key: str, now: float) -> None:
        """Note that a Bundle.id, which was never seen, has come with this message."""
        ...

    def next_id(self) -> int:
        """A number for a new receipt."""
        ...

    def add(self, receipt_id: int, receipt: NewReceipt, answer: bytes) -> None:
        """Store a receipt with its answer."""
        ...


class Events(Protocol):
    """Events and their versions."""

    def lock(self, event_ids: Iterable[str]) -> None:
        """Let nobody else bring a version of these events until the commit."""
        ...

    def known(self, event_id: str) -> KnownEvent | None:
        """What is known of an event."""
        ...

    def save(self, event: KnownEvent, new: NewEvent) -> None:
        """Insert or replace an event's row; sender and identifier come from `new`."""
        ...

    def add_version(
        self, new: NewEvent, receipt_id: int, revision: int, disposition: Disposition, at: float
    ) -> None:
        """Append a version."""
        ...


class Lanes(Protocol):
    """Lanes with their messages and attempts."""

    def of_slot(self, register: str, service: str, slot: str, now: float) -> Standing:
        """The lane of a slot, made if it is new."""
        ...

    def of_event(self, event_id: str, registers: Sequence[str]) -> list[Standing]:
        """The lanes at `registers` that have had a message of the event."""
        ...

    def standing(self, lane_id: int, *, with_last: bool = False) -> Standing | None:
        """One lane; its newest attempt only where asked for, or where the outcome is unknown."""
        ...

    def due(
        self,
        register: str,
        now: float,
        limit: int,
        fresh: int,
        shun: Sequence[str] = (),
        *,
        doubts_only: bool = False,
    ) -> list[Standing]:
        """Lanes that are due: the oldest, and `fresh` of the newest; those of units in `shun` come last.

        `doubts_only`: only those whose outcome is not known.
        """
        ...

    def expired(self, register: str, now: float, latest: float) -> list[Standing]:
        """Lanes whose lease has run out, or ends after `latest`."""
        ...

    def leased_count(self, register: str, *, living: bool = False) -> int:
        """How many lanes of a register are in workers' hands; `living`: of workers that are still there."""
        ...

    def forbidden(self, register: str, since: float) -> list[Standing]:
        """Lanes that a 403 has stopped since then: parked, or unknown and waiting for an operator."""
        ...

    def save(self, before: Standing, after: Lane, messages: Iterable[Message]) -> None:
        """Write what differs from `before`; messages are those that differ. None of them is new."""
        ...

    def next_message_id(self) -> int:
        """A number for a new message."""
        ...

    def add_message(self, message: Message, new: NewMessage) -> None:
        """Insert a message with its payloads."""
        ...

    def newest_message(self, lane_id: int) -> Message | None:
        """The lane's last message, whatever its state."""
        ...

    def message(self, message_id: int) -> Message | None:
        """One message."""
        ...

    def body(self, message_id: int, rendering: int) -> bytes:
        """A message's body, as it is or as it was before it was remapped."""
        ...

    def next_attempt_id(self) -> int:
        """A number for a new attempt."""
        ...

    def attempt(self, attempt_id: int) -> Attempt | None:
        """One attempt."""
        ...

    def open_attempt(self, lane_id: int) -> Attempt | None:
        """The attempt that a leased lane's holder is making."""
        ...

    def add_attempt(self, attempt: Attempt) -> None:
        """Insert an attempt."""
        ...

    def end_attempt(self, attempt: Attempt, answer: bytes) -> None:
        """Write an attempt's end, its outcome and evidence; `answer` empty: leave what is stored."""
        ...


class Gates(Protocol):
    """Gates of registers."""

    def gate(self, register: str, *, alone: bool = False) -> Gate:
        """A register's gate; a register that was never paused has an open one.

        `alone`: nobody else may write it until the commit.
        """
        ...

    def save(self, gate: Gate) -> None:
        """Write a gate that was read in this transaction. Raises WriteConflict."""
        ...


class Trail(Protocol):
    """The audit trail; an entry is written in the transaction of its change."""

    def add(
        self,
        fact: Fact,
        *,
        register: str | None = None,
        lane_id: int | None = None,
        receipt_id: int | None = None,
    ) -> None:
        """Append an audit entry."""
        ...


class Notices(Protocol):
    """What operators must know of: one notice for each cause that blocks lanes or a register."""

    def block(self, register: str, kind: str, cause: str) -> None:
        """One lane more is blocked for this cause: the first one starts a notice."""
        ...

    def unblock(self, register: str, kind: str, cause: str) -> None:
        """One lane less is blocked for this cause: the last one clears the notice."""
        ...


class Changes(Protocol):
    """What senders and operators are told of."""

    def tell(self, now: float, message: Message, register: str, service: str) -> None:
        """Tell the sender of a message's event that the message has got into its state."""
        ...

    def add(
        self,
        now: float,
        audience: str,
        *,
        register: str,
        state: str,
        cause: str | None = None,
        event_id: str | None = None,
        identifier: str | None = None,
        detail: str = "{}",
    ) -> None:
        """Tell an audience of something that is not a message's state."""
        ...


class Referrals(Protocol):
    """Visits that follow on earlier contacts."""

    def visits(self, sender: str, contacts: Collection[str]) -> dict[str, tuple[Visit, ...]]:
        """The visits that follow on these contacts; contacts without any are missing."""
        ...

    def take(self, event: NewEvent, now: float) -> bool:
        """Note what a version of an event says of the contacts that it follows on. Whether that is news."""
        ...


class Cutovers(Protocol):
    """Contacts that another system has reported."""

    def of_event(self, event_id: str, register: str, now: float) -> Listing | None:
        """The row that waits for a message of this event, if its contact is listed."""
        ...

    def use(self, listing: Listing, now: float) -> None:
        """The contact has found its message."""
        ...


class Transaction(Protocol):
    """One transaction."""

    @property
    def now(self) -> float:
        """The time of the transaction."""
        ...

    @property
    def strand(self) -> int:
        """The number of the connection, which no other has while this one lives."""
        ...

    @property
    def receipts(self) -> Receipts:
        """Submissions."""
        ...

    @property
    def events(self) -> Events:
        """Events and their versions."""
        ...

    @property
    def lanes(self) -> Lanes:
        """Lanes with their messages and attempts."""
        ...

    @property
    def gates(self) -> Gates:
        """Gates of registers."""
        ...

    @property
    def trail(self) -> Trail:
        """The audit trail."""
        ...

    @property
    def notices(self) -> Notices:
        """What blocks lanes and registers."""
        ...

    @property
    def cutovers(self) -> Cutovers:
        """Contacts that another system has reported."""
        ...

    @property
    def referrals(self) -> Referrals:
        """Visits that follow on earlier contacts."""
        ...

    @property
    def changes(self) -> Changes:
        """What senders and operators are told of."""
        ...
