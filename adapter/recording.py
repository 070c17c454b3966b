"""From a translation to the records that the ledger takes. Pure."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import orjson

from adapter.domain.event import Enhet, Vardhandelse, as_facts
from adapter.domain.kombika import written
from adapter.domain.message import RegisterMessage
from adapter.ledger.model import Edit, Fate, KnownEvent, Meeting, NewEvent, NewMessage, Visit
from adapter.translation import Contact, Translation, Verdict

Known = dict[str, list[KnownEvent]]
"""What the ledger knows of the events that each identifier names."""

Reported = Mapping[str, frozenset[str]]
"""The registers to which another system has reported the contact of an identifier."""


Followed = Mapping[str, tuple[Visit, ...]]
"""The visits that follow on the contact of an identifier."""


class Recorder:
    """Makes records for these registers; messages to those in `shadow` are stored and never sent.

    `names_contact` says whether the body of a cancel tells its register which contact is meant.
    """

    def __init__(
        self,
        registers: Sequence[str],
        shadow: frozenset[str] = frozenset(),
        names_contact: Callable[[RegisterMessage], bool] = lambda _: True,
    ) -> None:
        self._registers = tuple(registers)
        self._shadow = shadow
        self._names_contact = names_contact

    def events(
        self,
        translation: Translation,
        sender: str,
        known: Known,
        reported: Reported | None = None,
        followed: Followed | None = None,
    ) -> list[NewEvent]:
        """The versions that a translation brings, and those that it withdraws.

        `known` is what the ledger knew of the events that the translation's identifiers name, `reported` the
        contacts of which it knew nothing and another system has told a register: they can be cancelled.
        `followed` are the visits that it knew to follow on contacts of the translation.
        """
        elsewhere, visits = reported or {}, followed or {}
        contacts = [contact for contact in translation.contacts if not contact.refused]
        revisions = {event.event_id: event.revision for events in known.values() for event in events}
        told = {event.event_id for events in known.values() for event in events if event.told}
        events = [
            self.version(
                contact,
                sender,
                revisions.get(contact.mapped.event.event_id, 0),
                told=contact.mapped.event.event_id in told,
                reported=elsewhere.get(contact.mapped.identifier, frozenset()),
                followed_by=tuple(one.event_id for one in visits.get(contact.mapped.identifier, ())),
            )
            for contact in contacts
        ]
        return events + self._withdrawn(translation, sender, known, visits)

    def _withdrawn(
        self, translation: Translation, sender: str, known: Known, visits: Followed
    ) -> list[NewEvent]:
        """Events that an identifier named before and names no more: members that have left a group, or all
        of them when the group's Encounter is deleted."""
        named = {contact.mapped.event.event_id for contact in translation.contacts}
        versions = {
            contact.mapped.identifier: contact.mapped.event.version for contact in translation.contacts
        }
        return [
            NewEvent(
                event_id=event.event_id,
                sender=sender,
                identifier=identifier,
                version=versions[identifier],
                expected_revision=event.revision,
                status="cancelled",
                content=fingerprint(["cancelled"]),
                decides=self._registers,
                followed_by=tuple(one.event_id for one in visits.get(identifier, ())),
            )
            for identifier, events in known.items()
            for event in events
            if event.event_id not in named and event.status != "cancelled"
        ]

    def version(
        self,
        contact: Contact,
        sender: str,
        revision: int,
        edit: Edit | None = None,
        told: bool = True,
        reported: frozenset[str] = frozenset(),
        followed_by: tuple[str, ...] = (),
        remade: bool = False,
    ) -> NewEvent:
        """The version that one contact brings to its event, whose newest `revision` is known (0: none).

        `edit` says that it is an operator's edit. `told`: there has been a message of the event, else there
        is nothing to cancel. `reported` are registers that know the contact from another system: there it can
        be cancelled though nothing was ever taken. `followed_by` are the visits that were known to follow on
        the contact; `remade`: the sender has sent nothing new.
        """
        event = contact.mapped.event
        cancels_nothing = event.status == "cancelled" and (revision == 0 or not told)
        messages = tuple(
            message
            for verdict in contact.verdicts
            if not cancels_nothing or verdict.register in reported
            for message in self._messages(contact, verdict)
        )
        return NewEvent(
            event_id=event.event_id,
            sender=sender,
            identifier=contact.mapped.identifier,
            version=event.version,
            expected_revision=revision,
            status=event.status,
            content=fingerprint([event.status, [[m.register, m.content, m.held] for m in messages]]),
            messages=messages,
            decides=_decided_registers(contact),
            edit=edit,
            fates=_fates(contact),
            unit=unit_of(event),
            care_date=event.tid.startdatum or "",
            follows=contact.mapped.follows,
            visit=_visit(event),
            meeting=_meeting(event),
            followed_by=followed_by,
            remade=remade,
            protected=event.patient.skyddad,
        )

    def _messages(self, contact: Contact, verdict: Verdict) -> list[NewMessage]:
        findings = msgspec.json.encode(verdict.findings)
        if verdict.fate in ("held", "refused"):
            return [self._held(contact, verdict, findings)]
        return [self._message(message, findings) for message in verdict.messages]

    def _message(self, message: RegisterMessage, findings: bytes) -> NewMessage:
        return NewMessage(
            register=message.register,
            service=message.service,
            slot=message.slot,
            event_id=message.event_id,
            intent=message.intent,
            body=orjson.dumps(self._body(message)),
            trace=msgspec.json.encode(message.trace),
            content=fingerprint([message.intent, message.body]),
            identity=message.identity,
            unit=message.unit,
            edition=message.edition,
            care_date=message.care_date,
            findings=findings,
            shadow=message.register in self._shadow,
        )

    def _body(self, message: RegisterMessage) -> dict[str, Any]:
        """The body; empty for a cancel that does not say which contact is meant: it is made from what the
        register has accepted."""
        if message.intent == "cancel" and not self._names_contact(message):
            return {}
        return message.body

    def _held(self, contact: Contact, verdict: Verdict, findings: bytes) -> NewMessage:
        event = contact.mapped.event
        cause = next(finding.rule for finding in verdict.findings if finding.severity == "error")
        return NewMessage(
            register=verdict.register,
            service=verdict.service,
            slot=event.event_id,
            event_id=event.event_id,
            intent="report",
            body=b"",
            trace=b"[]",
            content=_made_of(event),
            identity="",
            unit=event.enhet.vardenhet or "",
            edition=verdict.edition,
            care_date=event.tid.startdatum or "",
            findings=findings,
            held=f"rule:{cause}",
        )


