"""The contact type (PMO, *Vårdkontakter 2025*): the sender's explicit statement, else chosen from evidence.

The steps, first match wins; each is a rule of mappings/rules/common/contact.yaml and shows in the trace.
"""

import msgspec

from adapter.mapping.channel import Channel, Evidence, Place, Says
from adapter.mapping.codings import Coding
from adapter.mapping.draft import Draft

_Paths = tuple[str, ...]

COORDINATION = "koordineringsinsats"
TRIAGE = "triage"
SYSTEM = "vardkontakttyp"

IMPLIED: dict[str, Says | None] = {
    "mottagningsbesok": "fysisk",
    "hembesok": "fysisk",
    "gruppbesok": "fysisk",
    "teambesok": "fysisk",
    TRIAGE: None,
    "video-ersatter-besok": "video",
    "video-ersatter-ej-besok": "video",
    "telefon-ersatter-besok": "telefon",
    "telefonsamtal": "telefon",
    "text-ersatter-besok": "text",
    "text-ersatter-ej-besok": "text",
    "kontakt-om-patient": None,
    "kommentar": None,
    COORDINATION: None,
}
"""The types, and the channel that each implies."""

WITHOUT_PATIENT = frozenset(("kontakt-om-patient", "kommentar"))
REPLACES = frozenset(("video-ersatter-besok", "telefon-ersatter-besok", "text-ersatter-besok"))
DOES_NOT_REPLACE = frozenset(("video-ersatter-ej-besok", "telefonsamtal", "text-ersatter-ej-besok"))

_DISTANCE = {
    ("video", True): "video-ersatter-besok",
    ("video", False): "video-ersatter-ej-besok",
    ("telefon", True): "telefon-ersatter-besok",
    ("telefon", False): "telefonsamtal",
    ("text", True): "text-ersatter-besok",
    ("text", False): "text-ersatter-ej-besok",
}
REFERRING = frozenset(("telefon", "video"))
"""Channels in which a contact that led to a visit is triage; of text the sources are silent (PMO)."""

CHANGED_BY_REFERRAL = frozenset(("telefonsamtal", "video-ersatter-ej-besok"))
"""Types that PMO changes into triage when the contact led to a visit, also where the sender stated them."""

_NEW_IN_2025 = "video-ersatter-ej-besok"
_EDITION_2025 = "2025-01-01"


class Stated(msgspec.Struct, frozen=True):
    """An explicit contact type with where it stands and the maps that gave it."""

    code: str
    paths: _Paths
    by: _Paths


class Referral(msgspec.Struct, frozen=True):
    """Whether the contact led to a visit with other staff of the unit on the same day, by which rules, and
    the paths that say so (none where another bundle does)."""

    by: _Paths = ()
    paths: _Paths = ()

    def __bool__(self) -> bool:
        return bool(self.by)


NOWHERE = Referral()


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What the steps look at besides the channel, each with its paths."""

    group: _Paths = ()
    several_staff: _Paths = ()
    triage: _Paths = ()
    referral: Referral = NOWHERE
    replaces: bool = False
    replaces_paths: _Paths = ()
    replaces_by: _Paths = ()


class Chosen(msgspec.Struct, frozen=True):
    """The type (None: it cannot be told), the paths that took part and the rules, in order."""

    typ: str | None
    paths: _Paths
    by: _Paths


def stated_type(draft: Draft, coding: Coding) -> Stated | None:
    """The contact type that a coding of Encounter.type states: our own code, or a local one through a map."""
    if coding.system == SYSTEM:
        if coding.code in IMPLIED:
            return Stated(coding.code, coding.paths, ("KT-UTTRYCKLIG",))
        draft.findings.add("KT-TYP-OKAND", *coding.paths)
        return None
    choice = draft.context.concept_maps.choose(coding.system, coding.code, SYSTEM)
    if choice.code is None or choice.code not in IMPLIED:
        return None
    if choice.rule is not None:
        draft.findings.add(choice.rule, *coding.paths, target=SYSTEM)
    return Stated(choice.code, coding.paths, ("KT-LOKAL-KOD", *choice.map_ids))


def one_stated(draft: Draft, stated: list[Stated]) -> Stated | None:
    """The explicit type; two different ones are an error, and the first is kept."""
    if not stated:
        return None
    if len({one.code for one in stated}) > 1:
        draft.findings.add("KT-TYP-FLERA", *(path for one in stated for path in one.paths))
    first = stated[0]
    if len(stated) > 1:
        same = tuple(path for one in stated if one.code == first.code for path in one.paths)
        first = Stated(first.code, same, first.by)
    return first


def check_edition(draft: Draft, typ: str | None, paths: _Paths) -> None:
    """An error for a type, stated or chosen, that did not exist on the date of care."""
    if typ == _NEW_IN_2025 and draft.date is not None and draft.date < _EDITION_2025:
        draft.findings.add("KT-TYP-EJ-ANNU", *paths, *draft.date_paths)


def implied(stated: Stated) -> Evidence | None:
    """An explicit type as evidence for the channel, to be held against the rest."""
    says = IMPLIED[stated.code]
    place: Place = "hem" if stated.code == "hembesok" else ""
    return None if says is None else Evidence(says, place, stated.paths, stated.by)


def choose_type(channel: Channel, given: Circumstances) -> Chosen:
    """Steps 3 to 6 for a contact whose type nobody stated."""
    if channel.kanal is None:
        return Chosen(None, channel.paths, channel.rules)
    if channel.kanal == "fysisk":
        return _physical(channel, given)
    return _distance(channel, given)


def _physical(channel: Channel, given: Circumstances) -> Chosen:
    evidence, rules = channel.paths, channel.rules
    if given.several_staff:
        paths = (*evidence, *given.several_staff, *given.group)
        return Chosen("teambesok", paths, (*rules, "KT-GRUPP-TEAM" if given.group else "KT-TEAM"))
    if given.group:
        return Chosen("gruppbesok", (*evidence, *given.group), (*rules, "KT-GRUPP"))
    if given.triage and given.referral:
        return _triage((*given.triage, *evidence), rules, given)
    if channel.at("hem"):
        return Chosen("hembesok", evidence, (*rules, "KT-HEM"))
    by = (*rules, "KT-TRIAGE-ENSAM") if given.triage else rules
    return Chosen("mottagningsbesok", (*evidence, *given.triage), (*by, "KT-MOTTAGNING"))


def _distance(channel: Channel, given: Circumstances) -> Chosen:
    paths, rules = (*channel.paths, *given.replaces_paths), channel.rules
    if given.replaces:
        return Chosen(_DISTANCE[channel.kanal or "", True], paths, (*rules, *given.replaces_by))
    if given.referral and channel.kanal in REFERRING:
        return _triage((*given.triage, *paths), rules, given)
    if given.triage and channel.kanal in REFERRING:
        paths, rules = (*paths, *given.triage), (*rules, "KT-TRIAGE-ENSAM")
    return Chosen(_DISTANCE[channel.kanal or "", False], paths, (*rules, "KT-ERSATTER-EJ"))


def _triage(paths: _Paths, rules: _Paths, given: Circumstances) -> Chosen:
    own = ("KT-TRIAGE",) if given.triage else ()
    return Chosen(TRIAGE, (*given.referral.paths, *paths), (*rules, *own, *given.referral.by))
