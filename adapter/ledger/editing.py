"""Operators' edits: who looked at a bundle, who changed it and why, who agreed; all of it audited.

The content of an edit (the bundle, the difference) is sealed and goes to operators only. Audit entries hold
the paths of what was changed, never a value.
"""

import msgspec
from msgspec.structs import replace

from adapter.errors import EditConflict, NotPossible, ProtectedIdentity
from adapter.ledger import intake
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Committed, Edit, Fact, NewEvent, NewReceipt
from adapter.ledger.sql.edits import Edits, InLane, Slot, Source, StoredEdit
from adapter.ledger.sql.session import SqlSession

CONFLICT = "A newer version of the event exists than the one that the edit was based on."


_PROTECTED = "The patient's identity is protected."


class NewEdit(msgspec.Struct, frozen=True, kw_only=True):
    """An edit as it is handed over. `difference` is JSON; `paths` are those of it that an audit may show."""

    event_id: str
    edit: Edit
    bundle: bytes
    difference: bytes
    paths: tuple[str, ...]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """The version of the event that an edit becomes, with the receipt of its bundle."""

    receipt: NewReceipt
    event: NewEvent


class Editing:
    """Edits on a ledger. Raises LedgerBusy, LedgerUnavailable, EditConflict, NotPossible."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def source(self, event_id: str) -> Source | None:
        """What an event's newest version was made from, for the program's own use."""
        return await self._ledger.read(lambda db: Edits(db).source(event_id))

    async def look(
        self, event_id: str, actor: str, kind: str = "source-read", *, protected: bool = False
    ) -> Source | None:
        """The same for a person to see; that it was seen, or refused, is committed before this returns.

        `protected`: the person may see patients with a protected identity. Raises ProtectedIdentity.
        """
        source, is_refused = await self._ledger.write(
            lambda tx: _look(tx, event_id, actor, kind, protected=protected)
        )
        if is_refused:
            raise ProtectedIdentity(_PROTECTED)
        return source

    async def in_lanes(self, event_id: str, slots: list[Slot]) -> list[InLane]:
        """The lanes that a version of the event concerns."""
        return await self._ledger.read(lambda db: Edits(db).in_lanes(event_id, slots))

    async def propose(self, new: NewEdit) -> StoredEdit:
        """Store an edit for a second person to decide."""
        self._ledger.check_space()
        return await self._ledger.write(lambda tx: _propose(tx, new))

    async def apply(self, new: NewEdit, version: Version) -> tuple[StoredEdit, Committed]:
        """Store an edit and commit it as the event's newest version."""
        self._ledger.check_space()
        done = await self._ledger.write(lambda tx: _apply(tx, new, version))
        self._wake(version)
        return done

    async def approve(self, edit_id: int, actor: str, version: Version) -> tuple[StoredEdit, Committed]:
        """Commit a proposed edit, by another person than the one who proposed it."""
        self._ledger.check_space()
        done = await self._ledger.write(lambda tx: _approve(tx, edit_id, actor, version))
        self._wake(version)
        return done

    async def refuse(self, edit_id: int, actor: str, reason: str) -> StoredEdit:
        """Refuse a proposed edit; its proposer may do that too."""
        return await self._ledger.write(lambda tx: _refuse(tx, edit_id, actor, reason))

    async def proposed(self, limit: int = 100, after: int = 0) -> list[StoredEdit]:
        """Edits that wait for a second person."""
        return await self._ledger.read(lambda db: Edits(db).proposed(limit, after))

    async def of_event(self, event_id: str) -> list[StoredEdit]:
        """The edits of an event."""
        return await self._ledger.read(lambda db: Edits(db).of_event(event_id))

    async def one(self, edit_id: int) -> StoredEdit | None:
        """One edit, without its content."""
        return await self._ledger.read(lambda db: Edits(db).one(edit_id))

    async def bundle(self, edit_id: int) -> bytes:
        """The edited bundle of an edit that is there, for the program's own use."""
        return (await self._ledger.read(lambda db: Edits(db).content(edit_id)))[0]

    async def difference(self, edit: StoredEdit, actor: str, *, protected: bool = False) -> bytes:
        """What was changed (JSON), for a person to see; that it was seen, or refused, is committed first.

        `protected` as in `look`.
        """
        found = await self._ledger.write(lambda tx: _difference(tx, edit, actor, protected=protected))
        if found is None:
            raise ProtectedIdentity(_PROTECTED)
        return found

    def _wake(self, version: Version) -> None:
        registers = frozenset(message.register for message in version.event.messages)
        self._ledger.wake(registers | frozenset(version.event.decides))


