"""What the codes of a resource mean for the question whether something was decided: code system ``insats``.

The codes come through ConceptMaps (mappings/concept-maps/kva-insats.json and others, and a user's own), so
that which KVÅ or local code counts as treatment or counselling is data. PMO's examples are the code system.
"""

from collections.abc import Iterable

import msgspec

from adapter.fhir.bundle import Node
from adapter.mapping.codings import Coding
from adapter.mapping.draft import Draft
from adapter.mapping.signs import concepts

SYSTEM = "insats"
SAMPLING = "provtagning"
RENEWED_ANEW = "KVAL-RECEPT-NYA-BESVAR"
"""The rule of a prescription renewed after an assessment of new or changed complaints."""

DECISIONS = {
    "behandling": "KVAL-BEHANDLING",
    "radgivande-samtal": "KVAL-RADGIVNING",
    "utredning": "KVAL-UTREDNING",
    "vardplan": "KVAL-VARDPLAN",
    "behandlingsprogram": "KVAL-PROGRAM",
    "sjukskrivning-nya-besvar": "KVAL-SJUKSKRIVNING",
    "receptfornyelse-nya-besvar": RENEWED_ANEW,
}
"""The codes that are decisions on care, with their rules."""

NO_DECISIONS = {
    "provtagning-infor-besok": "KVAL-EJ-PROVTAGNING",
    "receptfornyelse": "KVAL-EJ-RECEPT",
    "sjukskrivning-forlangd": "KVAL-EJ-SJUKSKRIVNING",
    "normalt-provsvar": "KVAL-EJ-PROVSVAR",
    "information": "KVAL-EJ-INFORMATION",
    "forberedelse": "KVAL-EJ-INFORMATION",
    "administration": "KVAL-EJ-INFORMATION",
    "utbildning": "KVAL-EJ-INFORMATION",
    "uppfoljning": "KVAL-EJ-UPPFOLJNING",
    "egenvardsrad": "KVAL-EJ-EGENVARD",
    "nasta-modul": "KVAL-EJ-MODUL",
    "kort-svar": "KVAL-EJ-MODUL",
}
"""The codes that are not, with theirs."""


class Measure(msgspec.Struct, frozen=True):
    """What a coding means: a code of ``insats``, where it stands and the maps that gave it."""

    code: str
    paths: tuple[str, ...]
    by: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The rule of the code; empty for one that says neither."""
        return DECISIONS.get(self.code) or NO_DECISIONS.get(self.code, "")

    @property
    def decides(self) -> bool:
        """Whether it is a decision on care."""
        return self.code in DECISIONS


def measures(draft: Draft, codings: Iterable[Coding]) -> list[Measure]:
    """What the codings mean, those that mean anything: our own codes, and what a map makes one."""
    found = []
    for coding in codings:
        if coding.system == SYSTEM:
            found.append(Measure(coding.code, coding.paths, ()))
            continue
        choice = draft.context.concept_maps.choose(coding.system, coding.code, SYSTEM)
        if choice.code is not None:
            found.append(Measure(choice.code, coding.paths, choice.map_ids))
    return found


def weightiest(found: Iterable[Measure]) -> Measure | None:
    """The first that says *no decision*, else the first that decides: what is plainly said counts more."""
    listed = [one for one in found if one.rule]
    against = [one for one in listed if not one.decides]
    return (against or listed or [None])[0]  # type: ignore[list-item]


def by_code_or_category(draft: Draft, node: Node) -> Measure | None:
    """What the code of a resource means; where it means nothing, its category."""
    return weightiest(measures(draft, concepts(draft, node, "code"))) or weightiest(
        measures(draft, concepts(draft, node, "category"))
    )
