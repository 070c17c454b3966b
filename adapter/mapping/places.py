"""Where a physical contact took place: the patient's home or elsewhere, by the Encounter's locations."""

from collections.abc import Iterator

import msgspec

from adapter.fhir.bundle import Node
from adapter.mapping.channel import Evidence, Place
from adapter.mapping.codings import Coding, codings_in, codings_of
from adapter.mapping.draft import Draft, reference_paths

_HOUSING = "boendeform"
_SPECIAL = "sarskilt-boende"
_FORMS = frozenset((_SPECIAL, "ordinart-boende"))
_INSTITUTION = "NCCF"
_PLACES: dict[str, Place] = {
    "PTRES": "hem",  # v3 RoleCode: patient's residence
    _INSTITUTION: "hem",  # nursing or custodial care facility: municipal, of a form it does not tell
    "ho": "hem",  # location-physical-type: house
    "WORK": "annan",  # v3 RoleCode: work site
    "SCHOOL": "annan",
    "COMM": "annan",  # community location
}


class Spot(msgspec.Struct, frozen=True):
    """One code of a Location of the Encounter, with what led there.

    `form` is the form of housing that it means, `maps` are the maps that say so.
    """

    coding: Coding
    link: tuple[str, ...]
    form: str = ""
    maps: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The leaves of the code, then those of the reference to the Location."""
        return (*self.coding.paths, *self.link)

    @property
    def is_municipal(self) -> bool:
        """Whether it is surely housing of the municipality: ordinary housing (LSS included) may be or not."""
        return self.coding.code == _INSTITUTION or self.form == _SPECIAL


def spots(draft: Draft, encounter: Node) -> Iterator[Spot]:
    """The codes of Location.type and Location.physicalType of the Encounter's locations."""
    aliases = draft.context.aliases
    for index, item in enumerate(encounter.resource.get("location", ())):
        reference = item.get("location", {})
        location = draft.resolve(reference, encounter)
        if location is None:
            continue
        link = reference_paths(reference, f"{encounter.path}.location[{index}].location")
        codings = codings_in(location.resource.get("type", ()), location.path + ".type", aliases)
        codings += codings_of(location.resource.get("physicalType"), location.path + ".physicalType", aliases)
        for coding in codings:
            form, maps = ("", ()) if coding.code in _PLACES else _housing(draft, coding)
            yield Spot(coding, link, form, maps)


def by_locations(draft: Draft, encounter: Node) -> tuple[list[Evidence], tuple[str, ...]]:
    """What the Encounter's locations say of the place; a place implies a physical contact.

    Also the leaves that were looked at and say nothing of it.
    """
    found: list[Evidence] = []
    silent: tuple[str, ...] = ()
    for spot in spots(draft, encounter):
        place = _PLACES.get(spot.coding.code)
        if place is not None:
            found.append(Evidence("fysisk", place, (spot.coding.paths[0], *spot.link), ("KT-PLATS",)))
        elif spot.form:
            found.append(Evidence("fysisk", "hem", spot.paths, ("KT-PLATS", *spot.maps)))
        else:
            silent += spot.coding.paths[:1]
    return found, silent


def _housing(draft: Draft, coding: Coding) -> tuple[str, tuple[str, ...]]:
    """The form of housing that a location is, and the maps that say so: LSS, short-stay and the like have no
    code that everybody uses, so a sender's own code counts through a ConceptMap into ``boendeform``."""
    if coding.system == _HOUSING:
        return (coding.code if coding.code in _FORMS else ""), ()
    choice = draft.context.concept_maps.choose(coding.system, coding.code, _HOUSING)
    return (choice.code, choice.map_ids) if choice.code in _FORMS and choice.code else ("", ())
