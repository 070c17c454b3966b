"""What a register says when it refuses: code, text and field, whatever form it chose, and safe to show.

No register has published its error format. Understood are: RFC 9457 problems, an object with an error code
and a message under their usual Swedish or English names, lists of such objects, messages keyed by field, and
a plain line of text.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from adapter.domain.text import Text
from adapter.registers.json_answer import UNREADABLE, read_json
from adapter.registers.masking import mask_reason

_CODES = ("felkod", "errorcode", "code", "kod")
_TEXTS = (
    "felmeddelande",
    "errormessage",
    "detail",
    "message",
    "meddelande",
    "beskrivning",
    "description",
    "error_description",
    "msg",
    "orsak",
    "reason",
    "title",
    "text",
    "error",
    "fel",
)
_FIELDS = ("falt", "fält", "field", "pointer", "path", "loc", "property", "attribut", "parameter", "element")
_LISTS = ("errors", "fel", "error", "felmeddelanden", "violations", "details", "detail", "issue", "issues")
_SAYING = frozenset(_CODES + _TEXTS + _FIELDS + _LISTS)
_ROOTS = frozenset({"$", "body", "request", "#"})

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,31}")
_LONG_NUMBER = re.compile(r"[0-9]{6}")
_NAME = re.compile(r"[A-Za-zÅÄÖåäö_][A-Za-zÅÄÖåäö_\-]{0,40}")
_STEP = re.compile(r"[^.\[\]/]+")
_LONGEST_FIELD = 80
_SHOWN = 3

FieldReader = Callable[[Sequence[str | int]], str]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal, cleaned: nothing in it holds a long number or the identity that was sent."""

    code: str | None = None
    reason: Text | None = None
    field: str | None = None


def read_refusal(body: bytes, content_type: str, hidden: str | None, to_ours: FieldReader) -> Refusal | None:
    """The refusal in an error body, None when nothing there can be read.

    `hidden` is the identity number that was sent: it is masked in whatever spelling it is echoed. `to_ours`
    turns the register's path of a field into ours.
    """
    document = read_json(body)
    if document is UNREADABLE:
        line = _plain_line(body, content_type)
        return Refusal(reason=_text([line], hidden)) if line else None
    remarks = _remarks(document)
    if not remarks:
        return None
    return Refusal(
        code=next((code for remark in remarks if (code := _code(remark))), None),
        reason=_text([text for remark in remarks if (text := _message(remark))], hidden),
        field=next((field for remark in remarks if (field := _field(remark, to_ours))), None),
    )


def _plain_line(body: bytes, content_type: str) -> str | None:
    if not content_type.startswith("text/plain"):
        return None
    return body[:1000].decode("utf-8", "replace").strip() or None


def _remarks(document: Any) -> list[dict[str, Any]]:
    """The objects that say something, the most particular first, with lower-case member names."""
    if isinstance(document, list):
        return [remark for item in document[:_SHOWN] for remark in _remarks(item)]
    if isinstance(document, str):
        return [{"text": document}]
    if not isinstance(document, dict):
        return []
    members = {str(name).lower(): value for name, value in document.items()}
    inner = [remark for name in _LISTS for remark in _inner(members.get(name))]
    return [*inner, members]


def _inner(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return _remarks(value)
    if not isinstance(value, dict):
        return []
    if _is_keyed_by_field(value):
        return [{"field": field, "text": _first(said)} for field, said in list(value.items())[:_SHOWN]]
    return _remarks(value)


def _is_keyed_by_field(value: dict[str, Any]) -> bool:
    return all(isinstance(said, str | list) and name.lower() not in _SAYING for name, said in value.items())


def _first(said: Any) -> Any:
    if isinstance(said, list):
        return said[0] if said else None
    return said


def _code(remark: dict[str, Any]) -> str | None:
    for name in _CODES:
        value = remark.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and _CODE.fullmatch(value) and not _LONG_NUMBER.search(value):
            return value
    return None


def _message(remark: dict[str, Any]) -> str | None:
    for name in _TEXTS:
        value = remark.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return None


def _text(said: Sequence[str], hidden: str | None) -> Text | None:
    different = list(dict.fromkeys(said))[:_SHOWN]
    if not different:
        return None
    shown = mask_reason("; ".join(different), hidden)
    return Text(f"Registret svarade: {shown}", f"The register answered: {shown}")


def _field(remark: dict[str, Any], to_ours: FieldReader) -> str | None:
    source = remark.get("source")
    inner = [source] if isinstance(source, dict) else []
    for holder in (remark, *inner):
        for name in _FIELDS:
            tokens = _tokens(holder.get(name))
            if tokens:
                return to_ours(tokens)
    return None


def _tokens(path: Any) -> list[str | int]:
    """A path as names and indexes, from ``a[0].b``, ``/a/0/b``, ``$.a[0].b`` or ``["body", "a", 0, "b"]``.

    Empty when anything in it is neither a plain name nor a small index: it could be a value.
    """
    if isinstance(path, str) and len(path) <= _LONGEST_FIELD:
        steps: list[Any] = _STEP.findall(path)
    elif isinstance(path, list):
        steps = path
    else:
        return []
    tokens: list[str | int] = []
    for step in steps:
        if not tokens and isinstance(step, str) and step in _ROOTS:
            continue
        token = _token(step)
        if token is None:
            return []
        tokens.append(token)
    return tokens if tokens and isinstance(tokens[0], str) else []


def _token(step: Any) -> str | int | None:
    if isinstance(step, str):
        if _NAME.fullmatch(step):
            return step
        step = int(step) if step.isascii() and step.isdigit() and len(step) <= 3 else None
    return step if isinstance(step, int) and not isinstance(step, bool) and 0 <= step < 1000 else None
