"""From bytes to the root element of an XML document, safely: the syntax layer of FHIR as XML.

No document type and so no entities, no instructions to other programs, no network, UTF-8 alone; libxml2's
limits on depth and on the length of a text stay on.
"""

import re

from lxml import etree

from adapter.domain.finding import Findings

_PROLOG = re.compile(rb"(?:[ \t\r\n]++|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_DECLARATION = re.compile(rb"<\?xml[ \t\r\n][^<>]*?\?>")
_ENCODING = re.compile(rb"""encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z0-9._-]*)["']""")
_UTF8 = frozenset({b"utf-8", b"utf8", b"us-ascii"})
_DEEPEST = 256


def parse_document(body: bytes, findings: Findings) -> etree._Element | None:
    """The root element of the document in `body` (without a byte-order mark); None with a finding. Comments
    are left out. Never raises and never repeats what it read."""
    declaration = _DECLARATION.match(body)
    if not _is_utf8(body, declaration):
        findings.add("FHIR-XML-ENCODING")
        return None
    prolog = _PROLOG.match(body)
    if prolog is not None and body.startswith(b"<!DOCTYPE", prolog.end()):
        findings.add("FHIR-XML-DTD")
        return None
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        line, column = error.position
        rule = "FHIR-DEPTH" if str(error.msg).startswith("Excessive depth") else "FHIR-XML-SYNTAX"
        findings.add(rule, limit=str(_DEEPEST), position=f"{line}:{column}")
        return None
    except ValueError:  # characters that lxml does not even show to the parser
        findings.add("FHIR-XML-SYNTAX", limit=str(_DEEPEST), position="1:1")
        return None
    if _has_instructions(body, declaration, root):
        findings.add("FHIR-XML-INSTRUCTION")
        return None
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        recover=False,
    )


def _is_utf8(body: bytes, declaration: re.Match[bytes] | None) -> bool:
    if declaration is not None:
        named = _ENCODING.search(declaration[0])
        if named is not None and named[1].lower() not in _UTF8:
            return False
    if b"\0" in body:  # as in UTF-16 without a byte-order mark
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _has_instructions(body: bytes, declaration: re.Match[bytes] | None, root: etree._Element) -> bool:
    """Whether there are processing instructions; those in comments are none."""
    if body.count(b"<?") == (declaration is not None):
        return False
    siblings = (*root.itersiblings(etree.PI, preceding=True), *root.itersiblings(etree.PI))
    return bool(siblings) or next(root.iter(etree.PI), None) is not None
