"""What a register's answers to a write mean, where it confirms in JSON. No register has published its
answers: every reading here is assumed.

Assumed: an empty 2xx confirms; so does a JSON object that reports no error and, where it names an event,
names ours. A 202 by itself says only that the request was received: it confirms when it names our event.
A 2xx can carry a refusal. 503 is given before anything happens, 500 may come after.
"""

from typing import Any

from adapter.domain.message import Operation, Outcome, OutcomeClass
from adapter.registers.answers import AnswerProfile, classify, refused, unreadable
from adapter.registers.body_shape import BodyShape
from adapter.registers.json_answer import UNREADABLE, read_json
from adapter.registers.names import MemberNames
from adapter.registers.protocol import Answer
from adapter.registers.refusal import Refusal, read_refusal

BEFORE_EFFECT = frozenset({503})

_PLAIN_CONFIRMATIONS = frozenset({b"ok", b'"ok"', b"true"})
_ERROR_MEMBERS = frozenset(
    {
        "error",
        "errors",
        "errorcode",
        "errormessage",
        "exception",
        "fault",
        "fel",
        "felkod",
        "felmeddelande",
        "felmeddelanden",
    }
)
_VERDICT_MEMBERS = ("status", "state", "result", "resultcode", "resultat", "resultatkod", "utfall")
_REFUSING = frozenset(
    {
        "error",
        "fel",
        "failed",
        "failure",
        "rejected",
        "refused",
        "avvisad",
        "avvisat",
        "nekad",
        "ogiltig",
        "invalid",
    }
)
_SUCCESS_FLAGS = ("ok", "success", "accepted", "godkand", "godkänd", "lyckades")
_NO_ERROR: tuple[Any, ...] = (None, False, 0, "", "0", [], {})


def read_answer(
    profile: AnswerProfile,
    shape: BodyShape,
    names: MemberNames,
    operation: Operation,
    body: dict[str, Any],
    answer: Answer,
) -> Outcome:
    """The outcome of an attempt at `operation` with `body` (our names)."""
    hidden = body.get(shape.patient)

    def refusal() -> Refusal | None:
        return read_refusal(answer.body, answer.headers.get("content-type", ""), hidden, names.field_to_ours)

    if answer.failure is None and answer.status is not None and 200 <= answer.status < 300:
        verdict = _confirmation(shape, names, body, answer)
        if verdict is not None:
            return verdict
        return refused(profile, OutcomeClass.REJECTED, answer, refusal(), "answer-error")
    return classify(profile, operation, answer, refusal)


def _confirmation(
    shape: BodyShape, names: MemberNames, body: dict[str, Any], answer: Answer
) -> Outcome | None:
    """Accepted or unknown for a 2xx; None when it carries a refusal."""
    content = answer.body.strip()
    is_received = answer.status == 202
    if not content or content.lower() in _PLAIN_CONFIRMATIONS:
        return unreadable(answer, "answer-received") if is_received else _accepted(answer)
    document = read_json(content)
    if document is UNREADABLE or not isinstance(document, dict):
        return unreadable(answer)
    if answer.headers.get("content-type", "").startswith("application/problem+json") or reports_error(
        document
    ):
        return None
    named = _named_events(shape, names, document)
    if any(event_id != body.get(shape.event_id) for event_id in named):
        return unreadable(answer, "answer-mismatch")
    return unreadable(answer, "answer-received") if is_received and not named else _accepted(answer)


def reports_error(document: dict[str, Any]) -> bool:
    """Whether a JSON object says that something went wrong, by an error member, a verdict or a flag."""
    members = {str(name).lower(): value for name, value in document.items()}
    if any(members[name] not in _NO_ERROR for name in _ERROR_MEMBERS & members.keys()):
        return True
    if any(members.get(name) is False for name in _SUCCESS_FLAGS):
        return True
    return any(_refuses(members.get(name)) for name in _VERDICT_MEMBERS)


def _refuses(verdict: Any) -> bool:
    if isinstance(verdict, str):
        return verdict.strip().casefold() in _REFUSING
    return isinstance(verdict, int) and not isinstance(verdict, bool) and 400 <= verdict < 600


def _named_events(shape: BodyShape, names: MemberNames, document: dict[str, Any]) -> list[str]:
    """The event ids that an answer names, at its top or one level below (where a wrapper would have it)."""
    objects = [document, *(inner for inner in document.values() if isinstance(inner, dict))]
    found = [names.to_ours(inner).get(shape.event_id) for inner in objects]
    return [named for named in found if isinstance(named, str)]


def _accepted(answer: Answer) -> Outcome:
    return Outcome(kind=OutcomeClass.ACCEPTED, cause="accepted", status=answer.status)
