"""Which earlier contact a visit follows on, and whether that makes the earlier one triage.

PMO, *Telefonsamtal* and *Video som inte ersätter besök*: a contact that leads to a physical visit the same
day is *Triage före annat besök*, when the visit is with other staff of the own unit. A visit says what it
follows on by `partOf`, by the ServiceRequest that it is based on, or by its booking, which is based on one;
the ServiceRequest's `encounter` is the earlier contact.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from adapter.domain.localtime import LocalTime, is_before, to_local
from adapter.fhir.bundle import Bundle, Node
from adapter.fhir.reference import take_apart
from adapter.mapping.classes import VISITS, class_code, class_paths
from adapter.mapping.codings import codings_in
from adapter.mapping.contact_type import NOWHERE, Referral
from adapter.mapping.context import MappingContext
from adapter.mapping.draft import reference_paths
from adapter.mapping.identifiers import identifier_of
from adapter.mapping.participation import takes_part
from adapter.mapping.persons import person_key
from adapter.mapping.subject import Subject, person

_Paths = tuple[str, ...]
_TOOK_PLACE = "finished"


class Earlier(msgspec.Struct, frozen=True):
    """An earlier contact as a visit names it: by a resource of the bundle, else by `identifier` only.

    `identifier` is ``system|value``, as event ids are made from; empty when the reference tells none.
    """

    identifier: str
    paths: _Paths
    node: Node | None = None


def earlier_contacts(bundle: Bundle, visit: Node) -> list[Earlier]:
    """The contacts that an Encounter says it follows on, itself not among them."""
    found: dict[str, Earlier] = {}
    for reference, base, path, link in _references(bundle, visit):
        node = bundle.resolve(reference, base)
        if node is not None and (node.type != "Encounter" or node.path == visit.path):
            continue
        identifier = identifier_of(bundle, node) if node is not None else _named(reference)
        if node is not None or identifier:
            one = Earlier(identifier, (*reference_paths(reference, path), *link), node)
            found.setdefault(node.path if node is not None else identifier, one)
    return list(found.values())


class Followers:
    """Which Encounters of a bundle follow on which contacts. Found once for a bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._on: dict[str, list[tuple[Node, Earlier]]] = {}
        self._named: dict[str, list[Earlier]] = {}
        for visit in bundle.of_type("Encounter"):
            named = earlier_contacts(bundle, visit)
            if named:
                self._named[visit.path] = named
            for earlier in named:
                if earlier.node is not None:
                    self._on.setdefault(earlier.node.path, []).append((visit, earlier))

    def referral(self, context: MappingContext, encounters: tuple[Node, ...], identifier: str) -> Referral:
        """The visit that a contact led to: of this bundle, or of another one (MappingContext.referred)."""
        own = {encounter.path for encounter in encounters}
        for encounter in encounters:
            for visit, earlier in self._on.get(encounter.path, ()):
                paths = () if visit.path in own else _led(context, self._bundle, encounter, visit)
                if paths:
                    return Referral(("KT-TRIAGE-BESOK",), (*earlier.paths, *paths))
        return Referral(("KT-TRIAGE-LANK",)) if context.referred.get(identifier) else NOWHERE

    def follows(self, encounters: tuple[Node, ...]) -> tuple[str, ...]:
        """The identifiers of the contacts that these Encounters of one contact say they follow on."""
        own = {encounter.path for encounter in encounters}
        return tuple(
            dict.fromkeys(
                earlier.identifier
                for encounter in encounters
                for earlier in self._named.get(encounter.path, ())
                if earlier.identifier and (earlier.node is None or earlier.node.path not in own)
            )
        )


def _references(bundle: Bundle, visit: Node) -> Iterator[tuple[dict[str, Any], Node, str, _Paths]]:
    """References that may lead to an earlier Encounter: each with its resource, path, and what led there."""
    resource = visit.resource
    if "partOf" in resource:
        yield resource["partOf"], visit, visit.path + ".partOf", ()
    yield from _by_requests(bundle, visit, ())
    for index, reference in enumerate(resource.get("appointment", ())):
        booking = bundle.resolve(reference, visit)
        if booking is not None and booking.type == "Appointment":
            yield from _by_requests(
                bundle, booking, reference_paths(reference, f"{visit.path}.appointment[{index}]")
            )


def _by_requests(
    bundle: Bundle, owner: Node, link: _Paths
) -> Iterator[tuple[dict[str, Any], Node, str, _Paths]]:
    """The Encounters of the ServiceRequests that a visit or a booking is based on."""
    for index, reference in enumerate(owner.resource.get("basedOn", ())):
        request = bundle.resolve(reference, owner)
        if request is None or request.type != "ServiceRequest" or "encounter" not in request.resource:
            continue
        there = reference_paths(reference, f"{owner.path}.basedOn[{index}]")
        yield request.resource["encounter"], request, request.path + ".encounter", (*there, *link)


def _named(reference: dict[str, Any]) -> str:
    """The identifier by which a Reference names an Encounter that is not in the bundle; else empty."""
    identifier = reference.get("identifier", {})
    if identifier.get("value"):
        return f"{identifier.get('system', '')}|{identifier['value']}"
    parts = take_apart(reference.get("reference", ""))
    if parts.type != "Encounter":
        return ""
    if parts.form == "conditional":
        name, _, value = parts.query.partition("=")
        value = unquote(value)
        if name != "identifier" or "&" in parts.query or not value:
            return ""
        return value if "|" in value else f"|{value}"
    # what CONTACT-ID-FALLBACK makes of an Encounter without identifier
    return f"|Encounter/{parts.id}" if parts.form in ("relative", "absolute") else ""


def _led(context: MappingContext, bundle: Bundle, contact: Node, visit: Node) -> _Paths:
    """The leaves that make a visit one with other staff of the own unit, on the contact's day; else none."""
    before, after = _start(contact), _start(visit)
    if before is None or after is None or before.datum != after.datum:
        return ()
    if is_before(visit.resource["period"]["start"], contact.resource["period"]["start"]):
        return ()
    if visit.resource.get("status") != _TOOK_PLACE or class_code(visit, context.aliases) not in VISITS:
        return ()
    if not _same_patient(context, bundle, contact, visit):
        return ()
    if _unit(bundle, contact) != _unit(bundle, visit):
        return ()
    own, others = _staff(context, bundle, contact), _staff(context, bundle, visit)
    if not own or not others or own.keys() & others.keys():
        return ()
    return (
        visit.path + ".period.start",
        contact.path + ".period.start",
        visit.path + ".status",
        *class_paths(visit),
        *_reference_leaves(visit, "subject"),
        *_reference_leaves(visit, "serviceProvider"),
        *(path for paths in others.values() for path in paths),
    )


def _start(encounter: Node) -> LocalTime | None:
    value = encounter.resource.get("period", {}).get("start")
    local = to_local(value) if value else None
    return local if isinstance(local, LocalTime) else None


def _same_patient(context: MappingContext, bundle: Bundle, one: Node, other: Node) -> bool:
    """Whether two Encounters are of one and the same patient; a group is nobody's triage."""
    keys = []
    for encounter in (one, other):
        reference = encounter.resource.get("subject")
        if not reference:
            return False
        keys.append(person(bundle, context.aliases, Subject(reference, encounter, encounter.path)))
    return keys[0] == keys[1]


def _unit(bundle: Bundle, encounter: Node) -> str | None:
    reference = encounter.resource.get("serviceProvider")
    return bundle.key(reference, encounter) if reference else None


def _staff(context: MappingContext, bundle: Bundle, encounter: Node) -> dict[str, _Paths]:
    """Those who took part, by who they are, with where the Encounter names them."""
    found: dict[str, _Paths] = {}
    for index, item in enumerate(encounter.resource.get("participant", ())):
        reference = item.get("individual")
        if reference and takes_part(codings_in(item.get("type", ()), "", context.aliases)):
            key, via = person_key(bundle, context.aliases, reference, encounter)
            path = f"{encounter.path}.participant[{index}].individual"
            found[key or path] = (*reference_paths(reference, path), *via)
    return found


def _reference_leaves(node: Node, element: str) -> _Paths:
    reference = node.resource.get(element)
    return reference_paths(reference, f"{node.path}.{element}") if reference else ()
