"""Register messages before they are stored, and the vocabulary of their delivery."""

from enum import StrEnum
from typing import Any, Literal

import msgspec

from adapter.domain.text import Text
from adapter.domain.trace import TraceLine

Intent = Literal["report", "cancel"]
"""What the sender wants. Whether *report* becomes a create or an update is decided when it is attempted."""


class Operation(StrEnum):
    """What is asked of a register in one attempt."""

    CREATE = "create"
    UPDATE = "update"
    CANCEL = "cancel"


class RegisterMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message for one slot (event, register, service, staff member or patient).

    `slot` names the lane within the register; it is opaque and holds no identity number. `identity` is a
    fingerprint of the members (patient, unit) whose change means cancel and create instead of update.
    `unit` groups lanes by care unit (for answers that concern a whole unit). `edition` names the rule
    edition that judged the event. A cancel of something never accepted may have an empty body.
    """

    register: str
    service: str
    slot: str
    event_id: str
    intent: Intent
    body: dict[str, Any]
    identity: str
    unit: str
    edition: str
    care_date: str
    trace: tuple[TraceLine, ...] = ()


AWAITING_RECEIPT = "awaiting-receipt"
"""Cause of an unknown outcome that is no doubt about the way: delivered, and the verdict comes later."""


class OutcomeClass(StrEnum):
    """How an attempt ended (docs/explanation/outcomes); the lane machine knows nothing else of a register."""

    ACCEPTED = "accepted"
    NOT_SENT = "not-sent"
    TRANSIENT = "transient"
    THROTTLED = "throttled"
    AUTH = "auth"
    FORBIDDEN_UNIT = "forbidden-unit"
    REJECTED = "rejected"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The reading of a register's answer.

    `cause` is a short stable token that groups dead letters (``http-503``, ``gvr:K123``, ``read-timeout``)
    and never holds patient data; `reason` is what an operator reads; `field` the member of the body that
    the register complained about; `retry_after` is in seconds.
    """

    kind: OutcomeClass
    cause: str
    reason: Text | None = None
    field: str | None = None
    retry_after: float | None = None
    status: int | None = None


class Found(StrEnum):
    """What a look-up says the register holds for a slot."""

    EQUAL = "equal"
    """The content that was sent is there (for a cancel: it is gone or marked makulerad)."""
    DIFFERENT = "different"
    """Something else is there: the attempt has had no effect, or an older version stands."""
    ABSENT = "absent"
    """Nothing is there."""
    UNREADABLE = "unreadable"
    """The look-up itself failed or cannot be read: nothing is known."""
