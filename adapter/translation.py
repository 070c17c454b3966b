"""From bytes to register messages: the pure way of the data.

    bytes -> fhir.read -> mapping.map_bundle -> rules.judge -> registers.render

Nothing here touches disk, network or clock, so that `vardbro map`, the service and a replay give the same
result for the same bytes, settings and rule editions.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from adapter.domain.event import ENCOUNTER_KINDS, Vardhandelse
from adapter.domain.finding import Finding, Findings, has_error
from adapter.domain.localtime import a_day_after
from adapter.domain.message import RegisterMessage
from adapter.domain.rule import Catalogue
from adapter.fhir.bundle import Bundle, Entry
from adapter.fhir.links import entries_spoiled_by
from adapter.fhir.message import check_message
from adapter.fhir.profile import Profiles
from adapter.fhir.read import Limits, Reading, read
from adapter.mapping import Mapped, map_bundle
from adapter.mapping.context import MappingContext
from adapter.mapping.modifiers import RULE as MODIFIER
from adapter.mapping.physician_claims import unread_roles
from adapter.registers.forms import Forms
from adapter.registers.protocol import Receiver
from adapter.rules import Facts, Packs

Fate = Literal["message", "held", "not-reported", "refused"]

READABLE_TYPES = frozenset({"transaction", "batch", "collection", "document", "message"})
CONTENT_METHODS = frozenset({None, "POST", "PUT", "DELETE"})


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one event at one service of one register."""

    register: str
    service: str
    edition: str
    fate: Fate
    messages: tuple[RegisterMessage, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_reported: tuple[str, ...] = ()


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One mapped event with a verdict for each service of the enabled registers that it concerns."""

    mapped: Mapped
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """Whether no register can take the event for other reasons than *not reported*."""
        fates = {verdict.fate for verdict in self.verdicts}
        if not fates:
            return has_error(self.findings)
        return "refused" in fates and not fates & {"message", "held"}


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """A submission, understood. `findings` are those that belong to no contact (structure, bundle)."""

    reading: Reading
    contacts: tuple[Contact, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def all_findings(self) -> list[Finding]:
        """Every finding, those of the bundle first, each once."""
        seen: dict[Any, Finding] = {}
        for finding in (*self.findings, *(item for contact in self.contacts for item in contact.findings)):
            seen.setdefault((finding.rule, finding.register, finding.expression), finding)
        return list(seen.values())


class Translator:
    """Translates submissions with one set of packs, maps, tables and enabled registers. `version` names them.

    `guarded` are the registers in production: there contacts of test persons, and test data, are held.
    """

    def __init__(
        self,
        packs: Packs,
        context: MappingContext,
        receivers: Mapping[str, Receiver],
        register_facts: Mapping[str, dict[str, Any]],
        limits: Limits | None = None,
        guarded: frozenset[str] = frozenset(),
        version: str = "",
        profiles: Profiles | None = None,
        forms: Forms | None = None,
    ) -> None:
        self.version = version
        self.profiles = profiles
        self._forms = forms or Forms({})
        self.packs = packs
        self._explained = dict(packs.catalogue)
        self.catalogue: Catalogue = self._explained
        self.receivers = dict(receivers)
        self._context = context
        self._facts = {name: dict(register_facts.get(name, {})) for name in self.receivers}
        self._limits = limits or Limits()
        self._guarded = guarded & self.receivers.keys()

    def renew(self, made: "Translator") -> None:
        """Take over packs, maps and tables of another, made for the same receivers, at once: what is being
        translated is done with one or the other.

        Rules that are no more stay explained: what was found by them may still have to be told.
        """
        explained = self._explained
        explained.update(made.catalogue)
        self.__dict__.update({**made.__dict__, "_explained": explained, "catalogue": explained})

    def read(self, raw: bytes) -> Reading:
        """Parse and validate; see adapter.fhir.read."""
        return read(raw, self.catalogue, self._limits, self.profiles)

    def translate(
        self,
        reading: Reading,
        context: MappingContext | None = None,
        at: str | None = None,
        arrived: float | None = None,
    ) -> Translation:
        """Map, judge and render what was read. `at` overrides the date that picks the rule edition.

        `arrived` is when the bundle came (seconds since 1970), against which its times are held.
        """
        bundle = reading.bundle
        if bundle is None:
            return Translation(reading=reading, findings=tuple(reading.findings))
        findings = Findings(self.catalogue)
        findings.extend(reading.findings)
        self._check_door(bundle, findings)
        whole = bundle.type != "batch"
        if whole and has_error(findings):
            return Translation(reading=reading, findings=tuple(findings))
        spoiled = self._unusable(bundle, reading)
        usable = bundle.without(reading.bad_entries) if reading.bad_entries else bundle
        context = context or self._context
        if arrived is not None:
            context = msgspec.structs.replace(context, latest=a_day_after(arrived))
        contacts = tuple(self._contact(mapped, at, spoiled) for mapped in map_bundle(usable, context))
        if not contacts and not reading.bad_entries:
            roles = unread_roles(usable, context)
            findings.add("INTAKE-NO-CONTACT", "Bundle.entry", *roles)
            if roles:
                findings.add("FLK-ROLL-OKAND", *roles)
        return Translation(reading=reading, contacts=contacts, findings=tuple(findings))

    def names_contact(self, message: RegisterMessage) -> bool:
        """Whether a message's body tells its register which contact is meant."""
        return self.receivers[message.register].natural_key(message.service, message.body) is not None

    def _check_door(self, bundle: Bundle, findings: Findings) -> None:
        """Whether this door takes such a bundle, and such entries, at all."""
        if bundle.type not in READABLE_TYPES:
            findings.add("INTAKE-BUNDLE-TYPE", "Bundle.type")
        if bundle.type == "message":
            check_message(bundle, findings)
        if "implicitRules" in bundle.raw:
            findings.add("FHIR-IMPLICIT-RULES", "Bundle.implicitRules")
        for entry in bundle.entries:
            if is_for_another_type(entry):
                findings.add("FHIR-REQUEST-TYPE", f"{entry.path}.request.url")
            if entry.method not in CONTENT_METHODS or _deletes_other(entry):
                findings.add("INTAKE-METHOD", f"{entry.path}.request.method")

    def _unusable(self, bundle: Bundle, reading: Reading) -> frozenset[int]:
        """Entries that a broken entry refers to or is referred by: their contact is not whole."""
        if not reading.bad_entries:
            return frozenset()
        return entries_spoiled_by(bundle, reading.bad_entries)

    def _contact(self, mapped: Mapped, at: str | None, spoiled: frozenset[int]) -> Contact:
        findings = Findings(self.catalogue)
        findings.extend(mapped.findings)
        if spoiled & mapped.entries:
            findings.add("INTAKE-HELD-BACK", mapped.encounter)
        verdicts = tuple(
            self._verdict(name, receiver, service, mapped, tuple(findings), at)
            for name, receiver in self.receivers.items()
            for service in receiver.services(mapped.event)
        )
        notes = [finding for finding in findings if not verdicts or finding.severity != "error"]
        if mapped.tests and self._guarded != self.receivers.keys():
            notes += [msgspec.structs.replace(sign, severity="information") for sign in mapped.tests]
        return Contact(
            mapped=mapped,
            verdicts=verdicts,
            findings=(*notes, *(finding for verdict in verdicts for finding in verdict.findings)),
        )

    def _verdict(
        self,
        name: str,
        receiver: Receiver,
        service: str,
        mapped: Mapped,
        findings: Sequence[Finding],
        at: str | None,
    ) -> Verdict:
        event = mapped.event
        stopping = [
            msgspec.structs.replace(finding, register=name)
            for finding in (*findings, *(mapped.tests if name in self._guarded else ()))
            if finding.severity == "error"
            and finding.register in (None, name)
            and (receiver.needs_identity or finding.rule not in NUMBER_RULES)
        ]
        is_for_others = event.kind not in receiver.kinds
        if is_for_others:
            stopping = [finding for finding in stopping if _may_be_of_another_kind(receiver, event, finding)]
        if event.status == "cancelled":
            return self._cancellation(name, service, receiver, mapped, stopping)
        date = at or event.tid.startdatum
        edition = self.packs.edition(name, service, date) if date else None
        if edition is None and is_for_others:
            edition = self.packs.edition(name, service, ANY_DATE)
        if edition is None:
            if not stopping:
                stopping.append(self._no_edition(name, mapped))
            return Verdict(
                register=name,
                service=service,
                edition="",
                fate=self._fate(stopping),
                findings=tuple(stopping),
            )
        judgement = edition.judge(event, mapped.provenance, Facts(event, self._facts[name]))
        found = (*stopping, *judgement.findings)
        in_doubt = any(finding.rule.startswith(DECIDING_RULES) for finding in stopping)
        if judgement.not_reported and not in_doubt:
            return Verdict(
                register=name,
                service=service,
                edition=edition.name,
                fate="not-reported",
                not_reported=judgement.not_reported,
                findings=found,
            )
        fate = self._fate(found)
        is_told = fate == "message"
        messages = receiver.render(event, mapped.provenance, edition.name, service) if is_told else ()
        misshapen = self._misshapen(name, messages, mapped)
        return Verdict(
            register=name,
            service=service,
            edition=edition.name,
            fate=self._fate(misshapen) if misshapen else fate,
            messages=() if misshapen else tuple(messages),
            findings=(*found, *misshapen),
        )

    def _misshapen(
        self, register: str, messages: Iterable[RegisterMessage], mapped: Mapped
    ) -> tuple[Finding, ...]:
        """What in messages that are ready to go has not the form that the register takes. An event document
        (XML) is no such body: its own schema is looked at when it is written."""
        if self._facts[register].get("form") == "xml":
            return ()
        return tuple(found for one in messages for found in self._forms.findings(one, mapped.encounter))

    def _cancellation(
        self, name: str, service: str, receiver: Receiver, mapped: Mapped, stopping: Sequence[Finding]
    ) -> Verdict:
        """A cancellation is judged by no rule: what was sent must be withdrawn, whatever it said."""
        blocking = [
            finding
            for finding in stopping
            if finding.rule in IDENTIFYING_RULES or _turns_around(finding, mapped)
        ]
        messages = () if blocking else receiver.render(mapped.event, mapped.provenance, "", service)
        return Verdict(
            register=name,
            service=service,
            edition="",
            fate="refused" if blocking else "message",
            messages=tuple(messages),
            findings=tuple(blocking),
        )

    def _no_edition(self, register: str, mapped: Mapped) -> Finding:
        origin = mapped.provenance.get("tid.startdatum")
        return Finding(
            rule="RULE-NO-EDITION",
            severity=self.catalogue["RULE-NO-EDITION"].severity,
            register=register,
            expression=origin.paths if origin else (mapped.encounter,),
        )

    def _fate(self, findings: Iterable[Finding]) -> Fate:
        errors = [finding for finding in findings if finding.severity == "error"]
        if not errors:
            return "message"
        return "held" if all(self.catalogue[finding.rule].hold for finding in errors) else "refused"


DECIDING_RULES = ("KT-", "CONTACT-")
"""Errors of these rules put in doubt which contact it is, and so whether the register is to be told of it."""

ANY_DATE = "9999-12-31"
"""Every edition says of an event that its register does not take it: where no edition is of the
day, or there is no day, the newest is asked."""

NUMBER_RULES = frozenset({"ID-MISSING", "ID-UNKNOWN-KIND", "ID-FORM", "ID-CENTURY", "ID-CHECKSUM", "ID-DATE"})
"""What is wrong with the patient's number: no concern of a register that is not told it."""

IDENTIFYING_RULES = frozenset({"CONTACT-NO-IDENTIFIER", "CONTACT-DUPLICATE", "INTAKE-HELD-BACK"})
"""What must be right even for a cancellation: which event it is."""


def _may_be_of_another_kind(receiver: Receiver, event: Vardhandelse, finding: Finding) -> bool:
    """Whether the finding puts in doubt that the event is of a kind that the register does not take.

    What kind an Encounter is, its content says, and one may be missing; a fast läkarkontakt is never made of
    an Encounter.
    """
    if receiver.kinds.isdisjoint(ENCOUNTER_KINDS):
        return False
    return finding.rule.startswith(DECIDING_RULES) or (
        finding.rule in IDENTIFYING_RULES and event.kind in ENCOUNTER_KINDS
    )


def _turns_around(finding: Finding, mapped: Mapped) -> bool:
    """Whether an unknown modifier extension stands in the entry that asks for a cancellation itself."""
    entry = mapped.encounter.partition("]")[0] + "]"
    return finding.rule == MODIFIER and any(path.startswith(entry) for path in finding.expression)


def is_for_another_type(entry: Entry) -> bool:
    """Whether the request's url names another type than the entry's resource has, as far as it names one."""
    if entry.resource is None or not entry.url:
        return False
    kind = entry.resource.get("resourceType")
    if entry.url == kind:
        return False
    return kind not in entry.url.partition("?")[0].split("/")


def _deletes_other(entry: Entry) -> bool:
    """Whether the entry deletes something else than an Encounter."""
    return entry.method == "DELETE" and not (entry.url or "").startswith("Encounter")
