"""FHIR CodeSystem as JSON: its concepts, with the periods that their properties or extensions tell.

R4 has no property for when a concept is valid; those of the CodeSystem resource's own list
(`effectiveDate`, `deprecationDate`, `retirementDate`, `inactive`, `status`) and the plain names that Swedish
servers use are known here. A concept that is retired on a day was valid until the day before; one that is
deprecated may still be used.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from adapter.mapping.editions import day_before
from adapter.terminology.days import day_of
from adapter.terminology.rows import Delivery, Row, Unreadable

_START = (
    "effectivedate",
    "effectivefrom",
    "validfrom",
    "giltigfran",
    "giltigfrom",
    "from",
    "startdate",
    "start",
)
_END = ("effectiveto", "validto", "giltigtill", "giltigtom", "tom", "to", "enddate", "end")
_RETIRED_ON = ("retirementdate", "inactivationdate", "retired")
_NO_WORD = re.compile(r"[^a-z]")
_MOST_DEPTH = 50

Json = Mapping[str, Any]


def read_code_system(name: str, raw: bytes) -> tuple[Delivery, Json]:
    """A CodeSystem, and the resource. Raises Unreadable that names the concept."""
    try:
        resource = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"{name}:{error.lineno}: this is not JSON: {error.msg}") from None
    if not isinstance(resource, dict) or resource.get("resourceType") != "CodeSystem":
        raise Unreadable(f"{name}:1: no FHIR CodeSystem")
    if not resource.get("concept"):
        raise Unreadable(f"{name}:1: the CodeSystem has no concepts (content {resource.get('content')})")
    columns = {"code": "concept.code", "from, to": "concept.property, concept.extension (effectivePeriod)"}
    delivery = Delivery(
        name=name,
        form="FHIR CodeSystem",
        rows=_rows(name, raw, resource["concept"]),
        columns=columns,
        version=str(resource.get("version") or ""),
        dated=str(resource.get("date") or "")[:10],
    )
    return delivery, resource


def _rows(name: str, raw: bytes, concepts: Any) -> Iterator[Row]:
    lines = _Lines(raw)
    for place, concept in _all(concepts, "concept", 0):
        try:
            code = concept["code"]
            if not isinstance(code, str) or not code.strip():
                raise TypeError
            line = lines.of(code)
            yield _row(line, code.strip(), concept)
        except ValueError as error:
            raise Unreadable(f"{name}:{line}: {place}: {error}") from None
        except (KeyError, TypeError, AttributeError):
            raise Unreadable(
                f"{name}:{lines.at}: {place}: a concept needs a code, and properties their values"
            ) from None


def _all(concepts: Any, place: str, depth: int) -> Iterator[tuple[str, Json]]:
    if not isinstance(concepts, list) or depth > _MOST_DEPTH:
        return
    for number, concept in enumerate(concepts):
        here = f"{place}[{number}]"
        yield here, concept
        if isinstance(concept, dict):
            yield from _all(concept.get("concept"), f"{here}.concept", depth + 1)


def _row(line: int, code: str, concept: Json) -> Row:
    start = end = retired_on = None
    retired = False
    for name, value in _properties(concept):
        if name in _START:
            start = day_of(value)
        elif name in _END:
            end = day_of(value)
        elif name in _RETIRED_ON and not isinstance(value, bool):
            retired_on = day_of(value)
        elif name in ("inactive", "retired"):
            retired = retired or value is True
        elif name == "status":
            retired = retired or str(value).lower() in ("retired", "inactive")
    for extension in concept.get("extension", ()):
        if str(extension.get("url", "")).lower().endswith("effectiveperiod"):
            period = extension.get("valuePeriod") or {}
            start, end = day_of(period.get("start")), day_of(period.get("end"))
    if end is None and retired_on is not None:
        end = day_before(retired_on)
    return Row(line=line, code=code, start=start, end=end, retired=retired and end is None)


def _properties(concept: Json) -> Iterator[tuple[str, Any]]:
    for one in concept.get("property", ()):
        values = [value for member, value in one.items() if member.startswith("value")]
        if values:
            name = _NO_WORD.sub("", str(one["code"]).lower())
            value = values[0]
            if isinstance(value, dict) and ("start" in value or "end" in value):
                yield "start", value.get("start")
                yield "end", value.get("end")
            else:
                yield name, value.get("code") if isinstance(value, dict) else value


class _Lines:
    """The line of each code, found by reading on from the one before."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._offset = 0
        self.at = 1

    def of(self, code: str) -> int:
        """The line on which the code stands next."""
        found = self._raw.find(orjson.dumps(code), self._offset)
        if found >= 0:
            self.at += self._raw.count(b"\n", self._offset, found)
            self._offset = found
        return self.at
