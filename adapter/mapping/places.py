"""Where a physical contact took place: the patient's home or elsewhere, by the Encounter's locations."""

from adapter.fhir.bundle import Node
from adapter.mapping.channel import Evidence, Place
from adapter.mapping.codings import codings_in, codings_of
from adapter.mapping.draft import Draft, reference_paths

_PLACES: dict[str, Place] = {
    "PTRES": "hem",  # v3 RoleCode: patient's residence
    "NCCF": "hem",  # nursing or custodial care facility: särskilt boende
    "ho": "hem",  # location-physical-type: house
    "WORK": "annan",  # v3 RoleCode: work site
    "SCHOOL": "annan",
    "COMM": "annan",  # community location
}


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
            if place is None:
                silent += coding.paths[:1]
            else:
                found.append(Evidence("fysisk", place, (coding.paths[0], *link), ("KT-PLATS",)))
    return found, silent
