"""The fast läkarkontakt of each patient of a bundle: an event of its own, which is no care contact.

How it is found: adapter.mapping.physician_claims. What it may look like in FHIR, and what FHIR cannot say, is
told in docs/reference/fast-lakarkontakt.
"""

from collections.abc import Sequence

import msgspec

from adapter.domain.event import Patient, Personal, Tid, Vardhandelse
from adapter.domain.finding import Finding
from adapter.fhir.bundle import Bundle, Node
from adapter.mapping.concept_maps import PHYSICIAN
from adapter.mapping.context import MappingContext
from adapter.mapping.draft import Draft
from adapter.mapping.guard import signs_of_a_test
from adapter.mapping.identifiers import person_event_id
from adapter.mapping.mapped import Mapped
from adapter.mapping.modifiers import Modifiers
from adapter.mapping.patient import map_patient, read_patient
from adapter.mapping.physician_claims import Claim, claim_paths, claims
from adapter.mapping.professional import Participant, read_professional
from adapter.mapping.staff import personal_of
from adapter.mapping.subject import Subject, Subjects

_SYSTEM = "urn:vardbro:fast-lakarkontakt"
_PERSONNUMMER = "personnummer"
_REGISTER = "listning"
"""Who is told of a fast läkarkontakt: errors of the link concern nobody else."""
_Paths = tuple[str, ...]


class NamedPhysicians(msgspec.Struct):
    """The events of a bundle, each with its draft and patient.

    `aside` are findings, by patient, that no event of the kind can carry: nobody was named but organisations.
    """

    events: list[tuple[Draft, Subjects, Mapped]] = msgspec.field(default_factory=list)
    aside: list[tuple[Claim, Finding]] = msgspec.field(default_factory=list)


def named_physicians(bundle: Bundle, context: MappingContext, modifiers: Modifiers) -> NamedPhysicians:
    """One event for each patient who is said to have a fast läkarkontakt."""
    by_patient: dict[str, list[Claim]] = {}
    for claim in claims(bundle, context):
        by_patient.setdefault(claim.owner, []).append(claim)
    found = NamedPhysicians()
    for owner, made in by_patient.items():
        draft = Draft(bundle, context)
        people = [claim for claim in made if claim.professional]
        for claim in made:
            if not claim.professional:
                draft.findings.add("FLK-ORGANISATION", claim.path)
        if people:
            stated = [claim for claim in people if claim.stated]
            found.events.append(_event(draft, owner, stated or people, modifiers))
        else:
            found.aside += [(made[0], finding) for finding in draft.findings]
    return found


def tell_aside(
    found: NamedPhysicians, contacts: Sequence[tuple[Draft, Subjects]], mapped: Sequence[Mapped]
) -> None:
    """Say at a contact of the patient, else at the first, what no fast läkarkontakt can carry."""
    for claim, finding in found.aside:
        owner = next(
            (
                index
                for index, (draft, subjects) in enumerate(contacts)
                if claim.base.entry in draft.entries and subjects.own is not None
            ),
            0,
        )
        if mapped:
            mapped[owner].findings.append(finding)


def _event(
    draft: Draft, owner: str, made: list[Claim], modifiers: Modifiers
) -> tuple[Draft, Subjects, Mapped]:
    standing = [claim for claim in made if not claim.ended]
    current = _current(draft, standing or made)
    for claim in made:
        if claim.ended and standing:
            draft.findings.add("FLK-AVSLUTAD", claim.path, *claim.ended)
    draft.date, draft.date_paths = current.since, current.since_at
    draft.entries.update(claim.base.entry for claim in made)
    if current.since is not None:
        draft.trace("tid.startdatum", current.since_at, ("FLK-FRAN",))
    else:
        draft.absent("tid.startdatum", *current.since_at)
    patient, subjects, node = _patient(draft, current)
    if patient.kind is not None and patient.kind != _PERSONNUMMER:
        draft.findings.add("FLK-IDENTITET", *draft.provenance["patient.kind"].paths[:1])
    personal = _physician(draft, current)
    modifiers.tell(draft)
    key = person_event_id(draft, _SYSTEM, patient.id or owner, current.path)
    draft.trace("event_id", draft.provenance["patient.id"].paths if patient.id else (), ("FLK-ID",))
    draft.trace("kind", (*current.by, *current.since_at), ("FLK-UTSEDD", *current.maps))
    draft.trace("status", current.ended or current.by, ("FLK-UPPHORD",) if not standing else ("FLK-UTSEDD",))
    event = Vardhandelse(
        event_id=key,
        kind="fast_lakarkontakt",
        status="final" if standing else "cancelled",
        version=_version(draft, made),
        patient=patient,
        tid=Tid(startdatum=current.since),
        personal=(personal,) if personal is not None else (),
    )
    mapped = Mapped(
        event=event,
        provenance=draft.provenance,
        findings=list(draft.findings),
        entries=frozenset(draft.entries),
        encounter=current.base.path,
        identifier=f"{_SYSTEM}|{key}",
        tests=tuple(signs_of_a_test(draft, patient, (current.base, *node))),
    )
    return draft, subjects, mapped


