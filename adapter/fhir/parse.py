"""From bytes to a JSON object, within limits: the syntax layer of every door."""

import json
import re
from typing import Any

import msgspec
import orjson

from adapter.domain.finding import Findings

_BOM = b"\xef\xbb\xbf"
_PARSER_DEPTH = "1024"
_NAME_END = re.compile(rb'"\s*:')


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is refused before it is read. `size` is in bytes."""

    size: int = 16 * 1024 * 1024


def parse_object(raw: bytes, limits: Limits, findings: Findings) -> tuple[dict[str, Any] | None, int]:
    """The JSON object in `raw`, or None with a finding; beside it the HTTP status that goes with None.

    Takes UTF-8 without or with a byte-order mark. Never raises and never repeats what it read.
    """
    if len(raw) > limits.size:
        findings.add("FHIR-SIZE", limit=_megabytes(limits.size))
        return None, 413
    body = raw.removeprefix(_BOM)
    if not body.strip():
        findings.add("FHIR-JSON-NONE")
        return None, 400
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        findings.add(_why(body, error), position=str(error.pos), limit=_PARSER_DEPTH)
        return None, 400
    if not isinstance(parsed, dict):
        findings.add("FHIR-JSON-OBJECT")
        return None, 400
    return parsed, 200


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:g}"


def _why(body: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        body.decode()
    except UnicodeDecodeError:
        return "FHIR-JSON-UTF8"
    if "depth" in error.msg:
        return "FHIR-DEPTH"
    at = body[max(0, error.pos - 1) : error.pos + 9]
    if b"NaN" in at or b"Infinity" in at or "number" in error.msg:
        return "FHIR-JSON-NUMBER"
    return "FHIR-JSON"


def has_duplicate_keys(raw: bytes, keys: int) -> bool:
    """Whether an object in the JSON names a property twice, which parsers pass over in silence.

    `keys` is the number of properties that the parser kept. Only when the bytes seem to hold another number
    of property names are they read a second time. (Bytes that write some names with a space before the colon
    and others without can hide one: no writer does that, and looking for it costs more than the rest.)
    """
    if raw.count(b'":') == keys or len(_NAME_END.findall(raw)) == keys:
        return False
    found = False

    def pairs(items: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({name for name, _ in items}) < len(items)

    try:
        json.loads(raw.removeprefix(_BOM), object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return True
    return found


def count_keys(parsed: Any) -> int:
    """The number of properties of all objects in a parsed value."""
    count, waiting = 0, [parsed]
    while waiting:
        item = waiting.pop()
        if type(item) is dict:
            count += len(item)
            waiting.extend(item.values())
        elif type(item) is list:
            waiting.extend(item)
    return count
