"""From bytes to a JSON object, within limits: the syntax layer of every door. XML becomes the same object."""

import json
import re
from typing import Any

import msgspec
import orjson

from adapter.domain.finding import Findings
from adapter.fhir.xml.reading import read_xml

_BOM = b"\xef\xbb\xbf"
_PARSER_DEPTH = "1024"
_NAME_END = re.compile(rb'"\s*:')


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is refused before it is read: `size` in bytes, and a bundle with more than so many `entries`."""

    size: int = 16 * 1024 * 1024
    entries: int = 20_000


def parse_object(raw: bytes, limits: Limits, findings: Findings) -> tuple[dict[str, Any] | None, int]:
    """The JSON object in `raw`, or None with a finding; beside it the HTTP status that goes with None.

    Takes JSON and XML, told apart by the first character, in UTF-8 without or with a byte-order mark. What
    only XML can get wrong is found here already. Never raises and never repeats what it read.
    """
    if len(raw) > limits.size:
        findings.add("FHIR-SIZE", limit=_megabytes(limits.size))
        return None, 413
    body = raw.removeprefix(_BOM)
    if not body.strip():
        findings.add("FHIR-JSON-NONE")
        return None, 400
    if body[:1] != b"{" and is_xml(body):
        if body.count(b"<") > MOST_TAGS:
            findings.add("FHIR-XML-TAGS", limit=str(MOST_TAGS))
            return None, 413
        return read_xml(body.lstrip(), findings), 400
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        findings.add(_why(body, error), position=str(error.pos), limit=_PARSER_DEPTH)
        return None, 400
    if not isinstance(parsed, dict):
        findings.add("FHIR-JSON-OBJECT")
        return None, 400
    return parsed, 200


MOST_TAGS = 600_000
"""More than the largest bundle that is taken has: tags of four bytes would cost far more than its letters."""

UNREADABLE = ("FHIR-JSON", "FHIR-XML-SYNTAX", "FHIR-XML-ENCODING", "FHIR-XML-DTD", "FHIR-XML-INSTRUCTION")
"""How the ids of the rules begin that say that content could not be read at all, or must not be."""


def is_xml(raw: bytes) -> bool:
    """Whether the content is meant as XML: its first character is an angle bracket, in UTF-8 or in UTF-16."""
    first = raw[:64].removeprefix(_BOM).lstrip(b" \t\r\n")
    return first.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\0<", b"\0<"))


def parsed_again(raw: bytes) -> dict[str, Any]:
    """The object in bytes that were read before without objection to their syntax. Raises ValueError for
    others."""
    if is_xml(raw):
        found = read_xml(raw.removeprefix(_BOM).lstrip(), _Unheard({}))
    else:
        found = orjson.loads(raw.removeprefix(_BOM))
    if not isinstance(found, dict):
        raise ValueError("no JSON object and no XML document")
    return found


class _Unheard(Findings):
    """Of what is read again nothing needs to be told again."""

    def add(self, *_: object, **__: object) -> None:
        """Tell nobody."""


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


def may_have_duplicates(raw: bytes, keys: int) -> bool:
    """Whether the JSON seems to hold more property names than the `keys` that the parser kept.

    Parsers pass over a second property of the same name in silence. (Bytes that write some names with a
    space before the colon and others without can hide one: no writer does that, and looking for it costs
    more than the rest.)
    """
    return raw.count(b'":') != keys and len(_NAME_END.findall(raw)) != keys


def duplicates(raw: bytes) -> list[tuple[str | int, ...]]:
    """The places of the objects that name a property twice, as steps from the root."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(items)
        return members if len(members) == len(items) else _Twice(members)

    try:
        parsed = json.loads(raw.removeprefix(_BOM), object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return [()]
    found: list[tuple[str | int, ...]] = []
    waiting: list[tuple[Any, tuple[str | int, ...]]] = [(parsed, ())]
    while waiting:
        item, place = waiting.pop()
        if type(item) is _Twice:
            found.append(place)
        if isinstance(item, dict):
            waiting += [(inner, (*place, name)) for name, inner in item.items()]
        elif isinstance(item, list):
            waiting += [(inner, (*place, index)) for index, inner in enumerate(item)]
    return found[::-1]


class _Twice(dict[str, Any]):
    """An object in which some property was named twice."""


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