def _current(draft: Draft, made: list[Claim]) -> Claim:
    """The claim with the newest from-date; the others are told, and one without a date is an error."""
    for claim in made:
        if claim.since is None:
            _tell_undated(draft, claim)
    newest = max(made, key=lambda claim: claim.since or "")
    for claim in made:
        if claim is newest or claim.since is None:
            continue
        if claim.since < (newest.since or ""):
            draft.findings.add("FLK-ALDRE", claim.path, *claim.since_at)
        elif _who(draft, claim) != _who(draft, newest):
            draft.findings.add("FLK-SAMMA-DAG", claim.path, newest.path, register=_REGISTER)
    return newest


def _version(draft: Draft, made: list[Claim]) -> str | None:
    """The newest from-date that the bundle speaks of, be it of a link that is over.

    So a link that began earlier never takes the place of a later one, whichever arrives last, and its end
    does not end the later one; a from-date that was wrong is withdrawn together with what is right.
    """
    newest = max(made, key=lambda claim: claim.since or "")
    if newest.since is not None:
        draft.trace("version", newest.since_at, ("FLK-ORDNING",))
    return newest.since


def _tell_undated(draft: Draft, claim: Claim) -> None:
    """A missing date; where nobody says that it is a link, it may be a contact that was left out as well."""
    if claim.stated:
        draft.findings.add("FLK-DATUM", *claim.since_at, register=_REGISTER)
    else:
        draft.findings.add("CONTACT-NONE-BUT-PHYSICIAN", *claim.since_at)


def _who(draft: Draft, claim: Claim) -> str | None:
    """A text that is equal for claims of the same professional, whatever resource they lead to."""
    apart = Draft(draft.bundle, draft.context)  # what there is to remark is told when the person is mapped
    person = read_professional(apart, claim.base, claim.reference, claim.path, ())
    return None if person is None else person.key


def _patient(draft: Draft, claim: Claim) -> tuple[Patient, Subjects, tuple[Node, ...]]:
    """The patient; as a subject, so that what else speaks of the patient is recognised; and the resource."""
    if isinstance(claim.patient, Subject):
        own = claim.patient
        reference = own.reference or None
        node = draft.bundle.resolve(own.reference, own.base) if own.reference else None
        found = map_patient(draft, reference, own.base, own.path, claim.by)
        return found, Subjects(own), () if node is None else (node,)
    node = claim.patient
    reference = {"reference": draft.bundle.entries[node.entry].full_url or ""}
    return read_patient(draft, node), Subjects(Subject(reference, node, node.path)), (node,)


def _physician(draft: Draft, claim: Claim) -> Personal | None:
    """The physician as the only one of the staff; who is none, or has no HSA-id, is an error."""
    link = claim_paths(claim)
    person = read_professional(draft, claim.base, claim.reference, claim.path, link)
    if person is None:
        return None
    found = personal_of(draft, person, 0, link)
    draft.trace("personal[0].huvudansvarig", link, ("FLK-UTSEDD",))
    where = person.node.path if person.node is not None else claim.path
    if found.hsa_id is None:
        draft.findings.add("FLK-HSA-ID", where, register=_REGISTER)
    if found.yrkesgrupp is None:
        draft.findings.add("FLK-YRKE-OKANT", where)
    elif found.yrkesgrupp != PHYSICIAN:
        draft.findings.add("FLK-EJ-LAKARE", *(_stated(person) or (where,)), register=_REGISTER)
    return found


def _stated(person: Participant) -> _Paths:
    return tuple(path for one in person.professions for path in one.coding.paths[:1])
