"""How a contact was held: the evidence for its channel, and whether it holds together.

Evidence comes from Encounter.class, from KVÅ's technique codes (HLM-REHAB, *Typ av digital teknik*) and from
codings of Encounter.type. Each piece keeps its paths, so that a contradiction can name both sides.
"""

import re
from collections.abc import Iterable
from itertools import combinations
from typing import Literal, cast

import msgspec

from adapter.domain.event import Kanal
from adapter.fhir.bundle import Node
from adapter.mapping.actions import Action
from adapter.mapping.classes import INPATIENT, class_code, class_paths
from adapter.mapping.codings import Coding
from adapter.mapping.draft import Draft

Says = Literal["fysisk", "video", "telefon", "text", "distans"]
Place = Literal["hem", "annan", ""]

_CLASSES: dict[str, tuple[Says, Place]] = {
    "AMB": ("fysisk", ""),
    "EMER": ("fysisk", ""),
    "FLD": ("fysisk", ""),
    "HH": ("fysisk", "hem"),
    "VR": ("distans", ""),
}
_TECHNIQUE: dict[str, Says] = {"XS012": "telefon", "UX007": "video", "XS003": "text"}
_HOME_VISIT = ("snomed-ct", "439708006")
"""SNOMED CT: home visit."""
_LEAF = re.compile(
    r"Bundle\.entry\[(?P<entry>\d+)\]\.resource\.(?P<element>.+?)(\.coding\[\d+\])?(\.(code|system))?"
)
_INDEX = re.compile(r"\[\d+\]")
_Paths = tuple[str, ...]
KANAL = "kanal"
"""Short name of the code system that concept maps translate type codings into when they tell the channel."""

_READINGS: dict[str, dict[str, tuple[Says, Place]]] = {
    "besok": {"1": ("fysisk", ""), "2": ("telefon", ""), "4": ("fysisk", "")},
    "sluten-oppen": {"4": ("fysisk", "hem")},
}
"""kv_vardkontakttyp: besök, telefon, dagsjukvård; hemsjukvård in the other reading. The rest says nothing."""

_INPATIENT_READING = {"besok": "3", "sluten-oppen": "1"}


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One piece: the channel that it speaks for, the place, where it stands and the rules that read it."""

    says: Says
    place: Place
    paths: tuple[str, ...]
    by: tuple[str, ...]


class Channel(msgspec.Struct, frozen=True):
    """What all the evidence comes to. `kanal` is None when it is missing or contradicts itself.

    `distant` says that the contact was at a distance, whatever the channel; `sound` that nothing contradicts.
    """

    kanal: Kanal | None
    distant: bool
    sound: bool
    evidence: tuple[Evidence, ...]
    silent: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the evidence stands, then what was looked at and said nothing."""
        return paths_of(self.evidence) + self.silent

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that read it."""
        found: dict[str, None] = {}
        for piece in self.evidence:
            found |= dict.fromkeys(piece.by)
        return tuple(found)

    def at(self, place: Place) -> tuple[Evidence, ...]:
        """The pieces that speak for a place."""
        return tuple([piece for piece in self.evidence if piece.place == place])


def paths_of(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Where all these pieces stand."""
    found: list[str] = []
    for piece in evidence:
        found += piece.paths
    return tuple(found)


def by_class(draft: Draft, encounter: Node) -> Evidence | None:
    """What Encounter.class says; an unknown class says nothing, with a finding, inpatient care no channel."""
    code = class_code(encounter, draft.context.aliases)
    paths = class_paths(encounter)
    known = _CLASSES.get(code)
    if known is not None:
        return Evidence(known[0], known[1], paths, ("KT-KANAL-KLASS",))
    if code not in INPATIENT:
        draft.findings.add("KT-KLASS-OKAND", *(paths or (encounter.path,)))
    return None


