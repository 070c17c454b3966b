"""Reads FHIR as XML into the JSON object that its JSON twin is parsed to.

What only XML can get wrong is told here: order, namespaces, attributes, texts between elements. Everything
else (unknown elements, repetitions, empty elements, wrong values) is put into the object as a JSON sender
would have written it, so that the validator objects to it by the same rules at the same places.
"""

from typing import Any

from lxml import etree

from adapter.domain.finding import Findings
from adapter.fhir.structure.explain import MAX_FINDINGS
from adapter.fhir.xml.document import parse_document
from adapter.fhir.xml.narrative import XHTML, text_form
from adapter.fhir.xml.order import ELEMENT, RESOURCE, Part, Shape, order, shape_of, shape_of_any_resource
from adapter.fhir.xml.place import path_of
from adapter.fhir.xml.values import OTHER_THAN_TEXT, json_value

FHIR = "http://hl7.org/fhir"

_SPACE = f"{{{FHIR}}}"
_SKIP = len(_SPACE)
_DIV = f"{{{XHTML}}}div"
_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
"""Where a schema is, which the root may say: nothing is fetched from there."""
_BLANKS = " \t\r\n"
_MOST_ATTRIBUTES = 20
_DEEPEST = 100
"""Levels of elements that are read; the validator takes fewer and says so at the place."""

Json = dict[str, Any]


class TooMuchWrong(Exception):
    """The most findings that are told have been made."""


