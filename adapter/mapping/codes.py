"""The code to report for a CodeableConcept: sent as such, or translated; checked on the date of care."""

from collections.abc import Sequence
from typing import Any

import msgspec

from adapter.domain.codes import normalise
from adapter.mapping.aliases import READ_AS
from adapter.mapping.codings import Coding, codings_of
from adapter.mapping.concept_maps import Choice
from adapter.mapping.draft import Draft


class Coded(msgspec.Struct, frozen=True, gc=False):
    """A code to report. `paths`: its own leaves, then those of the codings it was chosen among."""

    code: str
    system: str
    paths: tuple[str, ...]
    by: tuple[str, ...]


def report_codes(
    draft: Draft, concept: dict[str, Any] | None, path: str, wanted: tuple[str, ...]
) -> list[Coded]:
    """The codes of the `wanted` systems in a concept, the systems in order of preference.

    Codes of the first system that has any; where there are none, the first coding that reads as or
    translates to ``wanted[0]``. What is left out is told as a finding, whatever the reason.
    """
    codings = codings_of(concept, path, draft.context.aliases)
    if not codings:
        draft.findings.add("CODE-NO-CODE", path)
        return []
    only = codings[0]
    if len(codings) == 1 and only.system in wanted:
        found = [Coded(normalise(only.code), only.system, only.paths, ())]
    else:
        found = _sent(codings, wanted) or _read_as(draft, codings, wanted[0])
        found = found or _translated(draft, codings, wanted[0])
    if draft.date is not None:
        for one in found:
            _check(draft, one)
    return found


def _sent(codings: list[Coding], wanted: tuple[str, ...]) -> list[Coded]:
    """Codes sent in the first of the `wanted` systems that occurs, equal ones once."""
    for system in wanted:
        found: dict[str, Coding] = {}
        for coding in codings:
            if coding.system == system:
                found.setdefault(normalise(coding.code), coding)
        if found:
            return [Coded(code, system, _among(coding, codings), ()) for code, coding in found.items()]
    return []


def _read_as(draft: Draft, codings: list[Coding], target: str) -> list[Coded]:
    for coding in codings:
        if READ_AS.get(coding.system) == target:
            draft.findings.add("CODE-ICD10-SYSTEM", coding.paths[1])
            return [Coded(normalise(coding.code), target, _among(coding, codings), ("CODE-ICD10-SYSTEM",))]
    return []


def _translated(draft: Draft, codings: list[Coding], target: str) -> list[Coded]:
    choices = [draft.context.concept_maps.choose(coding.system, coding.code, target) for coding in codings]
    for index, (coding, choice) in enumerate(zip(codings, choices, strict=True)):
        if choice.code is not None:
            if choice.rule is not None:
                draft.findings.add(choice.rule, *coding.paths, target=target)
            maps = draft.context.concept_maps
            tried = [one for one in codings[:index] if maps.has_map(one.system, target)]
            paths = _among(coding, codings, tried)
            return [Coded(normalise(choice.code), target, paths, choice.map_ids)]
    for coding, choice in zip(codings, choices, strict=True):
        _leave_out(draft, coding, choice, target)
    return []


def _leave_out(draft: Draft, coding: Coding, choice: Choice, target: str) -> None:
    """Say why a coding gives no code: its system, or its map."""
    if not coding.system:
        draft.findings.add("CODE-NO-SYSTEM", *coding.paths)
    elif choice.rule is not None and draft.context.concept_maps.has_map(coding.system, target):
        # a system that has a map is named in our own data, so its name may be shown
        draft.findings.add(
            choice.rule,
            *coding.paths,
            system=coding.system,
            target=target,
            equivalence=choice.equivalence or "",
        )
    elif coding.known:
        draft.findings.add("CODE-UNUSED-SYSTEM", *coding.paths, system=coding.system)
    else:
        draft.findings.add("CODE-UNKNOWN-SYSTEM", *coding.paths)


def _among(chosen: Coding, codings: list[Coding], tried: Sequence[Coding] = ()) -> tuple[str, ...]:
    """The chosen coding's leaves, then what of the others took part.

    Of the others it mattered that their systems are others; `tried` were looked up in a map, in vain.
    """
    if len(codings) == 1:
        return chosen.paths
    others = (
        path
        for coding in codings
        if coding is not chosen
        for path in (coding.paths if coding in tried else coding.paths[1:])
    )
    return (*chosen.paths, *others)


def _check(draft: Draft, coded: Coded) -> None:
    rule = draft.context.terminology.check(coded.system, coded.code, draft.date or "").rule
    if rule is None:
        return
    if rule == "CODE-UNCHECKED":
        if coded.system in draft.unchecked:
            return
        draft.unchecked.add(coded.system)
    draft.findings.add(rule, *coded.paths[:2], system=coded.system)
