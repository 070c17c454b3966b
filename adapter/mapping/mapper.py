"""From a bundle to its care events: `map_bundle` puts the concerns together. Pure."""

from typing import NamedTuple

from adapter.domain.event import Patient, Slutenvard, Vardhandelse
from adapter.fhir.bundle import Bundle, Entry, Node
from adapter.mapping.access import map_access
from adapter.mapping.actions import map_actions
from adapter.mapping.contact import Setting, map_contact
from adapter.mapping.contact_type import NOWHERE
from adapter.mapping.contacts import Contact, Patients, contacts, patients
from adapter.mapping.context import MappingContext
from adapter.mapping.coordination import tell_double
from adapter.mapping.diagnoses import map_diagnoses
from adapter.mapping.draft import Draft
from adapter.mapping.drugs import map_drugs
from adapter.mapping.duplicates import tell_duplicates
from adapter.mapping.fast_lakarkontakt import named_physicians, tell_aside
from adapter.mapping.guarantee import with_guarantee
from adapter.mapping.guard import signs_of_a_test
from adapter.mapping.identifiers import (
    EventKey,
    deletion_key,
    encounter_key,
    event_id,
    person_event_id,
    version,
)
from adapter.mapping.inpatient import map_inpatient
from adapter.mapping.links import Links
from adapter.mapping.mapped import Mapped
from adapter.mapping.missing import note_missing
from adapter.mapping.modifiers import Modifiers
from adapter.mapping.overlaps import tell_overlaps
from adapter.mapping.patient import map_patient
from adapter.mapping.referral import Followers
from adapter.mapping.signs import Made
from adapter.mapping.staff import map_staff
from adapter.mapping.status import contact_status
from adapter.mapping.strays import tell_strays
from adapter.mapping.subject import Subjects
from adapter.mapping.times import map_time, tell_ahead, tell_before_birth
from adapter.mapping.unit import map_unit


class Ways(NamedTuple):
    """How the resources of a bundle hang together, found once for all its contacts."""

    links: Links
    followers: Followers
    made: Made
    modifiers: Modifiers


def map_bundle(bundle: Bundle, context: MappingContext) -> list[Mapped]:
    """Every care event of `bundle`: in the order of its Encounters, then named physicians, then deletions.

    The bundle must be structurally sound (adapter.fhir.read). Errors of content are findings of the events
    that they concern; nothing is raised for them.
    """
    links = Links(bundle)
    ways = Ways(links, Followers(bundle), Made(bundle), Modifiers(bundle))
    mapped: list[Mapped] = []
    drafts: list[tuple[Draft, Subjects]] = []
    for contact in contacts(bundle):
        found = patients(bundle, context.aliases, contact.encounters[0])
        for subjects in found.subjects:
            draft = Draft(bundle, context)
            mapped.append(_map_event(draft, ways, contact, found, subjects))
            drafts.append((draft, subjects))
    named = named_physicians(bundle, context, ways.modifiers)
    tell_aside(named, drafts, mapped)
    mapped += [event for _, _, event in named.events]
    drafts += [(draft, subjects) for draft, subjects, _ in named.events]
    if links.strays:
        for owner, finding in tell_strays(bundle, links.strays, drafts):
            mapped[owner].findings.append(finding)
    mapped += [
        _deleted(bundle, context, ways.modifiers, entry)
        for entry in bundle.entries
        if entry.method == "DELETE"
    ]
    if len(mapped) > 1:
        tell_duplicates(mapped, context.catalogue)
        tell_double(mapped, context.catalogue)
        tell_overlaps(bundle, mapped, context.catalogue)
    return mapped


