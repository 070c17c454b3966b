"""What kind of professional somebody is: the group, KVÅ's code of it, and whether it takes a licence."""

import msgspec

from adapter.mapping.concept_maps import PHYSICIAN, PROFESSION
from adapter.mapping.draft import Draft
from adapter.mapping.professional import Profession

_Paths = tuple[str, ...]

OTHER = "XS922"
"""KVÅ: another profession than those that have a code of their own."""
_KVA = "kva"

LICENSED = frozenset(
    (
        "apotekare",
        "arbetsterapeut",
        "audionom",
        "barnmorska",
        "biomedicinsk-analytiker",
        "dietist",
        "fysioterapeut",
        "kiropraktor",
        "kurator",
        "lakare",
        "logoped",
        "naprapat",
        "optiker",
        "ortopedingenjor",
        "psykolog",
        "psykoterapeut",
        "receptarie",
        "rontgensjukskoterska",
        "sjukhusfysiker",
        "sjukskoterska",
        "tandhygienist",
        "tandlakare",
    )
)
"""The groups whose profession takes a licence: those of HOSP, Socialstyrelsen's register of the licensed."""

UNLICENSED = frozenset(("ortoptist", "ovrig", "skotare", "underskoterska"))
"""The groups whose profession takes none; of a group that is in neither, nobody knows."""

_REGISTER = "hosp"
_WITHOUT_LICENCE = frozenset((("hsa-befattning", "204090"),))
"""Positions that say themselves that the holder has no licence and is in no training that counts as one
(204090: *Läkare ej legitimerad, annan*); AT-läkare, 204010, are followed up as physicians."""


class Kind(msgspec.Struct, frozen=True):
    """What is known of a professional's profession. `code` is always there: *other* when nothing is known."""

    group: str | None
    code: str
    licensed: bool | None


def map_profession(draft: Draft, professions: list[Profession], at: str, link: _Paths) -> Kind:
    """Group, KVÅ code and licence of the event's member `at`, from its profession codings.

    `link` are the leaves that say whose professions these are. A physician is one whatever else the person
    is; otherwise the first coding that a map knows counts.
    """
    group, by, paths = _group(draft, professions)
    paths += link
    if group is not None:
        draft.trace(at + ".yrkesgrupp", paths, ("STAFF-GROUP", *by))
    code, maps = _kva(draft, group)
    rule = "STAFF-KVA-OTHER" if code == OTHER else "STAFF-KVA"
    draft.trace(at + ".yrkeskod", paths, (rule, *by, *maps))
    licensed = _licensed(professions, group)
    if licensed is not None:
        draft.trace(at + ".legitimerad", paths, ("STAFF-LICENSED", *by))
    return Kind(group, code, licensed)


def _group(draft: Draft, professions: list[Profession]) -> tuple[str | None, _Paths, _Paths]:
    """The group, the maps that led to it, and all leaves that took part in the choice."""
    chosen: str | None = None
    by: _Paths = ()
    paths: _Paths = ()
    for one in professions:
        found, maps = _group_of(draft, one)
        paths += one.coding.paths + one.link
        if found is not None and (chosen is None or (found == PHYSICIAN and chosen != PHYSICIAN)):
            chosen, by = found, (*maps, *one.by)
    return chosen, by, paths


def _group_of(draft: Draft, one: Profession) -> tuple[str | None, _Paths]:
    if one.coding.system == PROFESSION:
        return one.coding.code, ()
    choice = draft.context.concept_maps.choose(one.coding.system, one.coding.code, PROFESSION)
    return choice.code, choice.map_ids


def _kva(draft: Draft, group: str | None) -> tuple[str, _Paths]:
    if group is None:
        return OTHER, ()
    choice = draft.context.concept_maps.choose(PROFESSION, group, _KVA)
    return choice.code or OTHER, choice.map_ids


def _licensed(professions: list[Profession], group: str | None) -> bool | None:
    """Whether the profession is a licensed one; None where the group is not known."""
    if group is None:
        return None
    codings = [one.coding for one in professions]
    if any((one.system, one.code) in _WITHOUT_LICENCE for one in codings):
        return any(one.system == _REGISTER for one in codings)
    return True if group in LICENSED else False if group in UNLICENSED else None
