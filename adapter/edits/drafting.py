"""From an edited bundle to one event's version: the way of every submission, and what an edit may not do."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson

from adapter.domain.difference import Change, difference
from adapter.domain.finding import Finding, Findings
from adapter.errors import EditConflict, NotPossible, VardbroError
from adapter.fhir.parse import parsed_again
from adapter.ledger.editing import CONFLICT, Version
from adapter.ledger.envelope import seal
from adapter.ledger.model import Edit, NewEvent, NewReceipt
from adapter.ledger.sql.edits import Source
from adapter.mapping.context import MappingContext
from adapter.recording import Followed, Recorder
from adapter.referrals.matching import names, translate
from adapter.translation import Contact, Translation, Translator

Json = dict[str, Any]


class EditRefused(VardbroError):
    """The edited bundle cannot be the event's newest version; `findings` say why."""

    code = "edit-refused"
    hint = "The findings say what to mend."

    def __init__(self, findings: Sequence[Finding], text: str = "the edited bundle cannot be taken") -> None:
        super().__init__(text)
        self.findings = tuple(findings)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An edit that could be committed: the event's version, what was changed and what the rules say of it."""

    raw: bytes
    event: NewEvent
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]

    def version(self, now: float) -> Version:
        """What the ledger takes. Its receipt binds no key: no sender's submission is answered with it."""
        receipt = NewReceipt(
            sender=self.event.sender,
            key=None,
            body_hash=hashlib.sha256(self.raw).hexdigest(),
            size=len(self.raw),
            received_at=now,
            status=200,
            payload=seal(self.raw),
            replayable=False,
        )
        return Version(receipt=receipt, event=self.event)


class Drafter:
    """Makes drafts with one translator."""

    def __init__(self, translator: Translator, recorder: Recorder) -> None:
        self._translator = translator
        self._recorder = recorder

    def draft(self, source: Source, raw: bytes, edit: Edit, context: MappingContext) -> Draft:
        """The version that the edited bundle `raw` would be. `context` is that of the event's sender.

        Raises EditConflict when `source` is not what the edit was based on, EditRefused when the bundle
        cannot be taken or changes other events, NotPossible when there is nothing to compare it with.
        """
        if source.revision != edit.based_on:
            raise EditConflict(CONFLICT)
        received = kept(source)
        followed = {source.identifier: source.visits}
        translation = self._translate(raw, context, followed)
        contact = _contact(translation, source.event_id)
        if contact is None or contact.refused:
            raise EditRefused(self._refusal(translation, contact))
        changes = tuple(difference(parsed(received), parsed(raw)))
        if not changes:
            raise EditRefused(self._remark("EDIT-NOTHING", "Bundle"))
        others = self._changed_others(
            translation, self._translate(received, context, followed), source.event_id
        )
        if others:
            raise EditRefused(others)
        return Draft(
            raw=raw,
            event=self._recorder.version(
                contact, source.sender, source.revision, edit, followed_by=names(source.visits)
            ),
            changes=changes,
            findings=(*translation.findings, *contact.findings),
        )

    def _translate(self, raw: bytes, context: MappingContext, followed: Followed) -> Translation:
        return translate(self._translator, self._translator.read(raw), context, followed)

    def _refusal(self, translation: Translation, contact: Contact | None) -> list[Finding]:
        findings = [*translation.findings, *(contact.findings if contact is not None else ())]
        if any(finding.severity == "error" for finding in findings):
            return findings
        return self._remark("EDIT-EVENT-GONE", "Bundle.entry")

    def _changed_others(self, after: Translation, before: Translation, event_id: str) -> list[Finding]:
        known = {contact.mapped.event.event_id: contact for contact in before.contacts}
        return [
            finding
            for contact in after.contacts
            if (other := contact.mapped.event.event_id) != event_id and not _is_same(contact, known)
            for finding in self._remark("EDIT-OTHERS", contact.mapped.encounter, event=other)
        ]

    def _remark(self, rule: str, *at: str, **params: str) -> list[Finding]:
        findings = Findings(self._translator.catalogue)
        findings.add(rule, *at, **params)
        return list(findings)


def kept(source: Source) -> bytes:
    """The received bundle. Raises NotPossible when it was not kept."""
    bundle = source.bundle
    if bundle is None:
        raise NotPossible("The bundle of the event's newest version was not kept.", "Ask the sender for it.")
    return bundle


def encoded(bundle: Json) -> bytes:
    """An edited bundle as bytes. Raises EditRefused for values that are no JSON for others."""
    try:
        return orjson.dumps(bundle)
    except (TypeError, ValueError):
        raise EditRefused((), "the edited bundle is no JSON: numbers have 64 bits, texts are UTF-8") from None


def parsed(raw: bytes) -> Json:
    """The JSON of a bundle that has been read before, be it JSON or XML."""
    return parsed_again(raw)


def _contact(translation: Translation, event_id: str) -> Contact | None:
    return next((one for one in translation.contacts if one.mapped.event.event_id == event_id), None)


def _is_same(contact: Contact, known: Mapping[str, Contact]) -> bool:
    """Whether a contact says what it said before, whatever its version is called."""
    before = known.get(contact.mapped.event.event_id)
    if before is None:
        return False
    mine, theirs = (msgspec.structs.replace(one.mapped.event, version=None) for one in (contact, before))
    return bool(mine == theirs)
