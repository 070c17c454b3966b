"""The narrative's XHTML between JSON, where it is a text, and XML, where it is an element."""

import re
from html.entities import html5

from lxml import etree

XHTML = "http://www.w3.org/1999/xhtml"

_XML = "{http://www.w3.org/XML/1998/namespace}"
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*;)")
_KEPT = frozenset({"lt;", "gt;", "amp;", "quot;", "apos;"})
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)
_MOST_ATTRIBUTES = 100
"""XHTML has not so many. An element with more is no XHTML: lxml's time for them grows with their square."""

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text_form(div: etree._Element) -> str:
    """An element as the text that stands in JSON: without prefixes, comments and processing instructions.

    Elements of other namespances keep no namespace, so that nothing foreign looks like XHTML.
    """
    return _element(div, f' xmlns="{XHTML}"' if div.tag == f"{{{XHTML}}}{_name(div)}" else "")


def element_form(div: str) -> str:
    """The text of a JSON narrative as it stands in XML; one that is no XHTML becomes the text of a div."""
    parsed = _parsed(div)
    if parsed is not None and parsed.tag == f"{{{XHTML}}}div":
        return text_form(parsed)
    return f'<div xmlns="{XHTML}">{_NOT_IN_XML.sub(" ", div).translate(_TEXT)}</div>'


def normal_form(div: str) -> str:
    """One text for all that are the same XHTML, whichever quotes, prefixes and entities they use."""
    parsed = _parsed(div)
    return div if parsed is None else text_form(parsed)


def _parsed(div: str) -> etree._Element | None:
    if "<!" in div or "<?" in div:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(_ENTITY.sub(_expanded, div).encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _expanded(entity: re.Match[str]) -> str:
    """HTML's own entities become their characters: XML knows only five of them."""
    return entity[0] if entity[1] in _KEPT else html5.get(entity[1], entity[0]).translate(_TEXT)


def _element(node: etree._Element, namespace: str = "") -> str:
    name = _name(node)
    many = len(node.attrib) > _MOST_ATTRIBUTES
    if many or (namespace == "" and not str(node.tag).startswith(f"{{{XHTML}}}")):
        namespace = ' xmlns=""'
    attributes = () if many else node.items()
    head = name + namespace + "".join(_attribute(str(key), str(value)) for key, value in attributes)
    inner = (node.text or "").translate(_TEXT)
    for child in node:
        if isinstance(child.tag, str):
            inner += _element(child)
        inner += (child.tail or "").translate(_TEXT)
    return f"<{head}>{inner}</{name}>" if inner else f"<{head}/>"


def _attribute(key: str, value: str) -> str:
    name = f"xml:{key.removeprefix(_XML)}" if key.startswith(_XML) else etree.QName(key).localname
    return f' {name}="{value.translate(_VALUE)}"'


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname
