"""Where the care was given: HSA-ids of vårdenhet and vårdgivare, and the kombika on the date of care."""

from typing import Any

import msgspec

from adapter.domain.event import Enhet, Kombika
from adapter.domain.hsa import parse_hsa_id
from adapter.domain.kombika import parse_unit_code
from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft, identifier_paths, reference_paths

_DEEPEST = 8
_KOMBIKA = ("enhet.kombika.inr", "enhet.kombika.klin", "enhet.kombika.avd")
_Paths = tuple[str, ...]


class Identified(msgspec.Struct):
    """What an organisation's identifiers say, with the paths of each."""

    hsa_id: str | None = None
    hsa_paths: _Paths = ()
    kombika: Kombika | None = None
    kombika_paths: _Paths = ()
    node: Node | None = None
    by: _Paths = ()
    kombika_rule: str = "UNIT-KOMBIKA-FORM"


def map_unit(draft: Draft, encounter: Node) -> Enhet:
    """The unit by Encounter.serviceProvider, else by who manages the location, else the sender's default."""
    found = _service_provider(draft, encounter) or _by_location(draft, encounter) or _default(draft)
    if found is None:
        draft.findings.add("UNIT-NONE", encounter.path)
        draft.absent("enhet", encounter.path + ".serviceProvider")
        return Enhet()
    _complete(draft, found)
    if found.hsa_id:
        draft.trace("enhet.vardenhet", found.hsa_paths, found.by)
    if found.kombika:
        draft.trace_alike(_KOMBIKA, found.kombika_paths, found.by)
    return Enhet(vardenhet=found.hsa_id, vardgivare=_vardgivare(draft, found), kombika=found.kombika)


def identify(
    draft: Draft, reference: dict[str, Any], base: Node, path: str, kombika_rule: str = "UNIT-KOMBIKA-FORM"
) -> Identified | None:
    """HSA-id and kombika of the organisation that `reference` in `base` at `path` names, if it has any.

    `kombika_rule` is broken by a kombika of the wrong form.
    """
    link = reference_paths(reference, path)
    node = draft.resolve(reference, base, path)
    found = Identified(node=node, kombika_rule=kombika_rule)
    if node is not None:
        for index, identifier in enumerate(node.resource.get("identifier", ())):
            _take(draft, found, identifier, f"{node.path}.identifier[{index}]", link)
    elif "identifier" in reference:
        _take(draft, found, reference["identifier"], path + ".identifier", ())
    return found if found.hsa_id or found.kombika else None


def _service_provider(draft: Draft, encounter: Node) -> Identified | None:
    reference = encounter.resource.get("serviceProvider")
    if not reference:
        return None
    found = identify(draft, reference, encounter, encounter.path + ".serviceProvider")
    if found is None:
        draft.findings.add("UNIT-NOT-IDENTIFIED", encounter.path + ".serviceProvider")
    return found


def _by_location(draft: Draft, encounter: Node) -> Identified | None:
    for index, item in enumerate(encounter.resource.get("location", ())):
        path = f"{encounter.path}.location[{index}].location"
        location = draft.resolve(item.get("location", {}), encounter)
        managing = location.resource.get("managingOrganization") if location is not None else None
        if location is None or not managing:
            continue
        found = identify(draft, managing, location, location.path + ".managingOrganization")
        if found is not None:
            link = reference_paths(item["location"], path)
            found.hsa_paths += link
            found.kombika_paths += link
            found.by = ("UNIT-BY-LOCATION",)
            return found
    return None


def _default(draft: Draft) -> Identified | None:
    unit = draft.context.sender.default_unit
    hsa_id = parse_hsa_id(unit) if unit else None
    return Identified(hsa_id=hsa_id, by=("UNIT-DEFAULT",)) if hsa_id else None


def _take(draft: Draft, found: Identified, identifier: dict[str, Any], path: str, link: _Paths) -> None:
    """Read one identifier into `found`; the first of each kind counts."""
    value = identifier.get("value")
    name = draft.context.aliases.name(identifier.get("system", "")) if value else None
    if value is None or identifier.get("use") == "old":
        return
    paths = identifier_paths(identifier, path) + link
    if name == "hsa-id":
        hsa_id = parse_hsa_id(value)
        if hsa_id is None:
            draft.findings.add("UNIT-HSA-FORM", path + ".value")
        elif found.hsa_id is None:
            found.hsa_id, found.hsa_paths = hsa_id, paths
        elif found.hsa_id != hsa_id:
            draft.findings.add("UNIT-SEVERAL", path + ".value", found.hsa_paths[0])
    elif name == "kombika":
        _take_kombika(draft, found, value, path, paths)


def _take_kombika(draft: Draft, found: Identified, value: str, path: str, paths: _Paths) -> None:
    code = parse_unit_code(value)
    if code is None:
        # no other register has any use for a kombika
        draft.findings.add(found.kombika_rule, path + ".value", register="gvr")
        return
    if found.kombika is None:
        found.kombika, found.kombika_paths = code.kombika, paths
    elif found.kombika != code.kombika:
        draft.findings.add("UNIT-SEVERAL", path + ".value", found.kombika_paths[0])
    if code.hsa_id is None:
        return
    if found.hsa_id is None:
        found.hsa_id, found.hsa_paths = code.hsa_id, paths
    elif found.hsa_id != code.hsa_id:
        draft.findings.add("UNIT-SEVERAL", path + ".value", found.hsa_paths[0])


def _complete(draft: Draft, found: Identified) -> None:
    """Fill in kombika or HSA-id from the table of the date of care, and hold the sent pair against it."""
    if draft.date is None:
        return
    table = draft.context.kombika
    if found.kombika is None and found.hsa_id is not None:
        known = table.kombikas(found.hsa_id, draft.date)
        if len(known) == 1:
            found.kombika, found.kombika_paths = known[0], found.hsa_paths + draft.date_paths
            found.by += ("UNIT-KOMBIKA-TABLE",)
        elif known:
            draft.findings.add("UNIT-KOMBIKA-SEVERAL", *found.hsa_paths[:1])
    elif found.kombika is not None:
        if found.hsa_id is None:
            owners = table.hsa_ids(found.kombika, draft.date)
            if len(owners) == 1:
                found.hsa_id, found.hsa_paths = owners[0], found.kombika_paths + draft.date_paths
                found.by += ("UNIT-KOMBIKA-TABLE",)
        elif table.contradicts(found.hsa_id, found.kombika, draft.date):
            draft.findings.add("UNIT-KOMBIKA-CONTRADICTS", found.kombika_paths[0], found.hsa_paths[0])


def _vardgivare(draft: Draft, found: Identified) -> str | None:
    """The HSA-id at the top of the partOf chain: the care provider that the unit belongs to."""
    node = found.node
    top: Identified | None = None
    paths: _Paths = ()
    for _ in range(_DEEPEST):
        above = node.resource.get("partOf") if node is not None else None
        if node is None or not above:
            break
        link = node.path + ".partOf"
        paths += reference_paths(above, link)
        found_above = identify(draft, above, node, link)
        if found_above is not None and found_above.hsa_id:
            top = found_above
            top.hsa_paths += paths
        node = draft.resolve(above, node)
    if top is None:
        return None
    draft.trace("enhet.vardgivare", tuple(dict.fromkeys(top.hsa_paths)), ("UNIT-VARDGIVARE",))
    return top.hsa_id