def _made_of(event: Vardhandelse) -> str:
    """The fingerprint of what a message could not be made of: other facts are another version."""
    facts = as_facts(event)
    facts.pop("version", None)
    return fingerprint(facts)


def unit_of(event: Vardhandelse) -> str:
    """The care unit: its HSA-id, else its kombika, else nothing."""
    return event.enhet.vardenhet or _kombika(event.enhet)


def _visit(event: Vardhandelse) -> Visit | None:
    """The event as a visit that can follow on another contact; None where nobody could tell."""
    if event.kind != "vardkontakt" or event.tid.startdatum is None:
        return None
    return Visit(
        event_id=event.event_id,
        date=event.tid.startdatum,
        unit=unit_of(event),
        staff=tuple(sorted(person.hsa_id for person in event.personal if person.hsa_id)),
        physical=event.kontakt.kanal == "fysisk",
        patient=event.patient.id or "",
    )


_MAY_BE_TRIAGE = frozenset(("telefonsamtal", "video-ersatter-ej-besok"))


def _meeting(event: Vardhandelse) -> Meeting | None:
    """The event as something that may belong with another: a call that may have been triage, or a visit."""
    unit, day, patient = unit_of(event), event.tid.startdatum, event.patient.id
    if event.kind != "vardkontakt" or not (unit and day and patient):
        return None
    if event.kontakt.typ in _MAY_BE_TRIAGE:
        return Meeting(f"{patient} {unit} {day}", "contact")
    return Meeting(f"{patient} {unit} {day}", "visit") if event.kontakt.kanal == "fysisk" else None


def _kombika(enhet: Enhet) -> str:
    return "" if enhet.kombika is None else written(enhet.kombika)


_WEIGHTS = ("refused", "held", "message", "pending", "not-reported")
"""Of a register's services the one that needs somebody speaks for the register, else the one that is told."""


def _fates(contact: Contact) -> tuple[Fate, ...]:
    """One fate for each register, whichever of its services it is of."""
    found: dict[str, Fate] = {}
    for fate in (_fate(contact, verdict) for verdict in contact.verdicts):
        before = found.get(fate.register)
        if before is None or _WEIGHTS.index(fate.fate) < _WEIGHTS.index(before.fate):
            found[fate.register] = fate
    return tuple(found.values())


def _fate(contact: Contact, verdict: Verdict) -> Fate:
    """What a register gets of a contact, for whoever asks later."""
    if contact.mapped.event.status == "pending" and verdict.fate == "message" and not verdict.messages:
        return Fate(verdict.register, "pending")
    errors = [finding.rule for finding in verdict.findings if finding.severity == "error"]
    rules = verdict.not_reported if verdict.fate == "not-reported" else errors
    return Fate(verdict.register, verdict.fate, next(iter(rules), None))


def cancelled_in_vain(contacts: Sequence[Contact], known: Known) -> frozenset[str]:
    """Cancelled events whose identifier names nothing that a register could have been told of: it was never
    taken, or only as planned, as what is not reported, or as cancelled."""
    return frozenset(
        contact.mapped.event.event_id
        for contact in contacts
        if contact.mapped.event.status == "cancelled"
        and not any(event.told for event in known[contact.mapped.identifier])
    )


def _decided_registers(contact: Contact) -> tuple[str, ...]:
    """Registers that this version tells everything or nothing: other lanes of the event are withdrawn."""
    if contact.mapped.event.status == "pending":
        return ()
    fates: dict[str, set[str]] = {}
    for verdict in contact.verdicts:
        fates.setdefault(verdict.register, set()).add(verdict.fate)
    return tuple(register for register, found in fates.items() if found <= {"message", "not-reported"})


def fingerprint(value: Any) -> str:
    """A short text that is equal for equal JSON values, whatever the order of their members."""
    encoded = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()