def by_technique(actions: Iterable[Action]) -> list[Evidence]:
    """What KVÅ's technique codes say; ZV051 only turns a letter (XS003) into a digital one."""
    return [
        Evidence(says, "", action.paths, ("KT-KANAL-KVA",))
        for action in actions
        if (says := _TECHNIQUE.get(action.coded.code)) is not None
    ]


def by_type(draft: Draft, coding: Coding) -> Evidence | None:
    """What one coding of Encounter.type says about the channel, by a concept map or the sender's reading."""
    if coding.system == "kv_vardkontakttyp":
        reading = draft.context.sender.vardkontakttyp_reading
        known = _READINGS[reading].get(coding.code) if reading is not None else None
        return Evidence(known[0], known[1], coding.paths, ("KT-KANAL-KV",)) if known else None
    choice = draft.context.concept_maps.choose(coding.system, coding.code, KANAL)
    if choice.code is None:
        if choice.rule == "CODE-MAP-NOT-USABLE":
            draft.findings.add(
                choice.rule,
                *coding.paths,
                target=KANAL,
                equivalence=choice.equivalence or "",
                system=coding.system,
            )
        return None
    place: Place = "hem" if (coding.system, coding.code) == _HOME_VISIT else ""
    return Evidence(cast(Says, choice.code), place, coding.paths, ("KT-KANAL-TYP", *choice.map_ids))


def says_inpatient(draft: Draft, coding: Coding) -> bool:
    """Whether a coding of kv_vardkontakttyp means inpatient care in the sender's reading."""
    reading = draft.context.sender.vardkontakttyp_reading
    return (
        coding.system == "kv_vardkontakttyp"
        and reading is not None
        and _INPATIENT_READING[reading] == coding.code
    )


def weigh(draft: Draft, evidence: Iterable[Evidence], silent: tuple[str, ...] = ()) -> Channel:
    """Put the pieces together. Contradicting ones are an error that names them all."""
    pieces = tuple(evidence)
    said = {piece.says for piece in pieces}
    concrete = said - {"distans"}
    clash = next(((one, other) for one, other in combinations(pieces, 2) if _contradict(one, other)), None)
    sound = clash is None
    if clash is not None:
        one, other = clash
        tell_contradiction(
            draft, (one.paths[0], one.says), (other.paths[0], other.says), paths_of((one, other, *pieces))
        )
    kanal = next(iter(concrete)) if sound and concrete else None
    distant = bool(said - {"fysisk"})
    return Channel(_as_kanal(kanal), distant, sound, pieces, silent)


def tell_contradiction(draft: Draft, one: tuple[str, str], other: tuple[str, str], paths: _Paths) -> None:
    """The error that two sources, each a path and what it says, contradict each other; `paths` are theirs and
    those of all that was weighed."""
    draft.findings.add(
        "KT-KANAL-MOTSAGD",
        *dict.fromkeys((one[0], other[0], *paths)),
        one=_element(draft, one[0]),
        first=one[1],
        other=_element(draft, other[0]),
        second=other[1],
    )


def says_of_class(code: str) -> str:
    """What a class says of the channel, in a word that no sender chose."""
    known = _CLASSES.get(code)
    return known[0] if known is not None else "annat"


def _contradict(one: Evidence, other: Evidence) -> bool:
    """Whether two pieces cannot both be true: at a distance is any channel but the physical."""
    if one.says == other.says:
        return False
    return "distans" not in (one.says, other.says) or "fysisk" in (one.says, other.says)


def _element(draft: Draft, path: str) -> str:
    """The element that a leaf of a coding belongs to, without indexes: ``Procedure.code``."""
    found = _LEAF.fullmatch(path)
    node = draft.bundle.node(int(found["entry"])) if found is not None else None
    if found is None or node is None:
        return path
    return f"{node.type}.{_INDEX.sub('', found['element'])}"


def _as_kanal(says: Says | None) -> Kanal | None:
    return None if says is None or says == "distans" else says
