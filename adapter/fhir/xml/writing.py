"""Writes FHIR JSON as XML: elements in the order of their definitions, values as they are written in JSON."""

import re
from typing import Any

import msgspec

from adapter.fhir.xml.narrative import element_form
from adapter.fhir.xml.order import ELEMENT, RESOURCE, Part, Shape, order, shape_of, shape_of_any_resource

FHIR = "http://hl7.org/fhir"

Json = dict[str, Any]

_DECODER = msgspec.json.Decoder(float_hook=str)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ODD = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]')
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)
_INDENT = "  "


def to_xml(body: bytes, *, pretty: bool = False) -> bytes:
    """A resource in FHIR JSON as XML, with XML's declaration, in UTF-8.

    Decimals keep their digits. Characters that XML has not become U+FFFD. Raises ValueError when `body` is no
    JSON object with a resourceType.
    """
    try:
        resource = _DECODER.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError("no JSON") from error
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise ValueError("no resource")
    writer = _Writer("\n" if pretty else "")
    writer.resource(resource, 0, f' xmlns="{FHIR}"')
    return (_HEAD + "".join(writer.lines) + writer.line_end).encode()


class _Writer:
    """Writes one document. `line_end` is what stands before each element."""

    def __init__(self, line_end: str) -> None:
        self.lines: list[str] = []
        self.line_end = line_end

    def resource(self, resource: Json, depth: int, namespace: str = "") -> None:
        name = str(resource.get("resourceType", ""))
        if _NAME.fullmatch(name):
            shape = (shape_of(name) if name in order().resources else None) or shape_of_any_resource()
            self._complex(name, shape, resource, depth, namespace)

    def _complex(self, name: str, shape: Shape, value: Json, depth: int, more: str = "") -> None:
        start = len(self.lines)
        self._members(shape, value, depth + 1)
        self._wrap(start, f"{name}{more}{_attributes(shape, value)}", name, depth)

    def _wrap(self, start: int, head: str, name: str, depth: int) -> None:
        """Put an element around the lines from `start` on, or write it empty where there are none."""
        if start == len(self.lines):
            self._line(depth, f"<{head}/>")
            return
        self.lines.insert(start, self._margin(depth) + f"<{head}>")
        self._line(depth, f"</{name}>")

    def _members(self, shape: Shape, value: Json, depth: int) -> None:
        parts, known, other = shape.parts, {}, []
        for name in value:
            part = parts.get(name) or parts.get(name.removeprefix("_"))
            if part is None:
                other.append(name)
            elif not part.attribute:
                known[part.place] = part
        for _, part in sorted(known.items()):
            self._member(part, value.get(part.name), value.get(f"_{part.name}"), depth)
        for name in other:
            if name != "resourceType" and _NAME.fullmatch(name):
                self._unknown(name, value[name], depth)

    def _member(self, part: Part, value: Any, beside: Any, depth: int) -> None:
        if beside is None and part.primitive and isinstance(value, str) and part.type != "xhtml":
            self._line(depth, f'<{part.name} value="{_escaped(value)}"/>')
            return
        values = value if isinstance(value, list) else [value]
        extended = beside if isinstance(beside, list) else [beside]
        for index in range(max(len(values), len(extended) if part.primitive else 0)):
            one = values[index] if index < len(values) else None
            more = extended[index] if index < len(extended) else None
            if part.type == "xhtml":
                if isinstance(one, str):
                    self._line(depth, element_form(one))
            elif part.primitive and not isinstance(one, dict):
                self._primitive(part.name, one, more, depth)
            elif isinstance(one, dict) and not part.primitive:
                self._object(part, one, depth)
            else:
                self._unknown(part.name, one, depth)

    def _object(self, part: Part, value: Json, depth: int) -> None:
        if part.type != RESOURCE:
            self._complex(part.name, shape_of(part.type) or _EMPTY, value, depth)
            return
        start = len(self.lines)
        self.resource(value, depth + 1)
        self._wrap(start, part.name, part.name, depth)

    def _primitive(self, name: str, value: Any, beside: Any, depth: int) -> None:
        if value is None and not isinstance(beside, dict):
            return
        shape = shape_of(ELEMENT) or _EMPTY
        text = "" if value is None else f' value="{_escaped(value)}"'
        self._complex(name, shape, beside if isinstance(beside, dict) else {}, depth, text)

    def _unknown(self, name: str, value: Any, depth: int) -> None:
        """An element that the table does not know, as far as that goes."""
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                self._complex(name, _EMPTY, one, depth)
            elif one is not None and not isinstance(one, list):
                self._line(depth, f'<{name} value="{_escaped(one)}"/>')

    def _line(self, depth: int, text: str) -> None:
        self.lines.append(self._margin(depth) + text)

    def _margin(self, depth: int) -> str:
        return self.line_end + _INDENT * depth if self.line_end else ""


_EMPTY = Shape("", {}, frozenset(), exact=False)


def _attributes(shape: Shape, value: Json) -> str:
    given = [(name, value[name]) for name in ("id", "url") if name in value and name in shape.attributes]
    return "".join(f' {name}="{_escaped(text)}"' for name, text in given if isinstance(text, str))


def _escaped(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if _ODD.search(text) is None else _NOT_IN_XML.sub("\ufffd", text).translate(_ESCAPES)