def read_xml(body: bytes, findings: Findings) -> Json | None:
    """The resource in an XML document as its JSON object; None, with findings, when there is none to read, or
    so much is wrong that reading on is not worth its cost."""
    root = parse_document(body, findings)
    if root is None:
        return None
    if not str(root.tag).startswith(_SPACE):
        findings.add("FHIR-XML-NAMESPACE", "Resource")
        return None
    reader = _Reader(findings)
    try:
        return reader.resource(root, 0)
    except TooMuchWrong:
        return None


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._unknown = Shape("", {}, frozenset({"id", "url"}), exact=False)
        self._beside = shape_of(ELEMENT) or self._unknown

    def resource(self, node: etree._Element, depth: int) -> Json:
        name = str(node.tag)[_SKIP:]
        known = shape_of(name) if name in order().resources else None
        if depth == 0:
            node.attrib.pop(_LOCATION, "")
        found: Json = {"resourceType": name}
        self._attributes(node, known or _NO_ATTRIBUTES, found)
        self._members(node, known or shape_of_any_resource(), found, depth)
        return found

    def _complex(self, node: etree._Element, shape: Shape, depth: int) -> Json:
        found: Json = {}
        if node.attrib:
            self._attributes(node, shape, found)
        self._members(node, shape, found, depth)
        return found

    def _attributes(self, node: etree._Element, shape: Shape, found: Json) -> None:
        for key, text in self._items(node):
            if key in shape.attributes:
                found[str(key)] = text
            else:
                self._tell("FHIR-XML-ATTRIBUTE", node)

    def _items(self, node: etree._Element) -> list[tuple[str, str]]:
        """The attributes. Of very many none is looked at: lxml's time for them grows with their square."""
        if len(node.attrib) <= _MOST_ATTRIBUTES:
            return [(str(key), str(text)) for key, text in node.items()]
        self._tell("FHIR-XML-ATTRIBUTE", node)
        return []

    def _members(self, node: etree._Element, shape: Shape, found: Json, depth: int) -> None:
        if node.text is not None and node.text.strip(_BLANKS):
            self._tell("FHIR-XML-TEXT", node)
        if depth >= _DEEPEST:
            return
        parts, last = shape.parts, -1
        for child in node:
            if child.tail is not None and child.tail.strip(_BLANKS):
                self._tell("FHIR-XML-TEXT", node)
            tag = str(child.tag)
            name = tag[_SKIP:] if tag.startswith(_SPACE) else "div" if tag == _DIV else ""
            part = parts.get(name)
            if part is None or part.attribute or (part.type == "xhtml") != (tag == _DIV):
                self._misfit(child, name, part, shape, found, depth)
                continue
            if part.place >= last:
                last = part.place
            elif shape.exact:
                self._tell("FHIR-XML-ORDER", child)
            if part.type == "xhtml":
                _add(found, part, text_form(child))
            elif part.primitive:
                self._primitive(child, part, found, depth)
            else:
                _add(found, part, self._object(child, part, depth + 1))

    def _object(self, node: etree._Element, part: Part, depth: int) -> Any:
        if part.type != RESOURCE:
            value = node.get("value")
            if value is not None and len(node.attrib) == 1 and not len(node):
                return value  # a text where R4 has an object, as in STU3
            return self._complex(node, shape_of(part.type) or self._unknown, depth)
        found: Json = {}
        self._attributes(node, _NO_ATTRIBUTES, found)
        if any(text is not None and text.strip(_BLANKS) for text in (node.text, *(one.tail for one in node))):
            self._tell("FHIR-XML-TEXT", node)
        inside = [child for child in node if str(child.tag).startswith(_SPACE)]
        if len(node) > 1 or len(inside) != len(node):
            self._tell("FHIR-XML-RESOURCE", node)
        return self.resource(inside[0], depth + 1) if inside and depth < _DEEPEST else found

    def _primitive(self, node: etree._Element, part: Part, found: Json, depth: int) -> None:
        value = node.get("value")
        plain = value is not None and len(node.attrib) == 1 and not len(node) and node.text is None
        if value is not None and part.type in OTHER_THAN_TEXT:
            value = json_value(part.type, value)
        if plain and not part.many and part.name not in found and f"_{part.name}" not in found:
            found[part.name] = value
        else:
            beside = None if plain else self._what_is_beside(node, depth)
            _add_primitive(found, part, value, beside if beside or value is None else None)

    def _what_is_beside(self, node: etree._Element, depth: int) -> Json:
        found: Json = {}
        for key, text in self._items(node):
            if key == "id":
                found["id"] = text
            elif key != "value":
                self._tell("FHIR-XML-ATTRIBUTE", node)
        self._members(node, self._beside, found, depth + 1)
        return found

    def _misfit(
        self, node: etree._Element, name: str, part: Part | None, shape: Shape, found: Json, depth: int
    ) -> None:
        """An element that its type has not, or not as an element, or not in this namespace."""
        if node.tag == _DIV and not shape.exact:
            _add(found, _ANY_DIV, text_form(node))
        elif not name or node.tag == _DIV or (part is not None and not part.attribute):
            self._tell("FHIR-XML-NAMESPACE", node)
        elif part is not None:
            self._tell("FHIR-XML-ELEMENT", node)
        elif name == "resourceType" or not name.isalnum():
            self._tell("FHIR-UNKNOWN-ELEMENT", node, type=shape.name or "Element")
        else:
            self._add_unknown(node, name, found, depth)

    def _add_unknown(self, node: etree._Element, name: str, found: Json, depth: int) -> None:
        """An element that the table does not know: repeated ones are a list, as far as that can be told."""
        value = node.get("value")
        if value is not None and not len(node):
            _add(found, Part(0, name, "string", many=False, attribute=False, primitive=True), value)
            return
        inside = [child for child in node if str(child.tag).startswith(_SPACE)]
        is_wrapper = len(inside) == 1 and str(inside[0].tag)[_SKIP:] in order().resources
        kind = RESOURCE if is_wrapper else ""
        part = Part(0, name, kind, many=False, attribute=False, primitive=False)
        _add(found, part, self._object(node, part, depth + 1))

    def _tell(self, rule: str, node: etree._Element, **params: str) -> None:
        if len(self._findings) >= MAX_FINDINGS:
            raise TooMuchWrong
        self._findings.add(rule, path_of(node), **params)


_NO_ATTRIBUTES = Shape("", {}, frozenset(), exact=False)
_ANY_DIV = Part(0, "div", "xhtml", many=False, attribute=False, primitive=True)


def _add(found: Json, part: Part, value: Any) -> None:
    """Put a value where JSON has it; a repetition that is none becomes a list all the same."""
    if part.many:
        found.setdefault(part.name, []).append(value)
    elif part.name not in found:
        found[part.name] = value
    elif isinstance(found[part.name], list):
        found[part.name].append(value)
    else:
        found[part.name] = [found[part.name], value]


def _add_primitive(found: Json, part: Part, value: Any, beside: Json | None) -> None:
    """Put a primitive's value, and what stands beside it, where JSON has them: two lists of one length."""
    name, sibling = part.name, f"_{part.name}"
    if not part.many and name not in found and sibling not in found:
        if value is not None:
            found[name] = value
        if beside is not None:
            found[sibling] = beside
        return
    values, extended = _listed(found.get(name)), _listed(found.get(sibling))
    count = max(len(values), len(extended))
    values += [None] * (count - len(values)) + [value]
    extended += [None] * (count - len(extended)) + [beside]
    if any(one is not None for one in values):
        found[name] = values
    if any(one is not None for one in extended):
        found[sibling] = extended


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
