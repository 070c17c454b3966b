"""What the ledger keeps, as plain immutable records. Times are UTC, seconds since 1970 (float)."""

from enum import StrEnum
from typing import Literal

import msgspec

from adapter.domain.message import Found, Intent, Operation, Outcome


class LaneState(StrEnum):
    """Where a lane stands; docs/explanation/lanes draws the machine."""

    IDLE = "idle"
    WAITING = "waiting"
    """Has a message to send; `due_at` says when (a past time: now). Includes backing off."""
    LEASED = "leased"
    UNKNOWN = "unknown"
    PARKED = "parked"
    HELD = "held"
    """The newest message could not be made; nothing else is open."""


class MessageState(StrEnum):
    """Where a message stands. The first five are open, the others are ends."""

    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PARKED = "parked"
    HELD = "held"
    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"
    CLOSED = "closed"
    """A cancel of what never reached the register, or what such a cancel made needless."""
    UNCHANGED = "unchanged"
    """Equal to what the register has accepted; nothing was sent."""
    SKIPPED = "skipped"
    """Passed by under the policy skip-and-flag; order knowingly broken."""
    DISCARDED = "discarded"
    SHADOW = "shadow"


OPEN_STATES = frozenset(
    {MessageState.WAITING, MessageState.SENDING, MessageState.UNKNOWN, MessageState.PARKED, MessageState.HELD}
)


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as intake hands it over: opaque to the ledger but for the members that steer its lane.

    `body` and `trace` are JSON. `content` is the body's fingerprint (hex), `identity` that of patient and
    unit. `held` is None, or the cause token for which no message could be made (then `body` is empty).
    """

    register: str
    service: str
    slot: str
    event_id: str
    intent: Intent
    body: bytes
    trace: bytes
    content: str
    identity: str
    unit: str
    edition: str
    care_date: str
    findings: bytes = b"[]"
    held: str | None = None
    shadow: bool = False


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an event. `expected_revision` is what the translation read, 0 for a new event."""

    event_id: str
    sender: str
    identifier: str
    version: str | None
    expected_revision: int
    status: Literal["final", "corrected", "cancelled", "pending"]
    content: str
    messages: tuple[NewMessage, ...] = ()


class KnownEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger knows of an event before a new version of it comes."""

    event_id: str
    revision: int
    version: str | None
    status: str
    content: str
    receipt_id: int


class NewReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A submission: who, which key, which bytes (in an envelope), and the status that is answered.

    `key` is None where the submission must not bind a key (refused ones). `payload` is None for hostile,
    oversized or unauthenticated input, of which only time, size, hash and sender are kept.
    """

    sender: str
    key: str | None
    body_hash: str
    size: int
    received_at: float
    status: int
    payload: bytes | None
    replayable: bool = True


class StoredReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt found by its key. `newest` says whether its versions are still their events' newest."""

    receipt_id: int
    body_hash: str
    status: int
    answer: bytes
    payload: bytes | None
    replayable: bool
    newest: bool


Disposition = Literal["stored", "unchanged", "superseded-on-arrival"]


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a commit: the receipt's number and what became of each event version."""

    receipt_id: int
    dispositions: dict[str, Disposition]


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What a register holds for a lane, as far as it has confirmed it."""

    message_id: int
    body: bytes
    content: str
    identity: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A stored message in its lane. `seq` counts from 1 within the lane."""

    id: int
    lane_id: int
    seq: int
    event_id: str
    receipt_id: int
    intent: Intent
    state: MessageState
    body: bytes
    content: str
    identity: str
    unit: str
    edition: str
    care_date: str
    created_at: float
    cause: str | None = None
    attempted: bool = False
    ambiguous: bool = False


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """A slot with its state. `tries` counts spent attempts since the message or the lane was renewed."""

    id: int
    register: str
    service: str
    slot: str
    state: LaneState
    due_at: float | None = None
    token: int = 0
    owner: str | None = None
    lease_until: float | None = None
    tries: int = 0
    cause: str | None = None
    unit: str = ""
    since: float = 0.0
    accepted: Accepted | None = None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt, committed before its first byte is sent and frozen from then on.

    `request` is the encoded request (a register's matter, opaque here). `kind` tells a delivery from a
    look-up. `outcome` is None while the attempt is open.
    """

    id: int
    lane_id: int
    message_id: int
    number: int
    token: int
    kind: Literal["deliver", "resend", "probe", "lookup"]
    operation: Operation
    request: bytes
    key: str | None
    started_at: float
    ended_at: float | None = None
    outcome: Outcome | None = None
    found: Found | None = None
    evidence: bool = False
