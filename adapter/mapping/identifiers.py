"""The event's identity: a stable id from the sender and Encounter.identifier, and the sender's version.

The id must survive that a bundle is built anew, so it is made of business identifiers only. It is a hash: a
sender may well put an identity number into an identifier, and event ids are shown, logged and forwarded.
"""

import re
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

import msgspec

from adapter.domain.localtime import to_version
from adapter.fhir.bundle import Bundle, Entry, Node
from adapter.mapping.draft import Draft, identifier_paths

_USE_RANK = {"official": 0, "temp": 2, "old": 3}
_OTHER_USE = 1
_VERSION_DIGITS = 20
_SEVERAL, _ESCAPED = re.compile(r"(?<!\\),"), re.compile(r"\\([,|$\\])")
"""A search value with a comma is a list; what is meant as a comma, a bar, a dollar or a backslash has a
backslash before it (FHIR R4, Search: escaping search parameters)."""


class EventKey(msgspec.Struct, frozen=True):
    """What an event id is made from: ``system|value`` and the FHIRPaths where it stands."""

    identifier: str
    paths: tuple[str, ...]
    by: tuple[str, ...] = ()


def event_id(sender: str, identifier: str) -> str:
    """33 letters and digits (the longest that GVR takes) for a contact of `sender`."""
    return _plain(sender, identifier)


def person_event_id(draft: Draft, identifier: str, patient: str, path: str) -> str:
    """The same for one patient's part in what `identifier` names; `patient`, who is named at `path`, may be
    an identity number.

    Without the key nobody can tell which patient it is, not even by trying all numbers. A ledger that began
    before there was a key keeps the ids that it has given.
    """
    sender, key = draft.context.sender.name, draft.context.naming
    if key.fresh:
        draft.findings.add("CONTACT-ID-FRESH-KEY", path)
    if not key.secret:
        return _plain(sender, identifier, patient)
    return "v" + key.name("event", sender, identifier, patient)


def _plain(*parts: str) -> str:
    return "v" + sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def encounter_key(draft: Draft, encounter: Node) -> EventKey:
    """The business identifier of an Encounter, or what has to do instead of one."""
    chosen = _choose(encounter.resource.get("identifier", ()))
    if chosen is not None:
        index, identifier = chosen
        path = f"{encounter.path}.identifier[{index}]"
        return EventKey(
            f"{identifier.get('system', '')}|{identifier['value']}",
            (*identifier_paths(identifier, path), *_use_paths(encounter, index)),
        )
    return _fallback(draft, encounter)


def identifier_of(bundle: Bundle, encounter: Node) -> str:
    """The ``system|value`` that an Encounter's event gets its id from; empty when it has none that lasts."""
    chosen = _choose(encounter.resource.get("identifier", ()))
    if chosen is not None:
        return f"{chosen[1].get('system', '')}|{chosen[1]['value']}"
    own_id = encounter.resource.get("id")
    full_url = bundle.entries[encounter.entry].full_url or ""
    return f"|Encounter/{own_id}" if own_id and not full_url.startswith("urn:") else ""


def _choose(identifiers: list[dict[str, Any]]) -> tuple[int, dict[str, Any]] | None:
    """The official identifier, else a usual one; temporary and old ones only when there is no other.

    Among equals the first by system and value, so that their order in the bundle does not matter.
    """
    best: tuple[Any, ...] | None = None
    for index, identifier in enumerate(identifiers):
        value = identifier.get("value")
        if not value:
            continue
        candidate = (_rank(identifier), identifier.get("system", ""), value, index)
        if best is None or candidate < best:
            best = candidate
    return None if best is None else (best[3], identifiers[best[3]])


def _use_paths(encounter: Node, chosen: int) -> tuple[str, ...]:
    """What the choice among several identifiers depended on: their uses, and more of those of equal use."""
    identifiers = encounter.resource["identifier"]
    if len(identifiers) == 1:
        return ()
    rank = _rank(identifiers[chosen])
    return tuple(
        f"{encounter.path}.identifier[{index}].{name}"
        for index, identifier in enumerate(identifiers)
        for name in (("use", "value", "system") if _rank(identifier) == rank else ("use",))
        if name in identifier
    )


def _rank(identifier: dict[str, Any]) -> int:
    return _USE_RANK.get(identifier.get("use", ""), _OTHER_USE)


def _fallback(draft: Draft, encounter: Node) -> EventKey:
    """Encounter.id does where a server keeps it; ids of a urn:uuid entry change with each bundle."""
    own_id = encounter.resource.get("id")
    full_url = draft.bundle.entries[encounter.entry].full_url or ""
    if own_id and not full_url.startswith("urn:"):
        draft.findings.add("CONTACT-ID-FALLBACK", encounter.path)
        return EventKey(f"|Encounter/{own_id}", (encounter.path + ".id",), ("CONTACT-ID-FALLBACK",))
    draft.findings.add("CONTACT-NO-IDENTIFIER", encounter.path)
    return EventKey(f"|{full_url or encounter.path}", (), ("CONTACT-NO-IDENTIFIER",))


def deletion_key(entry: Entry) -> EventKey | None:
    """The identifier of the Encounter that a DELETE entry names: by ``?identifier=`` or by its id.

    None for what names no one contact, or more than can be looked for: several identifiers, a system alone,
    other parameters, a version of a resource.
    """
    kind, _, rest = (entry.url or "").partition("Encounter")
    if kind not in ("", "/"):
        return None
    path = f"{entry.path}.request.url"
    if rest.startswith("/"):
        own_id = rest[1:]
        is_plain = own_id and not any(sign in own_id for sign in "/?#")
        return EventKey(f"|Encounter/{own_id}", (path,), ("CONTACT-ID-FALLBACK",)) if is_plain else None
    name, _, value = rest.removeprefix("?").partition("=")
    if not rest.startswith("?") or name not in ("identifier", "identifier:exact") or "&" in value:
        return None
    text = unquote(value)
    if _SEVERAL.search(text) or not text or text.endswith("|"):
        return None
    text = _ESCAPED.sub(r"\1", text)
    return EventKey(text if "|" in text else "|" + text, (path,))


def version(draft: Draft, encounter: Node) -> str | None:
    """The contact's version from where this sender keeps it, in a form that sorts; None: order of arrival."""
    source = draft.context.sender.version_source
    if source == "arrival":
        return None
    meta = encounter.resource.get("meta", {})
    if source == "bundle-timestamp":
        text, path = draft.bundle.timestamp, "Bundle.timestamp"
    elif source == "lastUpdated":
        text, path = meta.get("lastUpdated"), encounter.path + ".meta.lastUpdated"
    else:
        text, path = meta.get("versionId"), encounter.path + ".meta.versionId"
    found = _sortable(text, source) if text else None
    if found is None:
        draft.findings.add("CONTACT-NO-VERSION", path if text else encounter.path)
        return None
    draft.trace("version", (path,), ("CONTACT-VERSION",))
    return found


def _sortable(text: str, source: str) -> str | None:
    if source != "versionId":
        return to_version(text)
    return text.zfill(_VERSION_DIGITS) if text.isdecimal() and text.isascii() else None
