"""What an answer means by HTTP alone: the table of docs/explanation/outcomes, for every receiver over REST.

A receiver reads its own confirmations and asks this module for everything else.
"""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from math import isfinite

import msgspec

from adapter.domain.message import Operation, Outcome, OutcomeClass
from adapter.registers.protocol import Answer
from adapter.registers.reasons import reason_of
from adapter.registers.refusal import Refusal

LONGEST_WAIT = 86_400.0
"""Seconds: a register that asks for a longer wait is asked again after a day."""

_NOT_SENT = frozenset({"dns", "connect", "connect-timeout", "pool-timeout", "tls-refused"})
_UNAUTHENTICATED = frozenset({401, 407, 511})
_TRY_AGAIN = frozenset({408, 425})
_MOVED = frozenset({301, 302, 307, 308})
"""A redirect of a write is not followed: it would carry an identity number to an address nobody configured.
Nothing has happened at the register and everything else will meet the same, so the register is paused."""


class AnswerProfile(msgspec.Struct, frozen=True, kw_only=True):
    """How one register answers, beyond HTTP. `before_effect`: statuses (500, 503) that it gives only when
    it has not begun to act on the request."""

    register: str
    before_effect: frozenset[int]


def classify(
    profile: AnswerProfile,
    operation: Operation,
    answer: Answer,
    read_refusal: Callable[[], Refusal | None],
) -> Outcome:
    """The outcome of an attempt whose answer is no confirmation; `read_refusal` reads the body on demand."""
    if answer.failure is not None:
        return _outcome(_of_failure(answer.failure), answer.failure, answer)
    status = answer.status
    if status is None:
        return _outcome(OutcomeClass.UNKNOWN, "no-answer", answer)
    kind = _of_status(profile, operation, answer, status)
    if kind is OutcomeClass.THROTTLED:
        return _outcome(kind, f"http-{status}", answer, retry_after=retry_after(answer))
    if kind in (OutcomeClass.REJECTED, OutcomeClass.FORBIDDEN_UNIT):
        return refused(profile, kind, answer, read_refusal(), f"http-{status}")
    return _outcome(kind, f"http-{status}", answer)


def refused(
    profile: AnswerProfile, kind: OutcomeClass, answer: Answer, refusal: Refusal | None, cause: str
) -> Outcome:
    """A refusal with what the register said about it; its own error code makes the cause when it has one."""
    if refusal is None:
        return _outcome(kind, cause, answer)
    return Outcome(
        kind=kind,
        cause=f"{profile.register}:{refusal.code}" if refusal.code else cause,
        reason=refusal.reason or reason_of(cause),
        field=refusal.field,
        status=answer.status,
    )


def unreadable(answer: Answer, cause: str = "answer-unreadable") -> Outcome:
    """A 2xx that is no confirmation that we understand: what it did is not known."""
    return _outcome(OutcomeClass.UNKNOWN, cause, answer)


def retry_after(answer: Answer) -> float | None:
    """Seconds to wait by Retry-After: a number, or a date, which is counted from the answer's own Date.

    None when the header is missing or unreadable, or gives a date and the answer has none.
    """
    value = answer.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _until(value, answer.headers.get("date", ""))
    return min(max(seconds, 0.0), LONGEST_WAIT) if isfinite(seconds) else None


def _until(then: str, now: str) -> float | None:
    try:
        seconds = (parsedate_to_datetime(then) - parsedate_to_datetime(now)).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _of_failure(failure: str) -> OutcomeClass:
    if failure in _NOT_SENT:
        return OutcomeClass.NOT_SENT
    return OutcomeClass.AUTH if failure == "tls" else OutcomeClass.UNKNOWN


def _of_status(profile: AnswerProfile, operation: Operation, answer: Answer, status: int) -> OutcomeClass:
    if status == 429 or (status == 503 and "retry-after" in answer.headers):
        return OutcomeClass.THROTTLED
    if status in _UNAUTHENTICATED or status in _MOVED:
        return OutcomeClass.AUTH
    if status in _TRY_AGAIN or status in profile.before_effect:
        return OutcomeClass.TRANSIENT
    if 400 <= status < 500:
        return _of_client_error(operation, status)
    return OutcomeClass.UNKNOWN


def _of_client_error(operation: Operation, status: int) -> OutcomeClass:
    if status == 403:
        return OutcomeClass.FORBIDDEN_UNIT
    settled = (409,) if operation is Operation.CREATE else (404, 410)
    return OutcomeClass.ELSEWHERE if status in settled else OutcomeClass.REJECTED


def _outcome(kind: OutcomeClass, cause: str, answer: Answer, retry_after: float | None = None) -> Outcome:
    return Outcome(
        kind=kind, cause=cause, reason=reason_of(cause), retry_after=retry_after, status=answer.status
    )
