"""Answers to the sender, in FHIR: made from a translation and from what the ledger did with it. Pure."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import orjson
from msgspec.structs import replace

from adapter.domain.finding import Finding, Findings, has_error
from adapter.domain.rule import Catalogue
from adapter.domain.text import Lang
from adapter.fhir.bundle import Bundle, Entry
from adapter.fhir.links import entries_belonging_to
from adapter.fhir.outcome import operation_outcome
from adapter.ledger.model import Committed
from adapter.translation import Contact, Translation

CREATED, OK = "201 Created", "200 OK"
BAD_REQUEST, UNPROCESSABLE = "400 Bad Request", "422 Unprocessable Entity"


class IntakeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP answer: status, FHIR JSON, headers beside Content-Type."""

    status: int
    body: bytes
    headers: dict[str, str] = {}


class Answers:
    """Renders answers with one catalogue of rules."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def outcome(self, findings: Iterable[Finding], lang: Lang) -> bytes:
        """An OperationOutcome of these findings."""
        return orjson.dumps(operation_outcome(list(findings), self._catalogue, lang))

    def refusal(self, status: int, rule: str, lang: Lang, *, at: str = "", **params: str) -> IntakeAnswer:
        """An answer that says why nothing was taken, by one rule; `at` is the place in the bundle, if any."""
        findings = Findings(self._catalogue)
        findings.add(rule, at, **params)
        return IntakeAnswer(status=status, body=self.outcome(findings, lang))

    def taken(
        self,
        translation: Translation,
        committed: Committed,
        lang: Lang,
        needless: frozenset[str] = frozenset(),
    ) -> bytes:
        """The body of a success: a response bundle for transaction and batch, else an OperationOutcome.

        `needless` are the cancelled events of which nothing was ever taken.
        """
        bundle = translation.reading.bundle
        if bundle is not None and bundle.type in ("transaction", "batch"):
            return orjson.dumps(self._response_bundle(bundle, translation, committed, lang, needless))
        findings = [*translation.all_findings]
        for contact in translation.contacts:
            findings.extend(self._news(contact, committed, needless))
        return self.outcome(findings, lang)

    def _news(self, contact: Contact, committed: Committed, needless: frozenset[str]) -> Iterable[Finding]:
        """What became of a contact, as findings of severity information."""
        findings = Findings(self._catalogue)
        event = contact.mapped.event.event_id
        at = contact.mapped.encounter
        if event in needless:
            findings.add("INTAKE-NOTHING-TO-CANCEL", at, event=event)
            return findings
        registers: Mapping[str, list[str]] = defaultdict(list)
        rules: list[str] = []
        for verdict in contact.verdicts:
            registers[verdict.fate].append(verdict.register)
            rules.extend(verdict.not_reported)
        disposition = committed.dispositions.get(event, "stored")
        if disposition == "superseded-on-arrival":
            findings.add("INTAKE-SUPERSEDED", at, event=event)
            return findings
        if disposition == "unchanged":
            findings.add("INTAKE-UNCHANGED", at, event=event)
        elif registers["message"]:
            findings.add("INTAKE-STORED", at, event=event, registers=", ".join(registers["message"]))
        held = registers["held"] + (registers["refused"] if not contact.refused else [])
        if held:
            findings.add("INTAKE-HELD", at, event=event, registers=", ".join(held))
        if registers["not-reported"]:
            findings.add(
                "INTAKE-NOT-REPORTED",
                at,
                event=event,
                registers=", ".join(registers["not-reported"]),
                rules=", ".join(rules),
            )
        return findings

    def _response_bundle(
        self,
        bundle: Bundle,
        translation: Translation,
        committed: Committed,
        lang: Lang,
        needless: frozenset[str],
    ) -> dict[str, Any]:
        contacts = _contacts_by_entry(translation.contacts)
        taken = _contacts_by_entry([contact for contact in translation.contacts if not contact.refused])
        by_entry = self._findings_by_entry(translation, committed, needless, taken.keys())
        bad = translation.reading.bad_entries
        broken = _of_broken_contacts(bundle, bad)
        return {
            "resourceType": "Bundle",
            "type": f"{bundle.type}-response",
            "entry": [
                {
                    "response": self._response(
                        entry,
                        contacts.get(entry.index, ()),
                        taken.get(entry.index, ()),
                        by_entry.get(entry.index, ()),
                        entry.index in bad,
                        entry.index in broken,
                        lang,
                    )
                }
                for entry in bundle.entries
            ],
        }

    def _response(
        self,
        entry: Entry,
        contacts: tuple[Contact, ...],
        taken: tuple[Contact, ...],
        findings: Sequence[Finding],
        bad: bool,
        broken: bool,
        lang: Lang,
    ) -> dict[str, Any]:
        notes = Findings(self._catalogue)
        if bad or "INTAKE-METHOD" in [finding.rule for finding in findings]:
            status = BAD_REQUEST
        elif taken:
            status = CREATED if entry.method == "POST" else OK
            findings = list(map(_as_hint, findings))
        elif contacts or broken or has_error(findings):
            status = UNPROCESSABLE
            if not any(finding.severity == "error" for finding in findings):
                notes.add("INTAKE-ENTRY-REFUSED", entry.path)
        else:
            status = OK
            notes.add("INTAKE-ENTRY-NOT-READ", entry.path)
        response: dict[str, Any] = {"status": status}
        if taken and status != BAD_REQUEST:
            response["location"] = f"/api/events/{taken[0].mapped.event.event_id}"
        response["outcome"] = operation_outcome([*findings, *notes], self._catalogue, lang)
        return response

    def _findings_by_entry(
        self,
        translation: Translation,
        committed: Committed,
        needless: frozenset[str],
        taken: Container[int],
    ) -> dict[int, list[Finding]]:
        """Findings sorted to the entries that their first expression points into; those of a contact that
        point nowhere go to the contact's Encounter, and so do a refused contact's errors that point into what
        another contact has in common with it and that is taken."""
        by_entry: dict[int, list[Finding]] = defaultdict(list)
        for finding in translation.findings:
            by_entry[_entry_of(finding, 0)].append(finding)
        for contact in translation.contacts:
            home = _index(contact.mapped.encounter, 0)
            for finding in contact.findings:
                index = _entry_of(finding, home)
                is_others = contact.refused and finding.severity == "error" and index in taken
                by_entry[home if is_others else index].append(finding)
            if not contact.refused:
                by_entry[home].extend(self._news(contact, committed, needless))
        return by_entry


def _contacts_by_entry(contacts: Iterable[Contact]) -> dict[int, tuple[Contact, ...]]:
    found: dict[int, tuple[Contact, ...]] = {}
    for contact in contacts:
        for index in contact.mapped.entries:
            found[index] = (*found.get(index, ()), contact)
    return found


def _of_broken_contacts(bundle: Bundle, bad: frozenset[int]) -> frozenset[int]:
    """The entries that belong to an Encounter which could not be read."""
    nodes = (bundle.node(index) for index in bad)
    broken = frozenset(node.entry for node in nodes if node is not None and node.type == "Encounter")
    return entries_belonging_to(bundle, broken) if broken else broken


def _as_hint(finding: Finding) -> Finding:
    """The finding as it may stand in the outcome of an entry that is taken: R4 has hints and warnings there
    (Bundle.entry.response.outcome), even where the contact waits at a register for an error's mending."""
    return replace(finding, severity="warning") if finding.severity == "error" else finding


def _entry_of(finding: Finding, default: int) -> int:
    return _index(finding.expression[0], default) if finding.expression else default


def _index(path: str, default: int) -> int:
    """The entry number in ``Bundle.entry[3].resource``; `default` when the path names no entry."""
    prefix = "Bundle.entry["
    if not path.startswith(prefix):
        return default
    return int(path[len(prefix) : path.index("]")])
