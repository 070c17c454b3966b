"""What the ledger keeps, as plain immutable records. Times are UTC, seconds since 1970 (float)."""

from enum import StrEnum
from typing import Any, Literal

import msgspec

from adapter.domain.message import Found, Intent, Operation, Outcome, OutcomeClass


class LaneState(StrEnum):
    """Where a lane stands; docs/explanation/lanes draws the machine."""

    IDLE = "idle"
    WAITING = "waiting"
    """Has a message to send; `due_at` says when (a past time: now). Includes backing off."""
    LEASED = "leased"
    UNKNOWN = "unknown"
    """The outcome of an attempt is not known; `due_at` says when it is looked into, None: by an operator."""
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

AttemptKind = Literal["deliver", "resend", "probe", "lookup"]
"""What an attempt is for: to deliver; to send the same bytes with the same key again; to find out by a write
that is an error without effect when it does not fit; to ask what the register holds (has no effect)."""

Flag = Literal["order-broken", "undoes-edit", "cut-over"]
"""What an operator must know of a message: it was passed by or went past one; it undoes an edit; it was never
sent, since another system had reported the contact."""


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a register lets us do about an outcome that is not known, and how its lanes are to be run.

    `revives_by_update`: a cancelled report that comes back is an update (else it is created anew).
    `policy` skip-and-flag: a parked message does not hold those behind it; an unknown outcome always does.
    `grace` (seconds): how long after the attempt's end its request may still take effect; what is found
    earlier than that proves an effect, but never the absence of one. `timeout` (seconds): how long an answer
    is waited for.
    """

    can_look_up: bool = False
    honours_keys: bool = False
    probe_by_write: bool = False
    revives_by_update: bool = False
    policy: Literal["park", "skip-and-flag"] = "park"
    grace: float = 10.0
    timeout: float = 0.0


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


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """That a version is an operator's edit: of which revision of the event, by whom and why."""

    based_on: int
    actor: str
    reason: str


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit that follows on an earlier contact: when and where it was (YYYY-MM-DD; HSA-id or kombika), who
    the patient was (the identity number, stored sealed only) and who the staff (HSA-ids), and whether they
    met in person."""

    event_id: str
    date: str
    unit: str
    staff: tuple[str, ...]
    physical: bool
    patient: str = ""


class Meeting(msgspec.Struct, frozen=True):
    """What may belong with another event: `day` names patient, unit and day (stored as a keyed hash only)."""

    day: str
    role: Literal["contact", "visit"]


class Fate(msgspec.Struct, frozen=True):
    """What a register gets of an event version. `rule` names why it gets nothing, if it does."""

    register: str
    fate: Literal["message", "held", "refused", "not-reported", "pending"]
    rule: str | None = None


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an event. `expected_revision` is what the translation read, 0 for a new event.

    `decides` names the registers that this version decides in full: a lane that the event already has at one
    of them, and that gets no message here, receives a cancel (the contact turned into one that the register
    is not told of). It is empty while the event is pending. `fates` say of each register what it gets, `unit`
    and `care_date` (YYYY-MM-DD) where and when the contact was, for whoever asks later. `follows` are the
    identifiers of earlier contacts that this one says it follows on, as `visit`; `meeting` finds those that
    nothing links. `followed_by` are the events that were known to follow on this one when it was translated:
    they decide its type. `remade`: not the sender's word, but the same bundle read again. `protected`: the
    patient's identity is.
    """

    event_id: str
    sender: str
    identifier: str
    version: str | None
    expected_revision: int
    status: Literal["final", "corrected", "cancelled", "pending"]
    content: str
    messages: tuple[NewMessage, ...] = ()
    decides: tuple[str, ...] = ()
    edit: Edit | None = None
    fates: tuple[Fate, ...] = ()
    unit: str = ""
    care_date: str = ""
    follows: tuple[str, ...] = ()
    visit: Visit | None = None
    meeting: Meeting | None = None
    followed_by: tuple[str, ...] = ()
    remade: bool = False
    protected: bool = False


class KnownEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger knows of an event before a new version of it comes.

    `told`: there is, or was, a message of it, so that there may be something to cancel.
    """

    event_id: str
    revision: int
    version: str | None
    status: str
    content: str
    receipt_id: int
    edited: bool = False
    told: bool = True


class NewReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A submission: who, which key, which bytes (in an envelope), and the status that is answered.

    `key` is None where the submission must not bind a key (refused ones). `payload` is None for hostile,
    oversized or unauthenticated input, of which only time, size, hash and sender are kept. `replaces` is the
    receipt that the key is known to answer for, None when it is believed to be new. `bundle` is what the
    Bundle.id of a message is known by: from then on it belongs to this `key` alone.
    """

    sender: str
    key: str | None
    body_hash: str
    size: int
    received_at: float
    status: int
    payload: bytes | None
    replayable: bool = True
    replaces: int | None = None
    bundle: str | None = None


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
    """The outcome of a commit: the receipt's number and what became of each event version.

    `undone` names the events whose newest version was an operator's edit that this commit replaces.
    """

    receipt_id: int
    dispositions: dict[str, Disposition]
    undone: tuple[str, ...] = ()


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What a register holds for a lane, as far as it has confirmed it.

    `content` is empty when something stands there that may differ from the message's own content.
    `rendering` says which of the message's renderings it is: the message may have been remapped since.
    """

    message_id: int
    event_id: str
    content: str
    identity: str
    rendering: int = 0


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A stored message in its lane, without its body. `seq` counts from 1 within the lane.

    `attempts` counts the attempts that were opened for it. `attempted`: a request of it has been sent.
    `ambiguous`: of at least one of them the outcome was not known; it stays set when a look-up has settled
    it, so that exhausted retries never park it as rejected. `rendering` counts how often it was remapped.
    """

    id: int
    lane_id: int
    seq: int
    event_id: str
    receipt_id: int
    intent: Intent
    state: MessageState
    content: str
    identity: str
    unit: str
    edition: str
    care_date: str
    created_at: float
    cause: str | None = None
    attempts: int = 0
    attempted: bool = False
    ambiguous: bool = False
    flag: Flag | None = None
    rendering: int = 0


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """A slot with its state.

    `tries` counts spent attempts since the message or the lane was renewed, `asks` the look-ups without an
    answer since the outcome became unknown. `why` is the class of the outcome that parked it, or that left
    it unknown until somebody does something. `cancelled` is the identity of what the register holds as
    makulerad. `seq` is the last sequence number given. `known_as` are the members (a JSON object) by which
    the register knows the event where another system has named it: in every request they replace ours.
    """

    id: int
    register: str
    service: str
    slot: str
    state: LaneState = LaneState.IDLE
    due_at: float | None = None
    token: int = 0
    owner: str | None = None
    lease_until: float | None = None
    tries: int = 0
    asks: int = 0
    cause: str | None = None
    why: OutcomeClass | None = None
    unit: str = ""
    since: float = 0.0
    seq: int = 0
    accepted: Accepted | None = None
    cancelled: str | None = None
    known_as: str | None = None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt, committed before its first byte is sent and frozen from then on.

    `about` is the message whose body the request carries (for a cancel: the one that was accepted),
    `rendering` says which of its renderings, and `identity` is that body's identity.
    `request` is the encoded request (a register's matter, opaque here). `outcome` is None while the attempt
    is open; `evidence` is an answer that came after the lease was lost.
    """

    id: int
    lane_id: int
    message_id: int
    about: int
    identity: str
    number: int
    token: int
    kind: AttemptKind
    operation: Operation
    request: bytes
    key: str | None
    started_at: float
    ended_at: float | None = None
    outcome: Outcome | None = None
    found: Found | None = None
    evidence: Outcome | None = None
    rendering: int = 0


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A contact of a sender that another system has reported to a register, as an operator's list names it.

    `event_id` is the id that its event has or will have (of a group's Encounter, whose members have ids of
    their own, it is nobody's; empty where it does not matter). `reported` is what the other system has sent,
    where the list says it. `known_as`: see Lane.
    """

    sender: str
    identifier: str
    register: str
    event_id: str = ""
    reported: NewMessage | None = None
    known_as: str | None = None


class Fact(msgspec.Struct, frozen=True):
    """What happened, for the audit trail. `detail` holds states, counts and causes, never patient data."""

    kind: str
    message_id: int | None = None
    detail: dict[str, Any] = {}
