"""The invariants of our profiles as functions, by key.

The profile holds each as a FHIRPath expression for everybody's tools; here it is a function, because intake
has no time for an interpreter. A test compares the two on examples, counter-examples and their mutations.
Each takes the element that the invariant stands on, an object, and must not trust the types of its members.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from adapter.domain.canonical import code_system
from adapter.fhir.profile.systems import (
    DIAGNOSES,
    HSA_IDS,
    ICD_10,
    KOMBIKAS,
    KVA,
    PERSONS,
    PROFESSIONS,
    SNOMED,
)

Json = dict[str, Any]
Test = Callable[[Json], bool]

_TWELVE = re.compile(r"[0-9]{8}[-+]?[0-9]{4}", re.ASCII)
_HSA_ID = re.compile(r"[Ss][Ee][0-9]{10}([0-9]{2})?-[0-9A-Za-z]+", re.ASCII)
_KOMBIKA = re.compile(r"([^+]+[+])?[0-9]{8}[0-9A-Za-z]{1,3}", re.ASCII)
_ICD_10 = re.compile(r"[A-Za-z][0-9]{2}([.]?[0-9][0-9A-Za-z]{0,2})?[*†+]?", re.ASCII)
_KVA = re.compile(r"([A-Za-z]{2}[0-9]{3}|[A-Za-z]{3}[0-9]{2})[0-9A-Za-z]{0,3}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_ROLE = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"


def rule_of(key: str) -> str:
    """The id of the rule that tells of a broken invariant."""
    return f"FHIR-PROFILE-{key.upper()}"


def _items(of: Any, *steps: str) -> Iterator[Any]:
    """The values at a path of elements, as FHIRPath collects them."""
    if not steps:
        yield of
    elif isinstance(of, dict):
        inner = of.get(steps[0])
        for one in inner if isinstance(inner, list) else () if inner is None else (inner,):
            yield from _items(one, *steps[1:])


def _there(of: Json, name: str) -> bool:
    """Whether an element is there, with a value or an extension alone."""
    return any(True for _ in _items(of, name)) or any(True for _ in _items(of, f"_{name}"))


def _of_systems(of: Json, path: tuple[str, ...], systems: Collection[str], member: str) -> list[str]:
    """The `member` (value, code) of the items whose system is one of `systems`."""
    found = []
    for item in _items(of, *path):
        if isinstance(item, dict) and item.get("system") in systems and isinstance(item.get(member), str):
            found.append(item[member])
    return found


def _identified(systems: Collection[str]) -> Test:
    return lambda of: not _there(of, "identifier") or bool(_of_systems(of, ("identifier",), systems, "value"))


def _identifiers(systems: Collection[str], form: re.Pattern[str]) -> Test:
    return lambda of: all(form.fullmatch(one) for one in _of_systems(of, ("identifier",), systems, "value"))


def _coded(systems: Collection[str]) -> Test:
    return lambda of: not _complete(of) or bool(_of_systems(of, ("code", "coding"), systems, "code"))


def _codes(systems: Collection[str], form: re.Pattern[str]) -> Test:
    return lambda of: all(form.fullmatch(one) for one in _of_systems(of, ("code", "coding"), systems, "code"))


def _complete(of: Json) -> bool:
    """Whether a coding of the code has both system and code."""
    codings = _items(of, "code", "coding")
    return any(isinstance(one, dict) and _there(one, "system") and _there(one, "code") for one in codings)


def _has_coding(of: Json) -> bool:
    return not _there(of, "code") or _complete(of)


def _has_profession(of: Json) -> bool:
    return _coded((*PROFESSIONS, code_system("gvr-vdg")))(of)


def _one_of_type(system: str) -> Test:
    return lambda of: len(set(_of_systems(of, ("type", "coding"), (code_system(system),), "code"))) <= 1


def _has_day(of: Json) -> bool:
    return all(isinstance(one, str) and _DAY.match(one) for one in _items(of, "period", "start"))


def _one_main_diagnosis(of: Json) -> bool:
    ranks = [one for one in _items(of, "diagnosis", "rank") if one == 1 and not isinstance(one, bool)]
    return len(ranks) <= 1


def _names_staff(of: Json) -> bool:
    return of.get("status") != "finished" or any(True for _ in _items(of, "participant", "individual"))


def _has_end(of: Json) -> bool:
    stay = of.get("status") == "finished" and "IMP" in list(_items(of, "class", "code"))
    return not stay or any(
        _there(period, "end") for period in _items(of, "period") if isinstance(period, dict)
    )


def _one_main_responsible(of: Json) -> bool:
    main = [
        one
        for one in _items(of, "participant")
        if "PPRF" in _of_systems(one, ("type", "coding"), (_ROLE,), "code")
    ]
    return len(main) <= 1


def _reports(of: Json) -> bool:
    for entry in _items(of, "entry"):
        for resource in _items(entry, "resource"):
            kind = resource.get("resourceType") if isinstance(resource, dict) else None
            if kind in ("Encounter", "CareTeam") or (
                kind == "Patient" and _there(resource, "generalPractitioner")
            ):
                return True
        if any(_deletes(request) for request in _items(entry, "request")):
            return True
    return False


def _deletes(request: Any) -> bool:
    if not isinstance(request, dict) or request.get("method") != "DELETE":
        return False
    return str(request.get("url", "")).startswith("Encounter")


def _contacts_differ(of: Json) -> bool:
    contacts = [
        resource
        for resource in _items(of, "entry", "resource")
        if isinstance(resource, dict) and resource.get("resourceType") == "Encounter"
    ]
    pairs = [
        (one["system"], one["value"])
        for contact in contacts
        for one in _items(contact, "identifier")
        if isinstance(one, dict) and isinstance(one.get("system"), str) and isinstance(one.get("value"), str)
    ]
    return len(set(pairs)) == len(pairs)


LAWS: Mapping[str, Test] = {
    "vb-pat-1": _identified(PERSONS),
    "vb-pat-2": _identifiers(PERSONS[:4], _TWELVE),
    "vb-org-1": _identified(HSA_IDS + KOMBIKAS),
    "vb-org-2": _identifiers(HSA_IDS, _HSA_ID),
    "vb-org-3": _identifiers(KOMBIKAS, _KOMBIKA),
    "vb-rol-1": _has_coding,
    "vb-rol-2": _has_profession,
    "vb-rol-3": lambda of: _there(of, "identifier") or _there(of, "practitioner"),
    "vb-con-1": _has_coding,
    "vb-con-2": _coded(DIAGNOSES),
    "vb-con-3": _codes(ICD_10, _ICD_10),
    "vb-pro-1": _has_coding,
    "vb-pro-2": _coded(KVA + SNOMED),
    "vb-pro-3": lambda of: _there(of, "encounter") or _there(of, "partOf"),
    "vb-pro-4": _codes(KVA, _KVA),
    "vb-enc-1": _one_of_type("gvr-btyp"),
    "vb-enc-2": _one_of_type("vardkontakttyp"),
    "vb-enc-3": _has_day,
    "vb-enc-4": _one_main_diagnosis,
    "vb-enc-5": _names_staff,
    "vb-enc-6": lambda of: _there(of, "serviceProvider") or _there(of, "location"),
    "vb-enc-7": _has_end,
    "vb-enc-8": _one_main_responsible,
    "vb-bun-1": lambda of: of.get("type") == "message" or _there(of, "identifier"),
    "vb-bun-2": _reports,
    "vb-bun-3": _contacts_differ,
}
"""Key of the invariant -> whether it holds for an element."""
