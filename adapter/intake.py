"""Intake: one submission from its bytes to its answer, durable before it is acknowledged.

The order of things is the promise: translate (pure), commit (one transaction), answer. What the ledger knew
of the events when they were translated is compared again inside the commit; if it changed meanwhile, the
submission is translated again.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from msgspec.structs import replace

from adapter.answers import Answers, IntakeAnswer
from adapter.dialogue import Dialogue, Exchange, dialogue_with
from adapter.domain.finding import Finding, Findings, has_error
from adapter.domain.text import Lang
from adapter.errors import LedgerBusy, LedgerUnavailable, StaleEvent
from adapter.fhir.parse import UNREADABLE, is_xml
from adapter.fhir.read import Reading
from adapter.ledger.envelope import open_envelope, seal
from adapter.ledger.model import Committed, NewReceipt, StoredReceipt
from adapter.ledger.protocol import Facing, IntakeLedger
from adapter.mapping.context import MappingContext, Sender
from adapter.recording import Recorder, cancelled_in_vain
from adapter.referrals.matching import referring
from adapter.translation import Translation, Translator

MAX_TRANSLATIONS = 8
"""How often a submission is translated again because its events changed under it before it gives up (503)."""

RETRY_AFTER = "2"
"""Seconds that a sender is asked to wait when the ledger cannot keep up."""


class Intake:
    """Takes submissions for one translator and one ledger. `endpoint` is where messages are sent to."""

    def __init__(
        self,
        translator: Translator,
        ledger: IntakeLedger,
        context: Callable[[Sender], MappingContext],
        *,
        clock: Callable[[], float] = time.time,
        shadow: frozenset[str] = frozenset(),
        endpoint: str = "urn:vardbro",
    ) -> None:
        self._translator = translator
        self._ledger = ledger
        self._context = context
        self._clock = clock
        self._endpoint = endpoint
        self._answers = Answers(translator.catalogue)
        self._recorder = Recorder(tuple(translator.receivers), shadow, translator.names_contact)

    async def submit(
        self,
        raw: bytes,
        *,
        sender: Sender,
        key: str | None,
        lang: Lang,
        message: Exchange | None = None,
    ) -> IntakeAnswer:
        """Take one bundle. Never raises for what the sender or the ledger may do: they get an answer.

        `message`: nothing else than a message is wanted, and how it is to be answered.
        """
        body_hash = hashlib.sha256(raw).hexdigest()
        reading = self._translator.read(raw)
        dialogue: Dialogue | None = None
        if reading.bundle is not None:
            stamp, endpoint = self._stamp, self._endpoint
            dialogue = dialogue_with(reading.bundle, key, body_hash, endpoint, stamp, message)
        try:
            if dialogue is None:
                return await self._unreadable(raw, reading, sender, body_hash, lang)
            if message is not None and not dialogue.is_message:
                return await self._no_message(raw, sender, body_hash, lang)
            return await self._submit(raw, reading, dialogue, sender, body_hash, lang)
        except LedgerBusy:
            return self._retry_later(429, "INTAKE-BUSY", lang, dialogue)
        except LedgerUnavailable:
            return self._retry_later(503, "INTAKE-UNAVAILABLE", lang, dialogue)

    async def refuse(
        self,
        status: int,
        rule: str,
        *,
        sender: Sender,
        size: int,
        body_hash: str,
        lang: Lang,
        kept: bool = True,
        at: str = "",
        **params: str,
    ) -> IntakeAnswer:
        """Refuse at the door, without the content: only time, size, hash and sender are kept. `at` is the
        place in the bundle, when there is one.

        Not `kept`: it is only answered, for what comes so often that recording it would do harm.
        """
        answer = self._answers.refusal(status, rule, lang, at=at, **params)
        if not kept:
            return answer
        receipt = self._receipt(sender, None, body_hash, size, status, payload=None)
        try:
            await self._ledger.commit(receipt, (), lambda _: answer.body)
        except LedgerBusy:
            return self._retry_later(429, "INTAKE-BUSY", lang)
        except LedgerUnavailable:
            return self._retry_later(503, "INTAKE-UNAVAILABLE", lang)
        return answer

    async def _submit(
        self, raw: bytes, reading: Reading, dialogue: Dialogue, sender: Sender, body_hash: str, lang: Lang
    ) -> IntakeAnswer:
        earlier: StoredReceipt | None = None
        for attempt in range(MAX_TRANSLATIONS):
            translation, facing = await self._translate(reading, sender)
            refusal = _refusal_status(translation)
            # most keys are new: the first attempt leaves it to the commit to find out that one is not
            if attempt > 0 or refusal is not None or dialogue.is_message:
                earlier = await self._ledger.receipt(sender.name, dialogue.key)
            reused = await self._reused(earlier, dialogue, sender, body_hash, raw)
            if reused is not None:
                at = "Bundle.id" if reused != dialogue.reused else dialogue.key_at
                return await self.refuse(
                    409, reused, sender=sender, size=len(raw), body_hash=body_hash, lang=lang, at=at
                )
            try:
                if earlier is not None and (dialogue.is_message or (earlier.replayable and earlier.newest)):
                    return await self._as_at_first(earlier, dialogue, sender)
                if refusal is not None:
                    findings = translation.all_findings
                    return await self._refused(raw, sender, body_hash, findings, refusal, lang, dialogue)
                replaces = earlier.receipt_id if earlier is not None else None
                return await self._store(
                    translation, facing, raw, sender, dialogue, body_hash, lang, replaces
                )
            except StaleEvent:
                continue
        return self._retry_later(503, "INTAKE-UNAVAILABLE", lang, dialogue)

    async def _reused(
        self,
        earlier: StoredReceipt | None,
        dialogue: Dialogue,
        sender: Sender,
        body_hash: str,
        raw: bytes,
    ) -> str | None:
        """The rule against a key, or a Bundle.id of a message, that was used for something else before."""
        if dialogue.bundle is not None:
            message = await self._ledger.message_of(sender.name, dialogue.bundle)
            if message is not None and message != dialogue.key:
                return "INTAKE-MESSAGE-BUNDLE-ID"
        if earlier is not None and not _same_body(earlier, body_hash, raw, dialogue):
            return dialogue.reused
        return None

    async def _as_at_first(self, earlier: StoredReceipt, dialogue: Dialogue, sender: Sender) -> IntakeAnswer:
        """The first answer again. Raises StaleEvent."""
        if dialogue.bundle is not None:
            await self._ledger.see_message(sender.name, dialogue.bundle, dialogue.key)
        return IntakeAnswer(status=earlier.status, body=earlier.answer)

    async def _unreadable(
        self, raw: bytes, reading: Reading, sender: Sender, body_hash: str, lang: Lang
    ) -> IntakeAnswer:
        return await self._refused(raw, sender, body_hash, reading.findings, reading.status or 400, lang)

    async def _translate(self, reading: Reading, sender: Sender) -> tuple[Translation, Facing]:
        """The translation, with what the ledger knows of its contacts and of visits that follow on them."""
        context = self._context(sender)
        arrived = self._clock()
        translation = self._translator.translate(reading, context, arrived=arrived)
        identifiers = {contact.mapped.identifier for contact in translation.contacts}
        facing = await self._ledger.of_identifiers(sender.name, tuple(identifiers))
        referred = referring(translation.contacts, facing.visits)
        if referred:
            context = replace(context, referred=referred)
            translation = self._translator.translate(reading, context, arrived=arrived)
        return translation, facing

    async def _store(
        self,
        translation: Translation,
        facing: Facing,
        raw: bytes,
        sender: Sender,
        dialogue: Dialogue,
        body_hash: str,
        lang: Lang,
        replaces: int | None,
    ) -> IntakeAnswer:
        taken = [contact for contact in translation.contacts if not contact.refused]
        vain = cancelled_in_vain(taken, facing.known)
        reported = await self._ledger.reported_elsewhere(sender.name, facing.known) if vain else {}
        events = self._recorder.events(translation, sender.name, facing.known, reported, facing.visits)
        needless = vain - {event.event_id for event in events if event.messages}
        whole = len(taken) == len(translation.contacts) and not translation.reading.bad_entries
        status = dialogue.taken_as
        receipt = self._receipt(
            sender, dialogue.key, body_hash, len(raw), status, seal(raw), replayable=whole, replaces=replaces
        )
        receipt = replace(receipt, bundle=dialogue.bundle)
        rendered: list[bytes] = []

        def answer(committed: Committed) -> bytes:
            rendered[:] = [dialogue.taken(self._answers.taken(translation, committed, lang, needless))]
            return rendered[0]

        await self._ledger.commit(receipt, events, answer)
        return IntakeAnswer(status=status, body=rendered[0])

    async def _refused(
        self,
        raw: bytes,
        sender: Sender,
        body_hash: str,
        findings: Sequence[Finding],
        status: int,
        lang: Lang,
        dialogue: Dialogue | None = None,
    ) -> IntakeAnswer:
        """Answer with the findings and keep what was readable as rejected."""
        body = self._answers.outcome(findings, lang)
        answer = IntakeAnswer(status=status, body=body)
        if dialogue is not None:
            answer = dialogue.refused(status, body)
        readable = status not in (413,) and not any(f.rule.startswith(UNREADABLE) for f in findings)
        receipt = self._receipt(
            sender, None, body_hash, len(raw), status, seal(raw) if readable else None, replayable=False
        )
        await self._ledger.commit(receipt, (), lambda _: answer.body)
        return answer

    async def _no_message(self, raw: bytes, sender: Sender, body_hash: str, lang: Lang) -> IntakeAnswer:
        findings = Findings(self._translator.catalogue)
        findings.add("INTAKE-NOT-A-MESSAGE", "Bundle")
        return await self._refused(raw, sender, body_hash, tuple(findings), 400, lang)

    def _retry_later(
        self, status: int, rule: str, lang: Lang, dialogue: Dialogue | None = None
    ) -> IntakeAnswer:
        body = self._answers.refusal(status, rule, lang).body
        answer = IntakeAnswer(status=status, body=body, headers={"Retry-After": RETRY_AFTER})
        return answer if dialogue is None else dialogue.later(answer)

    def _stamp(self) -> tuple[tuple[str, str, str], str]:
        at = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")
        return (str(uuid4()), str(uuid4()), str(uuid4())), at

    def _receipt(
        self,
        sender: Sender,
        key: str | None,
        body_hash: str,
        size: int,
        status: int,
        payload: bytes | None,
        *,
        replayable: bool = False,
        replaces: int | None = None,
    ) -> NewReceipt:
        return NewReceipt(
            sender=sender.name,
            key=key,
            body_hash=body_hash,
            size=size,
            received_at=self._clock(),
            status=status,
            payload=payload,
            replayable=replayable,
            replaces=replaces,
        )


def _refusal_status(translation: Translation) -> int | None:
    """The status of a refusal of the whole, None when at least a part is taken."""
    rules = {finding.rule for finding in translation.findings}
    if rules & {"INTAKE-NO-CONTACT", "INTAKE-BUNDLE-TYPE"}:
        return 422
    bundle = translation.reading.bundle
    if bundle is not None and bundle.type == "batch":
        return 400 if any(map(_concerns_all_entries, translation.findings)) else None
    if has_error(translation.findings):
        return 422 if "INTAKE-METHOD" in rules else 400
    return 422 if any(contact.refused for contact in translation.contacts) else None


def _concerns_all_entries(finding: Finding) -> bool:
    """Whether an error of a batch lies in the bundle itself and not in one of its entries."""
    return finding.severity == "error" and not any("entry[" in path for path in finding.expression)


def _same_body(earlier: StoredReceipt, body_hash: str, raw: bytes, dialogue: Dialogue) -> bool:
    """Whether the earlier submission had the same content, be it spaced or ordered otherwise, or be one of
    them JSON and the other XML."""
    if earlier.body_hash == body_hash:
        return True
    if earlier.payload is None:
        return False
    before = open_envelope(earlier.payload)
    any_xml = is_xml(before) or is_xml(raw)
    return dialogue.content(before, narratives=any_xml) == dialogue.content(raw, narratives=any_xml)
