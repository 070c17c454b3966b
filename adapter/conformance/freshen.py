"""Makes the contacts of a case new to a live adapter, which remembers those of the last run. Pure.

The identifiers of Encounters and of the bundle get a suffix, wherever they stand in the bytes as a whole
text; all else stays byte for byte, so that flaws of form reach the adapter as they are.
"""

import re
from collections.abc import Iterable

import orjson
from lxml import etree

_SHORTEST = 4
"""A shorter value could as well be a code."""

_FHIR = "{http://hl7.org/fhir}"


def contact_identifiers(raw: bytes) -> list[str]:
    """The identifiers of a bundle's Encounters as ``SYSTEM|VALUE``; none where it cannot be read."""
    bundle = _parsed(raw)
    entries = bundle.get("entry") if bundle is not None else None
    found: list[str] = []
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "Encounter":
            found += _pairs(resource.get("identifier"))
    return list(dict.fromkeys([*found, *_in_xml(raw)]))


def freshened(raw: bytes, suffix: str) -> bytes:
    """The bundle with `suffix` after the values of its own and its contacts' identifiers."""
    values = {one.rpartition("|")[2] for one in contact_identifiers(raw)}
    bundle = _parsed(raw)
    if bundle is not None:
        values |= {one.rpartition("|")[2] for one in _pairs([bundle.get("identifier")])}
    if is_message(raw):
        values |= _message_ids(bundle or {})
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= _SHORTEST:
            text = re.escape(value.encode())
            raw = re.sub(rb'(?<=["|/])' + text + rb'(?=")', lambda found: found[0] + suffix.encode(), raw)
    return raw


def is_message(raw: bytes) -> bool:
    """Whether the bytes are a Bundle of type message, in JSON."""
    bundle = _parsed(raw)
    return bundle is not None and bundle.get("type") == "message"


def _message_ids(bundle: dict[str, object]) -> set[str]:
    """What a message and its transport are known by: a message that is seen again is answered as at first."""
    entries = bundle.get("entry")
    first = entries[0] if isinstance(entries, list) and entries else None
    header = first.get("resource") if isinstance(first, dict) else None
    ids = (bundle.get("id"), header.get("id") if isinstance(header, dict) else None)
    return {one for one in ids if isinstance(one, str)}


def _parsed(raw: bytes) -> dict[str, object] | None:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _pairs(identifiers: object) -> list[str]:
    listed = identifiers if isinstance(identifiers, list) else []
    named = (one for one in listed if isinstance(one, dict) and isinstance(one.get("value"), str))
    return [f"{one.get('system', '')}|{one['value']}" for one in named]


def _in_xml(raw: bytes) -> Iterable[str]:
    """The same of a bundle in XML."""
    if not raw.lstrip().startswith(b"<"):
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError:
        return
    for identifier in root.iterfind(f".//{_FHIR}Encounter/{_FHIR}identifier"):
        value, system = (identifier.find(f"{_FHIR}{name}") for name in ("value", "system"))
        if value is not None and value.get("value"):
            yield f"{'' if system is None else system.get('value', '')}|{value.get('value')}"
