"""From members of an event to the FHIR elements that a finding points at."""

from collections.abc import Iterable

from adapter.domain.trace import Provenance, absent_key

_MOST = 20
_LAST_RESORT = ("kontakt", "event_id", "patient", "tid")


def expressions(provenance: Provenance, members: Iterable[str]) -> tuple[str, ...]:
    """The elements that `members` (``diagnoser``, ``kontakt.typ``) come from, each once, at most 20.

    A member that is missing has no element of its own: then the place where it would have stood is pointed
    at, else the nearest group around it that has an element, and at last the contact, its identifier or the
    patient.
    """
    found: dict[str, None] = {}
    for member in members:
        for name in _outwards(member):
            paths = [*_elements(provenance, name)] or [*_place_of(provenance, name)]
            if paths:
                found.update(dict.fromkeys(paths))
                break
    if not found:
        for name in _LAST_RESORT:
            found.update(dict.fromkeys(_elements(provenance, name)))
            if found:
                break
    return tuple(found)[:_MOST]


def _outwards(member: str) -> Iterable[str]:
    while member:
        yield member
        member = member.rpartition(".")[0]


def _place_of(provenance: Provenance, member: str) -> Iterable[str]:
    origin = provenance.get(absent_key(member))
    return origin.paths if origin is not None else ()


def _elements(provenance: Provenance, member: str) -> Iterable[str]:
    """The own element of each value at or below `member`; the elements that only selected it stay out."""
    for path, origin in provenance.items():
        if origin.paths and path.startswith(member) and path[len(member) : len(member) + 1] in ("", ".", "["):
            yield origin.paths[0]
