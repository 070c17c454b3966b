"""The narrative's XHTML: well-formed, one div, nothing active, something to read (txt-1, txt-2)."""

import re
from html.entities import html5
from typing import Literal
from xml.parsers.expat import ExpatError, ParserCreate

Flaw = Literal["", "form", "active", "empty"]
"""What is wrong: no well-formed div, forbidden content (txt-1), nothing to read (txt-2)."""

_XHTML = "http://www.w3.org/1999/xhtml"
_OPEN = f'<div xmlns="{_XHTML}">'
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*;)")
_XML_ENTITIES = {"lt;", "gt;", "amp;", "quot;", "apos;"}
# HTML 4.0 chapters 7-11 (without 9.4) and 15, a, img and style: the list of the narrative's definition.
_TAG_NAMES = """
    a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2
    h3 h4 h5 h6 hr i img kbd li ol p pre q samp small span strong style sub sup table tbody td tfoot th
    thead tr tt u ul var
"""
_ATTRIBUTE_NAMES = """
    abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff cite class clear color
    colspan compact dir frame headers height href id ismap lang longdesc name noshade nowrap rel rev rowspan
    rules scope shape coords size span src start style summary tabindex title type usemap valign value width
    xml:lang xml:space
"""
_TAG = re.compile(r'([a-z0-9]+)((?:\s+[a-z:]+="[^"]*")+)\s*(/?)', re.ASCII)
_ATTRIBUTE = re.compile(r'([a-z:]+)="([^"]*)"', re.ASCII)
_TAGS = frozenset(_TAG_NAMES.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())


def is_narrative(div: str, texts: list[str]) -> bool:
    """Whether the div may stand in a narrative, if the text that is added to `texts` may stand in a string.

    Narratives with text and plain markup, as nearly all are, do not meet the XML reader.
    """
    if div[:42] == _OPEN and div[-6:] == "</div>" and "&" not in div and "]]>" not in div:
        inner = div[42:-6]
        if "<" not in inner:
            texts.append(inner)
            return True
        if _is_plain(inner, texts):
            return True
    return flaw(div) == ""


def _is_plain(inner: str, texts: list[str]) -> bool:
    """Whether the markup is beyond doubt well-formed and harmless; its text is added to `texts`."""
    said, *pieces = inner.split("<")
    inside: list[str] = []
    for piece in pieces:
        tag, _, text = piece.partition(">")
        if tag in _TAGS:
            inside.append(tag)
        elif tag[:1] == "/":
            if not inside or inside.pop() != tag[1:]:
                return False
        elif tag != "br/" and not _has_plain_attributes(tag, inside):
            return False
        said += text
    texts.append(said)
    return not inside


def _has_plain_attributes(tag: str, inside: list[str]) -> bool:
    shape = _TAG.fullmatch(tag)
    if shape is None or shape[1] not in _TAGS:
        return False
    if not shape[3]:
        inside.append(shape[1])
    attributes = _ATTRIBUTE.findall(shape[2])
    names = {name for name, _ in attributes}
    return len(names) == len(attributes) and all(map(_is_harmless, *zip(*attributes, strict=True)))


def flaw(div: str) -> Flaw:
    """The first flaw of the div, "" when there is none."""
    if "<!" in div or "<?" in div:
        return "form"
    reader = _Reader()
    try:
        reader.read(_ENTITY.sub(_expand, div))
    except (ExpatError, ValueError):
        return "form"
    if reader.outside:
        return "form"
    if reader.active:
        return "active"
    return "" if reader.content else "empty"


def _expand(entity: re.Match[str]) -> str:
    """HTML's own entities become their characters: XML knows only five of them."""
    name = entity[1]
    return entity[0] if name in _XML_ENTITIES else html5.get(name, entity[0])


class _Reader:
    """Reads the div once with expat, which opens no files and expands no entities of its own."""

    def __init__(self) -> None:
        self.outside = self.active = self.content = False
        self._depth = 0

    def read(self, div: str) -> None:
        parser = ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(div.encode(), True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        if space != _XHTML or (self._depth == 0 and tag != "div"):
            self.outside = True
        self._depth += 1
        self.content = self.content or tag == "img"
        if tag not in _TAGS or not all(map(_is_harmless, attributes, attributes.values())):
            self.active = True

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _text(self, text: str) -> None:
        self.content = self.content or not text.isspace()


def _is_harmless(key: str, value: str) -> bool:
    """Whether an attribute is of HTML's basic ones and runs nothing."""
    name = key.replace("http://www.w3.org/XML/1998/namespace ", "xml:")
    scheme = "".join(value.split()).lower()
    return name in _ATTRIBUTES and not scheme.startswith(("javascript:", "vbscript:", "data:text"))
