"""The use case: fetch a bundle, try an edit out, submit it, decide it. What was received stays as it was."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import orjson

from adapter.domain.difference import Change
from adapter.domain.finding import Finding
from adapter.domain.text import Lang
from adapter.edits.consequences import consequences, slot_of
from adapter.edits.drafting import Draft, Drafter, encoded, kept, parsed
from adapter.errors import NotPossible
from adapter.fhir.outcome import operation_outcome
from adapter.ledger.editing import Editing, NewEdit
from adapter.ledger.model import Edit
from adapter.ledger.sql.edits import Source, StoredEdit
from adapter.mapping.context import MappingContext
from adapter.recording import Recorder
from adapter.registers.masking import mask_text
from adapter.translation import Translator

Json = dict[str, Any]

MOST_PATHS = 100
"""So many paths of a difference go into its audit entry."""


class Edits:
    """Edits with one translator on one ledger. `context` gives a sender's mapping context by its name.

    With `four_eyes` an edit waits for a second person. Raises EditConflict where a newer version exists,
    EditRefused, NotPossible, LedgerBusy, LedgerUnavailable.
    """

    def __init__(
        self,
        translator: Translator,
        ledger: Editing,
        context: Callable[[str], MappingContext],
        *,
        shadow: frozenset[str] = frozenset(),
        four_eyes: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._catalogue = translator.catalogue
        self._drafter = Drafter(translator, Recorder(tuple(translator.receivers), shadow))
        self._ledger = ledger
        self._context = context
        self._four_eyes = four_eyes
        self._clock = clock

    async def source(self, event_id: str, actor: str, *, protected: bool = False) -> Json | None:
        """The newest bundle of an event, to be edited: ``event_id, revision, edited, received_at, bundle``.

        None when there is no such event. The audit trail says who looked. `protected`: the person may see
        patients with a protected identity. Raises ProtectedIdentity.
        """
        source = await self._ledger.look(event_id, actor, protected=protected)
        if source is None:
            return None
        return {
            "event_id": event_id,
            "revision": source.revision,
            "edited": source.edited,
            "received_at": source.received_at,
            "bundle": parsed(kept(source)),
        }

    async def try_out(
        self, event_id: str, bundle: Json, edit: Edit, lang: Lang, *, protected: bool = False
    ) -> Json | None:
        """What an edit would do, without doing it: difference, findings, messages. None: no such event.

        The difference shows what was received, so the audit trail says who looked.
        """
        source = await self._ledger.look(event_id, edit.actor, "edit-tried", protected=protected)
        if source is None:
            return None
        draft = self._draft(source, encoded(bundle), edit)
        shown = await self._shown(draft, edit, lang)
        return {"state": "dry-run", **shown, "difference": _difference(draft.changes)}

    async def submit(self, event_id: str, bundle: Json, edit: Edit, lang: Lang) -> Json | None:
        """Commit an edit, or propose it where two persons are required. None: no such event."""
        source = await self._ledger.source(event_id)
        if source is None:
            return None
        draft = self._draft(source, encoded(bundle), edit)
        shown = await self._shown(draft, edit, lang)
        new = NewEdit(
            event_id=event_id,
            edit=edit,
            bundle=draft.raw,
            difference=orjson.dumps(_difference(draft.changes)),
            paths=_paths(draft.changes),
        )
        if self._four_eyes:
            return shown | _edit(await self._ledger.propose(new))
        stored, committed = await self._ledger.apply(new, draft.version(self._clock()))
        return shown | _edit(stored) | {"disposition": committed.dispositions[event_id]}

    async def approve(self, edit_id: int, actor: str, lang: Lang) -> Json | None:
        """Commit a proposed edit, translated with today's rules. None: no such edit."""
        proposed = await self._ledger.one(edit_id)
        source = None if proposed is None else await self._ledger.source(proposed.event_id)
        if proposed is None or source is None:
            return None
        if proposed.state != "proposed":
            raise NotPossible(f"The edit has been decided already: it is {proposed.state}.")
        edit = Edit(based_on=proposed.based_on, actor=proposed.actor, reason=proposed.reason)
        draft = self._draft(source, await self._ledger.bundle(edit_id), edit)
        shown = await self._shown(draft, edit, lang)
        stored, committed = await self._ledger.approve(edit_id, actor, draft.version(self._clock()))
        return shown | _edit(stored) | {"disposition": committed.dispositions[stored.event_id]}

    async def refuse(self, edit_id: int, actor: str, reason: str) -> Json | None:
        """Refuse a proposed edit. None: no such edit."""
        if await self._ledger.one(edit_id) is None:
            return None
        return _edit(await self._ledger.refuse(edit_id, actor, reason))

    async def show(self, edit_id: int, actor: str, *, protected: bool = False) -> Json | None:
        """An edit with its difference, which holds patient data: the audit trail says who looked."""
        stored = await self._ledger.one(edit_id)
        if stored is None:
            return None
        difference = await self._ledger.difference(stored, actor, protected=protected)
        return _edit(stored) | {"difference": orjson.loads(difference)}

    async def proposed(self, limit: int, after: int) -> list[Json]:
        """The edits that wait for a second person, without their content."""
        return [_edit(stored) for stored in await self._ledger.proposed(limit, after)]

    async def of_event(self, event_id: str) -> list[Json]:
        """The edits of an event, without their content."""
        return [_edit(stored) for stored in await self._ledger.of_event(event_id)]

    def issues(self, findings: Iterable[Finding], lang: Lang) -> list[Json]:
        """Findings as the issues of an OperationOutcome."""
        listed = list(findings)
        issues: list[Json] = operation_outcome(listed, self._catalogue, lang)["issue"] if listed else []
        return issues

    def _draft(self, source: Source, raw: bytes, edit: Edit) -> Draft:
        return self._drafter.draft(source, raw, edit, self._context(source.sender))

    async def _shown(self, draft: Draft, edit: Edit, lang: Lang) -> Json:
        """What can be told of an edit without a value of the patient's."""
        event = draft.event
        lanes = await self._ledger.in_lanes(event.event_id, [slot_of(one) for one in event.messages])
        return {
            "event_id": event.event_id,
            "based_on": edit.based_on,
            "paths": list(_paths(draft.changes)),
            "findings": self.issues(draft.findings, lang),
            "messages": consequences(event, lanes),
        }


def _difference(changes: Iterable[Change]) -> list[Json]:
    """Changes as they are stored and shown: ``op``, ``path``, ``before`` and ``after`` where there is one."""
    shown = []
    for change in changes:
        one: Json = {"op": change.op, "path": change.pointer}
        if change.op != "add":
            one["before"] = change.before
        if change.op != "remove":
            one["after"] = change.after
        shown.append(one)
    return shown


def _paths(changes: tuple[Change, ...]) -> tuple[str, ...]:
    """The places of the changes; a name that somebody has put a number into is masked."""
    return tuple(mask_text(change.pointer) for change in changes[:MOST_PATHS])


def _edit(stored: StoredEdit) -> Json:
    found: Json = msgspec.to_builtins(stored)
    return found
