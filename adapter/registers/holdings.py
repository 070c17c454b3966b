"""What a register's answer to a look-up says about an attempt whose outcome is not known.

The form of the answer is not published. Assumed: it is the event as it was sent, bare, in a wrapper or in
a list, perhaps with a mark that it is *makulerad*; the status, an empty list or a count of zero say that
nothing is there. Whatever cannot be read with certainty is UNREADABLE: then nothing is resent. DIFFERENT
is the answer when in doubt about content that is there, since it only leads to an update, which can be
repeated without harm.
"""

from collections.abc import Iterator
from typing import Any

from adapter.domain.message import Found, Operation, Outcome, OutcomeClass
from adapter.registers.answers import AnswerProfile, classify
from adapter.registers.body_shape import BodyShape
from adapter.registers.confirmations import reports_error
from adapter.registers.equality import is_given, same
from adapter.registers.json_answer import UNREADABLE, read_json
from adapter.registers.names import MemberNames
from adapter.registers.protocol import Answer

_ABSENT_STATUSES = frozenset({404, 410})
_CANCELLED_FLAGS = ("makulerad", "cancelled", "canceled", "deleted", "borttagen")
_CANCELLED_TIMES = ("makuleraddatum", "makuleradtid", "makuleradtidpunkt")
_STATES = ("status", "state", "tillstand")
_YES = frozenset({"true", "j", "ja", "1", "yes", "y"})
_DEEPEST_WRAPPER = 4
_COUNTS = frozenset(
    {"antal", "antaltraffar", "antalträffar", "count", "total", "totalcount", "totalelements", "totalt"}
)
_REMARKS = frozenset(
    {"errors", "fel", "felmeddelanden", "links", "_links", "meddelanden", "messages", "varningar", "warnings"}
)
"""Lists that are not the result of a search, empty or not."""

_NOT_ASKED = frozenset(
    {
        OutcomeClass.AUTH,
        OutcomeClass.FORBIDDEN_UNIT,
        OutcomeClass.THROTTLED,
        OutcomeClass.TRANSIENT,
        OutcomeClass.NOT_SENT,
    }
)
"""What a look-up can meet that says something of our way to the register, and nothing of the event."""


def read_lookup(
    profile: AnswerProfile,
    shape: BodyShape,
    names: MemberNames,
    operation: Operation,
    body: dict[str, Any],
    answer: Answer,
) -> Found | Outcome:
    """What the register holds, compared with `body` (our names), which was sent with `operation`.

    An Outcome when the look-up was refused or not sent. A redirect is none: it tells that the look-up's path
    is wrong, and nothing of the way that deliveries take.
    """
    refused = classify(profile, operation, answer, lambda: None)
    if refused.kind in _NOT_ASKED and not 300 <= (answer.status or 0) < 400:
        return refused
    found = _held(shape, names, operation, body, answer)
    if found is Found.ABSENT and operation is Operation.CANCEL:
        return Found.EQUAL
    return found


def _held(
    shape: BodyShape, names: MemberNames, operation: Operation, body: dict[str, Any], answer: Answer
) -> Found:
    if answer.failure is not None:
        return Found.UNREADABLE
    if answer.status in _ABSENT_STATUSES or answer.status == 204:
        return Found.ABSENT
    document = read_json(answer.body) if answer.status == 200 else UNREADABLE
    if document is UNREADABLE:
        return Found.UNREADABLE
    if document is None or document == []:
        return Found.ABSENT
    if isinstance(document, dict) and reports_error(document):
        return Found.UNREADABLE
    return _compared(shape, names, operation, body, document)


def _compared(
    shape: BodyShape, names: MemberNames, operation: Operation, body: dict[str, Any], document: Any
) -> Found:
    records = list(_records(shape, names, document, body.get(shape.event_id), _DEEPEST_WRAPPER))
    if not records:
        is_empty = set(_signs(shape, names, document, body, _DEEPEST_WRAPPER)) == {False}
        return Found.ABSENT if is_empty else Found.UNREADABLE
    active = [record for record, cancelled in records if not cancelled]
    if not active:
        return Found.ABSENT
    if operation is Operation.CANCEL:
        return Found.DIFFERENT
    return _same(shape, operation, body, active[0]) if len(active) == 1 else Found.UNREADABLE


def _records(
    shape: BodyShape, names: MemberNames, document: Any, event_id: Any, depth: int
) -> Iterator[tuple[dict[str, Any], bool]]:
    """The records of our event in an answer, each with whether it is marked as makulerad."""
    if depth < 0:
        return
    if isinstance(document, list):
        for item in document:
            yield from _records(shape, names, item, event_id, depth - 1)
    elif isinstance(document, dict):
        record = names.to_ours(document)
        if record.get(shape.event_id) == event_id:
            parts = [
                record,
                *(names.to_ours(inner) for inner in document.values() if isinstance(inner, dict)),
            ]
            richest = max(parts, key=lambda part: sum(name in part for name in shape.content))
            yield richest, any(_is_cancelled(part) for part in parts)
        elif shape.event_id not in record:
            marked = _is_cancelled(document)
            for value in document.values():
                for found, cancelled in _records(shape, names, value, event_id, depth - 1):
                    yield found, cancelled or marked


def _signs(
    shape: BodyShape, names: MemberNames, document: Any, body: dict[str, Any], depth: int
) -> Iterator[bool]:
    """What an answer without our record says: False for each sign of an empty result, True for each sign
    that something is there which we cannot read."""
    if not isinstance(document, dict) or depth < 0:
        yield True
        return
    if names.to_ours(document).keys() & shape.record or body.get(shape.event_id) in document.values():
        yield True
    for name, value in document.items():
        kind = str(name).lower()
        if kind in _COUNTS and value is not None:
            yield str(value) != "0"
        elif isinstance(value, list) and kind not in _REMARKS:
            yield bool(value)
        elif isinstance(value, dict) and kind not in _REMARKS:
            yield from _signs(shape, names, value, body, depth - 1)


def _is_cancelled(record: dict[str, Any]) -> bool:
    members = {str(name).lower(): value for name, value in record.items()}
    if any(_says_yes(members.get(name)) for name in _CANCELLED_FLAGS):
        return True
    if any(members.get(name) for name in _CANCELLED_TIMES):
        return True
    states = (members.get(name) for name in _STATES)
    return any(isinstance(state, str) and _is_end(state) for state in states)


def _says_yes(flag: Any) -> bool:
    return flag is True or flag == 1 or (isinstance(flag, str) and flag.casefold() in _YES)


def _is_end(state: str) -> bool:
    return state.casefold() in ("makulerat", *_CANCELLED_FLAGS)


def _same(shape: BodyShape, operation: Operation, body: dict[str, Any], record: dict[str, Any]) -> Found:
    known = {
        name: record[name] for name in (*shape.identification, *shape.content) if is_given(record.get(name))
    }
    inner = shape.inner
    if any(not same(body.get(name), known[name], inner) for name in shape.identification if name in known):
        return Found.DIFFERENT
    if not any(name in known for name in shape.content):
        return Found.EQUAL if operation is Operation.CREATE else Found.UNREADABLE
    equal = all(same(body.get(name), known.get(name), inner) for name in shape.content)
    return Found.EQUAL if equal else Found.DIFFERENT