def _map_event(draft: Draft, ways: Ways, contact: Contact, found: Patients, subjects: Subjects) -> Mapped:
    """One event: one patient's part in one contact."""
    encounters, main, links = contact.encounters, contact.encounters[0], ways.links
    draft.entries.update(encounter.entry for encounter in (*encounters, *contact.withdrawn))
    key = encounter_key(draft, contact.naming)
    tid = map_time(draft, main)
    patient = _patient(draft, found, subjects, main)
    enhet = map_unit(draft, main)
    staff = map_staff(draft, links, encounters)
    diagnoses = map_diagnoses(draft, links, encounters, subjects)
    actions = map_actions(draft, links, encounters, subjects, diagnoses)
    kind, kontakt = map_contact(
        draft,
        Setting(
            encounters=encounters,
            actions=actions,
            diagnoses=diagnoses,
            subjects=subjects,
            made=ways.made,
            staff=staff.members,
            staff_paths=staff.paths,
            group=found.group,
            team=contact.team,
            referral=NOWHERE
            if found.node is not None  # a group leads nowhere
            else ways.followers.referral(draft.context, encounters, key.identifier),
        ),
    )
    for encounter in contact.withdrawn:
        draft.findings.add("TEAM-WITHDRAWN", encounter.path + ".status")
    event = Vardhandelse(
        event_id=_event_id(draft, key, patient, subjects, contact),
        kind=kind,
        status=contact_status(draft, encounters),
        version=version(draft, contact.naming),
        patient=patient,
        enhet=enhet,
        tid=tid,
        kontakt=kontakt,
        personal=staff.members,
        diagnoser=diagnoses.members,
        atgarder=actions.members,
        lakemedel=map_drugs(draft, encounters, subjects, actions, diagnoses),
        tillgang=map_access(draft, main),
        slutenvard=map_inpatient(draft, main, enhet, tid) if kind == "vardtillfalle" else Slutenvard(),
    )
    if event.status == "final":
        tell_ahead(draft, main)
    if event.status != "cancelled":
        tell_before_birth(draft, main, tid, patient.fodelsedatum)
    ways.modifiers.tell(draft)
    event = with_guarantee(draft, event, main)
    patients_node = _patient_node(draft, subjects)
    note_missing(draft, event, main, patients_node[0] if patients_node else None)
    return Mapped(
        event=event,
        provenance=draft.provenance,
        findings=list(draft.findings),
        entries=frozenset(draft.entries),
        encounter=contact.naming.path,
        identifier=key.identifier,
        follows=ways.followers.follows((*encounters, *contact.withdrawn)),
        tests=tuple(signs_of_a_test(draft, patient, (*encounters, *patients_node))),
    )


def _patient(draft: Draft, found: Patients, subjects: Subjects, encounter: Node) -> Patient:
    """The patient, and what there is to say about a group."""
    if found.node is not None:
        draft.entries.add(found.node.entry)
        if subjects.own is None:
            draft.findings.add("GROUP-EMPTY", found.node.path)
            return map_patient(draft, None, encounter, "")
        if found.alone:
            draft.findings.add("GROUP-ALONE", found.node.path + ".member")
    own = subjects.own
    if own is None:
        return map_patient(draft, None, encounter, "")
    if subjects.again:
        for again in subjects.again:
            draft.resolve(again.reference, again.base)
        draft.findings.add("GROUP-MEMBER-TWICE", *(one.path for one in subjects.again), own.path)
    return map_patient(draft, own.reference, own.base, own.path, own.via)


def _patient_node(draft: Draft, subjects: Subjects) -> tuple[Node, ...]:
    own = subjects.own
    node = None if own is None or not own.reference else draft.bundle.resolve(own.reference, own.base)
    return () if node is None else (node,)


def _event_id(draft: Draft, key: EventKey, patient: Patient, subjects: Subjects, contact: Contact) -> str:
    """The event's id; a group's members are told apart by the patient."""
    own = subjects.own
    if not subjects.is_group or own is None:
        draft.trace("event_id", (*key.paths, *contact.team), ("CONTACT-ID", *key.by))
        return event_id(draft.context.sender.name, key.identifier)
    of_patient = draft.provenance["patient.id"].paths if patient.id else ()
    draft.trace("event_id", (*key.paths, *of_patient, *contact.team), ("CONTACT-ID", *key.by))
    member = patient.id or draft.bundle.key(own.reference, own.base) or own.path
    return person_event_id(draft, key.identifier, member, own.path)


def _deleted(bundle: Bundle, context: MappingContext, modifiers: Modifiers, entry: Entry) -> Mapped:
    """The cancellation that a DELETE of an Encounter asks for."""
    draft = Draft(bundle, context)
    shown = bundle.node(entry.index)
    if shown is not None and shown.type == "Encounter" and shown.resource.get("identifier"):
        # what it was known by when it was sent says more than the id in the address
        key: EventKey | None = encounter_key(draft, shown)
    else:
        key = deletion_key(entry)
    if key is None:
        draft.findings.add("CONTACT-NO-IDENTIFIER", f"{entry.path}.request.url")
        key = EventKey(f"|{entry.path}", ())
    elif key.by:
        draft.findings.add(*key.by, *key.paths)
    draft.entries.add(entry.index)
    modifiers.tell(draft)
    draft.trace("event_id", key.paths, ("CONTACT-ID", *key.by))
    draft.trace("status", (f"{entry.path}.request.method",), ("CONTACT-DELETED",))
    draft.trace("kind", (), ("CONTACT-DELETED",))
    event = Vardhandelse(
        event_id=event_id(context.sender.name, key.identifier), kind="vardkontakt", status="cancelled"
    )
    return Mapped(
        event=event,
        provenance=draft.provenance,
        findings=list(draft.findings),
        entries=frozenset(draft.entries),
        encounter=f"{entry.path}.request.url",
        identifier=key.identifier,
    )
