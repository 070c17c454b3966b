"""R4's rules for a Bundle as a whole (bdl-1 to bdl-12) and for what its entries are to the bundle."""

from collections.abc import Collection, Iterator
from typing import Any

from adapter.fhir.reference import take_apart

Json = dict[str, Any]
Remark = tuple[str, str, dict[str, str]]
"""Rule, path below the bundle (``.entry[3].request``), parameters."""

_REQUESTS = frozenset({"batch", "transaction", "history"})
_RESPONSES = frozenset({"batch-response", "transaction-response", "history"})
_COUNTED = frozenset({"searchset", "history"})
_WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})
_CONTENT = frozenset({("fullUrl", "resource"), ("resource",)})
_ORDERS = frozenset({("fullUrl", "resource", "request"), ("resource", "request")})
_USUAL: dict[str, frozenset[tuple[str, ...]]] = {
    "transaction": _ORDERS,
    "batch": _ORDERS,
    "collection": _CONTENT,
}


def is_usual(bundle: Json, entries: list[Any], urls: Collection[str]) -> bool:
    """Whether the bundle is beyond doubt right as a whole, as most are: it has one of the types that senders
    use, and entries of one form. `urls` are the different fullUrls: they are urn:uuid, or there are none."""
    shapes = _USUAL.get(bundle["type"]) if isinstance(bundle.get("type"), str) else None
    if shapes is None or "total" in bundle or not shapes.issuperset(map(tuple, entries)):
        return False
    if not urls:
        return not any("fullUrl" in entry for entry in entries)
    together = "".join(urls)
    return len(urls) == len(entries) == together.count("urn:uuid:") and "/" not in together


def bundle_remarks(bundle: Json) -> Iterator[Remark]:
    """What is wrong with the bundle, except for the structure of its parts."""
    kind = bundle.get("type")
    if not isinstance(kind, str):
        return
    if "total" in bundle and kind not in _COUNTED:
        yield "FHIR-BDL-1", ".total", {"bundle": _shown(kind)}
    entries = bundle.get("entry")
    entries = entries if isinstance(entries, list) else []
    for index, entry in enumerate(entries):
        if isinstance(entry, dict):
            for rule, member, params in _entry_remarks(entry, kind):
                yield rule, f".entry[{index}]{member}", params
    if kind != "history":
        yield from _repeated(entries)
    if kind in ("document", "message"):
        yield from _first_entry(bundle, entries, kind)


def _entry_remarks(entry: Json, kind: str) -> Iterator[Remark]:
    request, shown = entry.get("request"), {"bundle": _shown(kind)}
    if "search" in entry and kind != "searchset":
        yield "FHIR-BDL-2", ".search", shown
    if ("request" in entry) != (kind in _REQUESTS):
        yield "FHIR-BDL-3" if "request" in entry else "FHIR-BDL-3-MISSING", ".request", shown
    if ("response" in entry) != (kind in _RESPONSES):
        yield "FHIR-BDL-4" if "response" in entry else "FHIR-BDL-4-MISSING", ".response", shown
    if not ("resource" in entry or "request" in entry or "response" in entry):
        yield "FHIR-BDL-5", "", {}
    if isinstance(request, dict) and "resource" not in entry and kind != "history":
        method = request.get("method")
        if isinstance(method, str) and method in _WITH_CONTENT:
            yield "FHIR-ENTRY-RESOURCE", ".resource", {}
    if "fullUrl" in entry:
        # HL7's published example of a message has a fullUrl that disagrees: let messages pass.
        yield from _full_url(entry["fullUrl"], entry.get("resource") if kind != "message" else None)


def _full_url(url: Any, resource: Any) -> Iterator[Remark]:
    if not isinstance(url, str) or not url:
        return
    if "/_history/" in url:
        yield "FHIR-BDL-8", ".fullUrl", {}
    if url[:9] == "urn:uuid:":
        return
    parts = take_apart(url)
    if parts.form != "absolute":
        yield "FHIR-FULLURL", ".fullUrl", {}
    elif parts.id and isinstance(resource, dict):
        given = resource.get("id", parts.id)
        if given != parts.id or resource.get("resourceType", parts.type) != parts.type:
            yield "FHIR-FULLURL-ID", ".fullUrl", {}


def _repeated(entries: list[Any]) -> Iterator[Remark]:
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(entries):
        url = entry.get("fullUrl") if isinstance(entry, dict) else None
        if isinstance(url, str):
            version = _version(entry.get("resource"))
            if (url, version) in seen:
                yield "FHIR-BDL-7", f".entry[{index}].fullUrl", {}
            seen.add((url, version))


def _version(resource: Any) -> str:
    meta = resource.get("meta") if isinstance(resource, dict) else None
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return version if isinstance(version, str) else ""


def _first_entry(bundle: Json, entries: list[Any], kind: str) -> Iterator[Remark]:
    first = entries[0].get("resource") if entries and isinstance(entries[0], dict) else None
    name = first.get("resourceType") if isinstance(first, dict) else None
    if kind == "message":
        if name != "MessageHeader":
            yield "FHIR-BDL-12", ".entry[0]" if entries else "", {}
        return
    if name != "Composition":
        yield "FHIR-BDL-11", ".entry[0]" if entries else "", {}
    identifier = bundle.get("identifier")
    if not isinstance(identifier, dict) or "system" not in identifier or "value" not in identifier:
        yield "FHIR-BDL-9", ".identifier", {}
    if "timestamp" not in bundle:
        yield "FHIR-BDL-10", ".timestamp", {}


def _shown(kind: str) -> str:
    """The bundle's type if it is one of R4's; anything else is not repeated."""
    known = _REQUESTS | _RESPONSES | _COUNTED | {"document", "message", "collection"}
    return kind if kind in known else "?"
