"""Where a physical contact took place: the patient's home or elsewhere, by the Encounter's locations."""

from adapter.fhir.bundle import Node
from adapter.mapping.channel import Evidence, Place
from adapter.mapping.codings import Coding, codings_in, codings_of
from adapter.mapping.draft import Draft, reference_paths

_HOUSING = "boendeform"
_FORMS = frozenset(("sarskilt-boende", "ordinart-boende"))
_PLACES: dict[str, Place] = {
    "PTRES": "hem",  # v3 RoleCode: patient's residence
    "NCCF": "hem",  # nursing or custodial care facility: särskilt boende
    "ho": "hem",  # location-physical-type: house
    "WORK": "annan",  # v3 RoleCode: work site
    "SCHOOL": "annan",
    "COMM": "annan",  # community location
}


def _housing(draft: Draft, coding: Coding) -> tuple[str, ...]:
    """The form of housing that a location is, and the maps that say so: LSS, short-stay and the like have no
    code that everybody uses, so a sender's own code counts through a ConceptMap into ``boendeform``."""
    if coding.system == _HOUSING:
        return (coding.code,) if coding.code in _FORMS else ()
    choice = draft.context.concept_maps.choose(coding.system, coding.code, _HOUSING)
    return () if choice.code is None else (choice.code, *choice.map_ids)


def by_locations(draft: Draft, encounter: Node) -> tuple[list[Evidence], tuple[str, ...]]:
    """What Location.type and Location.physicalType say of the place; a place implies a physical contact.

    Also the leaves that were looked at and say nothing of it.
    """
    found: list[Evidence] = []
    silent: tuple[str, ...] = ()
    for index, item in enumerate(encounter.resource.get("location", ())):
        reference = item.get("location", {})
        location = draft.resolve(reference, encounter)
        if location is None:
            continue
        link = reference_paths(reference, f"{encounter.path}.location[{index}].location")
        aliases = draft.context.aliases
        codings = codings_in(location.resource.get("type", ()), location.path + ".type", aliases)
        codings += codings_of(location.resource.get("physicalType"), location.path + ".physicalType", aliases)
        for coding in codings:
            place = _PLACES.get(coding.code)
            housing = () if place is not None else _housing(draft, coding)
            if place is not None:
                found.append(Evidence("fysisk", place, (coding.paths[0], *link), ("KT-PLATS",)))
            elif housing:
                found.append(Evidence("fysisk", "hem", (*coding.paths, *link), ("KT-PLATS", *housing[1:])))
            else:
                silent += coding.paths[:1]
    return found, silent
