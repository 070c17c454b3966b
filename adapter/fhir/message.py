"""FHIR messages (R4, Messaging): what the envelope of a Bundle of type message says, and the answer to one.

Pure. A message is known by MessageHeader.id, its transport by Bundle.id; what is compared when one comes
again is the body without this envelope.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import orjson

from adapter.domain.canonical import code_system
from adapter.domain.finding import Findings
from adapter.domain.identity import Identity, parse_identity
from adapter.fhir.bundle import Bundle, Node
from adapter.fhir.structure.primitives import is_id
from adapter.fhir.xml.twins import canonical

Json = dict[str, Any]

REPORT = "rapportera-vardkontakt"
"""The one event of ours, in our CodeSystem ``meddelandetyp``: care contacts to be reported."""


_ENVELOPE = frozenset({"id", "meta", "identifier", "timestamp", "signature"})
_HEADERS_OWN = frozenset({"id", "meta", "text"})
_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/$-]*)?|urn:uuid:[0-9a-fA-F-]{36}|urn:oid:[0-9.]+",
    re.ASCII,
)
_LONGEST_ADDRESS = 256
_NUMBER = re.compile(r"(?<![0-9])[0-9]{6}(?:[0-9]{2})?[-+]?[0-9]{4}(?![0-9])", re.ASCII)


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer needs of a message: its ids and where its sender is reached (None: nowhere that may be
    repeated). Not `repeatable`: the id could be a patient's number, so that no message can answer."""

    id: str
    bundle_id: str | None
    endpoint: str | None
    repeatable: bool


def header_of(bundle: Bundle) -> Header | None:
    """The header of a message, None when there is none or its id is no FHIR id. Takes what is there: a
    message that is wrong in other places must be answered too, by nothing wrong and nothing of a patient."""
    node = header_node(bundle)
    if bundle.type != "message" or node is None:
        return None
    number = node.resource.get("id")
    if not isinstance(number, str) or not is_id(number):
        return None
    return Header(
        id=number,
        bundle_id=bundle.id,
        endpoint=_endpoint(node.resource.get("source")),
        repeatable=not _holds_identity(number),
    )


def header_node(bundle: Bundle) -> Node | None:
    """The MessageHeader, which is the first resource of a message."""
    node = bundle.node(0) if bundle.entries else None
    return node if node is not None and node.type == "MessageHeader" else None


def check_message(bundle: Bundle, findings: Findings) -> None:
    """Object to what the messaging of R4, or this receiver, wants otherwise. (That a message begins with its
    header is a rule of bundles: bdl-12.)"""
    node = header_node(bundle)
    if node is None:
        return
    header = node.resource
    number = header.get("id")
    if not number:
        findings.add("INTAKE-MESSAGE-NO-ID", f"{node.path}.id")
    elif isinstance(number, str) and is_id(number) and _holds_identity(number):
        findings.add("INTAKE-MESSAGE-ID", f"{node.path}.id")
    if "response" in header:
        findings.add("INTAKE-MESSAGE-IS-ANSWER", f"{node.path}.response")
    if not _is_report(header.get("eventCoding")):
        at = "eventUri" if "eventUri" in header else "eventCoding"
        findings.add("INTAKE-MESSAGE-EVENT", f"{node.path}.{at}")
    for path in _lost(bundle, node):
        findings.add("INTAKE-MESSAGE-FOCUS", path)


def message_content(raw: bytes, *, narratives: bool) -> bytes:
    """The body of a message without its envelope, as bytes that are equal for equal content.

    The envelope is what a sender that tries again may make anew: ids, meta, timestamp, identifier and
    signature of the Bundle; id, meta and text of the MessageHeader, and its fullUrl.
    """
    whole = orjson.loads(canonical(raw, narratives=narratives))
    bundle = {name: value for name, value in whole.items() if name not in _ENVELOPE}
    first, *others = bundle["entry"]
    header = {name: value for name, value in first["resource"].items() if name not in _HEADERS_OWN}
    bundle["entry"] = [{**first, "fullUrl": None, "resource": header}, *others]
    return orjson.dumps(bundle, option=orjson.OPT_SORT_KEYS)


def response_message(
    header: Header, code: str, outcome: Json, *, endpoint: str, ids: tuple[str, str, str], at: str
) -> Json:
    """The answer to a message: a message of our event, `code` of R4's response-code, and `outcome`.

    Of the message itself it repeats the id, and the address of its sender when that is plain: the rest may
    be anything. `ids` are those of the Bundle, the MessageHeader and the OperationOutcome (UUIDs), `at` is
    an instant.
    """
    own, details = f"urn:uuid:{ids[1]}", f"urn:uuid:{ids[2]}"
    answering: Json = {
        "resourceType": "MessageHeader",
        "id": ids[1],
        "eventCoding": {"system": code_system("meddelandetyp"), "code": REPORT},
        "source": {"name": "vardbro", "software": "vardbro", "endpoint": endpoint},
        "response": {"identifier": header.id, "code": code, "details": {"reference": details}},
    }
    if header.endpoint is not None:
        answering["destination"] = [{"endpoint": header.endpoint}]
    return {
        "resourceType": "Bundle",
        "id": ids[0],
        "type": "message",
        "timestamp": at,
        "entry": [
            {"fullUrl": own, "resource": answering},
            {"fullUrl": details, "resource": {**outcome, "id": ids[2]}},
        ],
    }


def _endpoint(source: Any) -> str | None:
    """Where the sender is, when it is an address without query or user, in which no patient is named."""
    endpoint = source.get("endpoint") if isinstance(source, dict) else None
    if not isinstance(endpoint, str) or len(endpoint) > _LONGEST_ADDRESS:
        return None
    plain = _ADDRESS.fullmatch(endpoint) is not None and not _holds_identity(endpoint)
    return endpoint if plain else None


def _holds_identity(text: str) -> bool:
    """Whether ten or twelve digits in a text, with or without a hyphen, hold as an identity number."""
    for found in _NUMBER.findall(text):
        number = parse_identity(found, None)
        if isinstance(number, Identity) or number.rule == "ID-CENTURY":
            return True
    return False


def _is_report(coding: Any) -> bool:
    return (
        isinstance(coding, dict)
        and coding.get("code") == REPORT
        and coding.get("system") == code_system("meddelandetyp")
    )


def _lost(bundle: Bundle, node: Node) -> Iterator[str]:
    """The places of focus references that lead to nothing in the bundle."""
    focus = node.resource.get("focus")
    for index, reference in enumerate(focus if isinstance(focus, list) else ()):
        if isinstance(reference, dict) and bundle.resolve(reference, node) is None:
            yield f"{node.path}.focus[{index}]"
