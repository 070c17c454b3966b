"""Intake: one submission from its bytes to its answer, durable before it is acknowledged.

The order of things is the promise: translate (pure), commit (one transaction), answer. What the ledger knew
of the events when they were translated is compared again inside the commit; if it changed meanwhile, the
submission is translated again.
"""

import hashlib
import time
from collections.abc import Callable, Sequence

import orjson
from msgspec.structs import replace

from adapter.answers import Answers, IntakeAnswer
from adapter.domain.finding import Finding, has_error
from adapter.domain.text import Lang
from adapter.errors import LedgerBusy, LedgerUnavailable, StaleEvent
from adapter.fhir.bundle import Bundle
from adapter.fhir.read import Reading
from adapter.ledger.envelope import open_envelope, seal
from adapter.ledger.model import Committed, NewReceipt, StoredReceipt
from adapter.ledger.protocol import Facing, IntakeLedger
from adapter.mapping.context import MappingContext, Sender
from adapter.recording import Recorder, cancelled_in_vain, fingerprint
from adapter.referrals.matching import referring
from adapter.translation import Translation, Translator

MAX_TRANSLATIONS = 8
"""How often a submission is translated again because its events changed under it before it gives up (503)."""

RETRY_AFTER = "2"
"""Seconds that a sender is asked to wait when the ledger cannot keep up."""


class Intake:
    """Takes submissions for one translator and one ledger."""

    def __init__(
        self,
        translator: Translator,
        ledger: IntakeLedger,
        context: Callable[[Sender], MappingContext],
        *,
        clock: Callable[[], float] = time.time,
        shadow: frozenset[str] = frozenset(),
    ) -> None:
        self._translator = translator
        self._ledger = ledger
        self._context = context
        self._clock = clock
        self._answers = Answers(translator.catalogue)
        self._recorder = Recorder(tuple(translator.receivers), shadow, translator.names_contact)

    async def submit(self, raw: bytes, *, sender: Sender, key: str | None, lang: Lang) -> IntakeAnswer:
        """Take one bundle. Never raises for what the sender or the ledger may do: they get an answer."""
        try:
            return await self._submit(raw, sender, key, lang)
        except LedgerBusy:
            return self._retry_later(429, "INTAKE-BUSY", lang)
        except LedgerUnavailable:
            return self._retry_later(503, "INTAKE-UNAVAILABLE", lang)

    async def refuse(
        self,
        status: int,
        rule: str,
        *,
        sender: Sender,
        size: int,
        body_hash: str,
        lang: Lang,
        **params: str,
    ) -> IntakeAnswer:
        """Refuse at the door, without the content: only time, size, hash and sender are kept."""
        answer = self._answers.refusal(status, rule, lang, **params)
        receipt = self._receipt(sender, None, body_hash, size, status, payload=None)
        try:
            await self._ledger.commit(receipt, (), lambda _: answer.body)
        except LedgerBusy:
            return self._retry_later(429, "INTAKE-BUSY", lang)
        except LedgerUnavailable:
            return self._retry_later(503, "INTAKE-UNAVAILABLE", lang)
        return answer

    async def _submit(self, raw: bytes, sender: Sender, key: str | None, lang: Lang) -> IntakeAnswer:
        body_hash = hashlib.sha256(raw).hexdigest()
        reading = self._translator.read(raw)
        bundle = reading.bundle
        if bundle is None:
            return await self._refused(raw, sender, body_hash, reading.findings, reading.status or 400, lang)
        bound = _key(bundle, key, body_hash)
        earlier: StoredReceipt | None = None
        for attempt in range(MAX_TRANSLATIONS):
            translation, facing = await self._translate(reading, sender)
            refusal = _refusal_status(translation)
            # most keys are new: the first attempt leaves it to the commit to find out that one is not
            if attempt > 0 or refusal is not None:
                earlier = await self._ledger.receipt(sender.name, bound)
            if earlier is not None and not _same_body(earlier, body_hash, raw):
                return await self._key_reused(sender, body_hash, len(raw), lang)
            if earlier is not None and earlier.replayable and earlier.newest:
                return IntakeAnswer(status=earlier.status, body=earlier.answer)
            if refusal is not None:
                return await self._refused(raw, sender, body_hash, translation.all_findings, refusal, lang)
            replaces = earlier.receipt_id if earlier is not None else None
            try:
                return await self._store(translation, facing, raw, sender, bound, body_hash, lang, replaces)
            except StaleEvent:
                continue
        return self._retry_later(503, "INTAKE-UNAVAILABLE", lang)

    async def _translate(self, reading: Reading, sender: Sender) -> tuple[Translation, Facing]:
        """The translation, with what the ledger knows of its contacts and of visits that follow on them."""
        context = self._context(sender)
        translation = self._translator.translate(reading, context)
        identifiers = {contact.mapped.identifier for contact in translation.contacts}
        facing = await self._ledger.of_identifiers(sender.name, tuple(identifiers))
        referred = referring(translation.contacts, facing.visits)
        if referred:
            translation = self._translator.translate(reading, replace(context, referred=referred))
        return translation, facing

    async def _store(
        self,
        translation: Translation,
        facing: Facing,
        raw: bytes,
        sender: Sender,
        key: str,
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
        receipt = self._receipt(
            sender, key, body_hash, len(raw), 200, seal(raw), replayable=whole, replaces=replaces
        )
        rendered: list[bytes] = []

        def answer(committed: Committed) -> bytes:
            rendered[:] = [self._answers.taken(translation, committed, lang, needless)]
            return rendered[0]

        await self._ledger.commit(receipt, events, answer)
        return IntakeAnswer(status=200, body=rendered[0])

    async def _refused(
        self, raw: bytes, sender: Sender, body_hash: str, findings: Sequence[Finding], status: int, lang: Lang
    ) -> IntakeAnswer:
        """Answer with the findings and keep what was readable as rejected."""
        body = self._answers.outcome(findings, lang)
        readable = status not in (413,) and not any(f.rule.startswith("FHIR-JSON") for f in findings)
        receipt = self._receipt(
            sender, None, body_hash, len(raw), status, seal(raw) if readable else None, replayable=False
        )
        await self._ledger.commit(receipt, (), lambda _: body)
        return IntakeAnswer(status=status, body=body)

    async def _key_reused(self, sender: Sender, body_hash: str, size: int, lang: Lang) -> IntakeAnswer:
        return await self.refuse(
            409, "INTAKE-KEY-REUSED", sender=sender, size=size, body_hash=body_hash, lang=lang
        )

    def _retry_later(self, status: int, rule: str, lang: Lang) -> IntakeAnswer:
        answer = self._answers.refusal(status, rule, lang)
        return IntakeAnswer(status=status, body=answer.body, headers={"Retry-After": RETRY_AFTER})

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


def _key(bundle: Bundle, header: str | None, body_hash: str) -> str:
    """The deduplication key: Bundle.identifier, else the Idempotency-Key header, else the body's hash."""
    if bundle.identifier is not None:
        return "identifier:" + fingerprint(list(bundle.identifier))
    if header:
        return "header:" + fingerprint(header)
    return "body:" + body_hash


def _same_body(earlier: StoredReceipt, body_hash: str, raw: bytes) -> bool:
    """Whether the earlier submission had the same content, be it spaced or ordered otherwise."""
    if earlier.body_hash == body_hash:
        return True
    if earlier.payload is None:
        return False
    return _canonical(open_envelope(earlier.payload)) == _canonical(raw)


def _canonical(raw: bytes) -> bytes:
    return orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS)
