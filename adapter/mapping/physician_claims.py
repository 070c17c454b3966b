"""Who says that a physician is somebody's fast läkarkontakt: Patient.generalPractitioner and CareTeam.

An ordinary bundle names general practitioners and care teams of all kinds. A claim is only what says so: the
extension with the from-date, the role of our code system (or a local one that a map places there), or a
bundle that holds nothing but patients and those who care for them.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from adapter.domain.localtime import LocalTime, to_local
from adapter.fhir.bundle import Bundle, Node
from adapter.mapping.aliases import AliasTable
from adapter.mapping.codings import Coding, codings_in
from adapter.mapping.context import MappingContext
from adapter.mapping.draft import reference_paths
from adapter.mapping.extensions import Extension, own_extensions
from adapter.mapping.professional import PROFESSIONALS, stated_type
from adapter.mapping.subject import Subject, person, person_of

EXTENSION = "fast-lakarkontakt-fran"
ROLE_SYSTEM = "teamroll"
ROLE = "fast-lakarkontakt"
_ABOUT_PEOPLE = frozenset(
    ("Patient", "Practitioner", "PractitionerRole", "Organization", "CareTeam", "Location")
)
_NOT_YET = frozenset(("proposed", "suspended"))
_OVER = frozenset(("inactive", "entered-in-error"))
_WHOLE_DATE = 10
_Paths = tuple[str, ...]


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One statement that somebody is a patient's fast läkarkontakt.

    `reference` names the professional and stands in `base` at `path`. `since` is the local from-date, None
    where it is missing or no whole date; `since_at` is where it stands or would stand. `by` are the leaves
    that make it a claim. `stated` is False for a general practitioner of a bundle about patients only, who
    is not said to be the fast läkarkontakt. `ended` are the leaves that say that it is over, or never was.
    """

    owner: str
    patient: Node | Subject
    base: Node
    reference: dict[str, Any]
    path: str
    since: str | None
    since_at: _Paths
    by: _Paths = ()
    maps: _Paths = ()
    stated: bool = True
    kind: str = ""
    ended: _Paths = ()

    @property
    def professional(self) -> bool:
        """Whether the reference can lead to a professional: it leads to one, or nobody knows where."""
        return self.kind in PROFESSIONALS or not self.kind


def claims(bundle: Bundle, context: MappingContext) -> list[Claim]:
    """All claims of a bundle: those of its Patients in order, then those of its CareTeams."""
    found = list(_of_patients(bundle, context.aliases))
    for team in bundle.of_type("CareTeam"):
        found += _of_team(bundle, context, team)
    return found


def _of_patients(bundle: Bundle, aliases: AliasTable) -> Iterator[Claim]:
    only_people = _is_about_people(bundle)
    for patient in bundle.of_type("Patient"):
        for index, reference in enumerate(patient.resource.get("generalPractitioner", ())):
            path = f"{patient.path}.generalPractitioner[{index}]"
            found = own_extensions(Node("Reference", reference, path, patient.entry)).get(EXTENSION)
            kind = _kind(bundle, reference, patient)
            if found is None and not (only_people and kind in PROFESSIONALS):
                continue
            since, since_at = _since(found, path)
            yield Claim(
                owner=person_of(aliases, patient),
                patient=patient,
                base=patient,
                reference=reference,
                path=path,
                since=since,
                since_at=since_at,
                stated=found is not None,
                kind=kind,
            )


def _since(found: Extension | None, path: str) -> tuple[str | None, _Paths]:
    """The date of the extension, and where it stands; two different dates are none."""
    if found is None:
        return None, (path,)
    value, paths = found.value("Date")
    if found.agrees and isinstance(value, str) and len(value) == _WHOLE_DATE:
        return value, paths
    return None, found.places


def _of_team(bundle: Bundle, context: MappingContext, team: Node) -> Iterator[Claim]:
    reference = team.resource.get("subject") or {}
    patient = Subject(reference, team, team.path + ".subject")
    status = team.resource.get("status")
    if status in _NOT_YET:
        return
    standing = (team.path + ".status",) if status is not None else ()
    for index, item in enumerate(team.resource.get("participant", ())):
        path = f"{team.path}.participant[{index}]"
        role = _role(context, codings_in(item.get("role", ()), path + ".role", context.aliases))
        member = item.get("member")
        if role is None or not member:
            continue
        period = item.get("period", {})
        day = to_local(period["start"]) if period.get("start") else None
        ended = standing if status in _OVER else ()
        yield Claim(
            owner=person(bundle, context.aliases, patient) if reference else patient.path,
            patient=patient,
            base=team,
            reference=member,
            path=path + ".member",
            since=day.datum if isinstance(day, LocalTime) else None,
            since_at=(path + ".period.start",) if "start" in period else (path,),
            by=(*role[0], *standing),
            maps=role[1],
            kind=_kind(bundle, member, team),
            ended=(*ended, path + ".period.end") if "end" in period else ended,
        )


def _role(context: MappingContext, codings: list[Coding]) -> tuple[_Paths, _Paths] | None:
    """The leaves and maps by which one of the roles is that of the fast läkarkontakt."""
    for coding in codings:
        if coding.system == ROLE_SYSTEM and coding.code == ROLE:
            return coding.paths, ()
        choice = context.concept_maps.choose(coding.system, coding.code, ROLE_SYSTEM)
        if choice.code == ROLE:
            return coding.paths, choice.map_ids
    return None


def unread_roles(bundle: Bundle, context: MappingContext) -> _Paths:
    """The role codings of CareTeam participants of whom none says that it is the fast läkarkontakt."""
    found: _Paths = ()
    for team in bundle.of_type("CareTeam"):
        for index, item in enumerate(team.resource.get("participant", ())):
            path = f"{team.path}.participant[{index}].role"
            codings = codings_in(item.get("role", ()), path, context.aliases)
            if codings and _role(context, codings) is None:
                found += tuple(leaf for coding in codings for leaf in coding.paths)
    return found


def _kind(bundle: Bundle, reference: dict[str, Any], base: Node) -> str:
    node = bundle.resolve(reference, base)
    return node.type if node is not None else stated_type(reference)


def _is_about_people(bundle: Bundle) -> bool:
    """Whether every entry is of patients and those who care for them: none is broken, or a deletion."""
    kinds = [(entry.resource or {}).get("resourceType") for entry in bundle.entries]
    return "Patient" in kinds and _ABOUT_PEOPLE.issuperset(kinds)


def claim_paths(claim: Claim) -> _Paths:
    """The leaves that name the professional, and those that say that it is a claim."""
    return (*reference_paths(claim.reference, claim.path), *claim.by)