def _look(
    tx: SqlSession, event_id: str, actor: str, kind: str, *, protected: bool
) -> tuple[Source | None, bool]:
    """What is shown, and whether it is refused."""
    source = Edits(tx.db).source(event_id)
    if source is None:
        return None, False
    is_refused = source.protected and not protected
    detail = {"event": event_id, "revision": source.revision, "actor": actor}
    tx.trail.add(Fact(f"{kind}-refused" if is_refused else kind, detail=detail))
    return (None if is_refused else source), is_refused


def _difference(tx: SqlSession, edit: StoredEdit, actor: str, *, protected: bool) -> bytes | None:
    source = Edits(tx.db).source(edit.event_id)
    is_refused = source is not None and source.protected and not protected
    kind = "edit-read-refused" if is_refused else "edit-read"
    tx.trail.add(Fact(kind, detail={"event": edit.event_id, "edit": edit.id, "actor": actor}))
    return None if is_refused else Edits(tx.db).content(edit.id)[1]


def _propose(tx: SqlSession, new: NewEdit) -> StoredEdit:
    tx.events.lock([new.event_id])
    known = tx.events.known(new.event_id)
    if known is None or known.revision != new.edit.based_on:
        raise EditConflict(CONFLICT)
    stored = _stored(tx, new)
    Edits(tx.db).add(stored, new.bundle, new.difference)
    _tell(tx, "edit-proposed", stored, paths=new.paths)
    return stored


def _apply(tx: SqlSession, new: NewEdit, version: Version) -> tuple[StoredEdit, Committed]:
    committed = _commit(tx, version)
    stored = replace(
        _stored(tx, new),
        state="applied",
        decided_by=new.edit.actor,
        decided_at=tx.now,
        receipt_id=committed.receipt_id,
    )
    Edits(tx.db).add(stored, new.bundle, new.difference)
    _tell(tx, "edited", stored, paths=new.paths)
    return stored, committed


def _approve(tx: SqlSession, edit_id: int, actor: str, version: Version) -> tuple[StoredEdit, Committed]:
    edit = _undecided(tx, edit_id)
    if _name(edit.actor) == _name(actor):
        raise NotPossible("Whoever proposed an edit cannot approve it.", "Another person must.")
    committed = _commit(tx, version)
    decided = replace(
        edit, state="applied", decided_by=actor, decided_at=tx.now, receipt_id=committed.receipt_id
    )
    Edits(tx.db).decide(decided)
    _tell(tx, "edit-approved", decided, approved_by=actor)
    return decided, committed


def _refuse(tx: SqlSession, edit_id: int, actor: str, reason: str) -> StoredEdit:
    edit = _undecided(tx, edit_id)
    decided = replace(edit, state="refused", decided_by=actor, decided_at=tx.now, decided_why=reason)
    Edits(tx.db).decide(decided)
    _tell(tx, "edit-refused", decided, refused_by=actor, refused_for=reason)
    return decided


def _commit(tx: SqlSession, version: Version) -> Committed:
    return intake.commit(tx, version.receipt, (version.event,), lambda _: b"{}")


def _undecided(tx: SqlSession, edit_id: int) -> StoredEdit:
    edit = Edits(tx.db).one(edit_id, alone=True)
    if edit is None:
        raise NotPossible("There is no such edit.")
    if edit.state != "proposed":
        raise NotPossible(f"The edit has been decided already: it is {edit.state}.", "Read it again.")
    return edit


def _stored(tx: SqlSession, new: NewEdit) -> StoredEdit:
    return StoredEdit(
        id=Edits(tx.db).next_id(),
        event_id=new.event_id,
        based_on=new.edit.based_on,
        state="proposed",
        actor=new.edit.actor,
        reason=new.edit.reason,
        proposed_at=tx.now,
    )


def _tell(tx: SqlSession, kind: str, edit: StoredEdit, **more: object) -> None:
    detail = {
        "event": edit.event_id,
        "edit": edit.id,
        "based_on": edit.based_on,
        "actor": edit.actor,
        "reason": edit.reason,
        **more,
    }
    tx.trail.add(Fact(kind, detail=detail), receipt_id=edit.receipt_id)


def _name(actor: str) -> str:
    """An actor as two are compared: one person is not two by writing the name otherwise."""
    return " ".join(actor.split()).casefold()
