"""Taking in a submission: receipt, event versions and messages in one transaction."""

from collections.abc import Callable, Sequence
from typing import TypeGuard

from adapter.errors import EditConflict, StaleEvent
from adapter.ledger import lane as machine
from adapter.ledger.applying import apply
from adapter.ledger.lane import Standing
from adapter.ledger.model import (
    Committed,
    Disposition,
    Fact,
    KnownEvent,
    Lane,
    Message,
    MessageState,
    NewEvent,
    NewMessage,
    NewReceipt,
)
from adapter.ledger.reported import after_arrival, before_arrival
from adapter.ledger.transaction import Transaction

TO_BE_MADE_AGAIN = frozenset({MessageState.HELD, MessageState.PARKED})
"""Where a lane's newest message is stuck, the same content sent once more is worth another try."""


def commit(
    tx: Transaction,
    receipt: NewReceipt,
    events: Sequence[NewEvent],
    answer: Callable[[Committed], bytes],
) -> Committed:
    """Store a submission. Raises StaleEvent when what the caller read has changed, EditConflict for edits.

    When the key answers for another receipt already, the new one takes its place if the caller knew that one:
    it is processed anew because it is no longer its events' newest version. Else what was read is stale.
    """
    tx.events.lock(sorted(event.event_id for event in events))
    _bind(tx, receipt)
    if receipt.bundle is not None and receipt.key is not None:
        see_message(tx, receipt.sender, receipt.bundle, receipt.key)
    before = {event.event_id: tx.events.known(event.event_id) for event in events}
    for event in events:
        _compare_revision(event, before[event.event_id])
    _compare_visits(tx, events)
    dispositions = {event.event_id: disposition_of(event, before[event.event_id]) for event in events}
    undone = [event.event_id for event in events if undoes_edit(event, before[event.event_id])]
    receipt_id = tx.receipts.next_id()
    committed = Committed(receipt_id=receipt_id, dispositions=dispositions, undone=tuple(undone))
    tx.receipts.add(receipt_id, receipt, answer(committed))
    for event in events:
        _take(tx, event, before[event.event_id], receipt_id)
    tx.trail.add(Fact("received", detail={"status": receipt.status}), receipt_id=receipt_id)
    return committed


def disposition_of(event: NewEvent, known: KnownEvent | None) -> Disposition:
    """What becomes of a version: both versions given and the new one older: superseded; else it is newest."""
    if known is None:
        return "stored"
    compared = event.edit is None and event.version is not None and known.version is not None
    if compared and (event.version or "") < (known.version or ""):
        return "superseded-on-arrival"
    same = event.content == known.content and event.status == known.status
    return "unchanged" if same else "stored"


def _bind(tx: Transaction, receipt: NewReceipt) -> None:
    if receipt.key is None:
        return
    bound = tx.receipts.bound(receipt.sender, receipt.key)
    if bound is None:
        return
    if bound[0] != receipt.replaces:
        raise StaleEvent("The deduplication key is bound by a receipt that the caller did not know.")
    tx.receipts.unbind(bound[0])


def see_message(tx: Transaction, sender: str, bundle: str, key: str) -> None:
    """Note with which message a Bundle.id has come. Raises StaleEvent when it has come with another."""
    earlier = tx.receipts.message_of(sender, bundle)
    if earlier is None:
        tx.receipts.see(sender, bundle, key, tx.now)
    elif earlier != key:
        raise StaleEvent("The Bundle.id has come with another message meanwhile.")


def _compare_revision(event: NewEvent, known: KnownEvent | None) -> None:
    revision = 0 if known is None else known.revision
    if event.edit is not None and event.edit.based_on != revision:
        raise EditConflict("A newer version of the event exists than the one that the edit was based on.")
    if event.expected_revision != revision:
        raise StaleEvent("The event changed since it was read.")


def _compare_visits(tx: Transaction, events: Sequence[NewEvent]) -> None:
    """Whether the visits that follow on the events are those that their translation knew of."""
    if not events:
        return
    standing = tx.referrals.visits(events[0].sender, {event.identifier for event in events})
    for event in events:
        visits = standing.get(event.identifier, ())
        if {visit.event_id for visit in visits} != set(event.followed_by):
            raise StaleEvent("A visit that follows on the event has come or gone since it was read.")


def undoes_edit(event: NewEvent, known: KnownEvent | None) -> bool:
    """Whether a version takes the place of an operator's edit with other content."""
    is_edited = known is not None and known.edited and not event.remade
    return is_edited and event.edit is None and disposition_of(event, known) == "stored"


def _take(tx: Transaction, event: NewEvent, known: KnownEvent | None, receipt_id: int) -> None:
    """Store one version and its messages."""
    disposition = disposition_of(event, known)
    revision = 1 if known is None else known.revision + 1
    undoes = undoes_edit(event, known)
    if disposition != "superseded-on-arrival":
        tx.events.save(_newest(event, known, receipt_id, revision, disposition), event)
        _deliver(tx, event, receipt_id, disposition, undoes)
        if known is not None and disposition == "stored":
            _withdraw(tx, event, receipt_id, undoes)
        if disposition == "stored":
            tell_what_is_not_reported(tx, event)
        if known is not None or event.follows:
            tx.referrals.take(event, tx.now)
    elif known is not None:
        revision = known.revision
    tx.events.add_version(event, receipt_id, revision, disposition, tx.now)


def _newest(
    event: NewEvent, known: KnownEvent | None, receipt_id: int, revision: int, disposition: Disposition
) -> KnownEvent:
    earlier = known.version if known is not None else None
    return KnownEvent(
        event_id=event.event_id,
        revision=revision,
        version=earlier if event.edit is not None or event.version is None else event.version,
        status=event.status,
        content=event.content,
        receipt_id=receipt_id,
        edited=event.edit is not None
        or ((event.remade or disposition == "unchanged") and bool(known and known.edited)),
    )


def _deliver(
    tx: Transaction, event: NewEvent, receipt_id: int, disposition: Disposition, undoes: bool
) -> None:
    """Put the version's messages into their lanes."""
    for new in event.messages:
        standing = tx.lanes.of_slot(new.register, new.service, new.slot, tx.now)
        if disposition == "stored" or _is_worth_another_try(tx, standing, new):
            arrive(tx, standing, new, receipt_id, undoes=undoes)


def _withdraw(tx: Transaction, event: NewEvent, receipt_id: int, undoes: bool) -> None:
    """Tell the registers that the version decides in full to forget what it has no message for."""
    if not event.decides:
        return
    told = {(message.register, message.service, message.slot) for message in event.messages}
    for standing in tx.lanes.of_event(event.event_id, event.decides):
        lane, newest = standing.lane, tx.lanes.newest_message(standing.lane.id)
        if is_to_be_withdrawn(newest, event) and (lane.register, lane.service, lane.slot) not in told:
            arrive(tx, standing, withdrawal(lane, newest), receipt_id, undoes=undoes)


def tell_what_is_not_reported(tx: Transaction, event: NewEvent, register: str | None = None) -> None:
    """Tell the sender which registers (or whether one) are not told of the event, and by which rule."""
    for fate in event.fates:
        if fate.fate == "not-reported" and register in (None, fate.register):
            tx.changes.add(
                tx.now,
                f"sender:{event.sender}",
                register=fate.register,
                state=fate.fate,
                cause=fate.rule,
                event_id=event.event_id,
                identifier=event.identifier,
            )


def _is_worth_another_try(tx: Transaction, standing: Standing, new: NewMessage) -> bool:
    """Whether unchanged content must still be told: to a lane that is new, or that is stuck."""
    newest = tx.lanes.newest_message(standing.lane.id)
    if newest is None:
        return True
    if newest.state is MessageState.HELD and new.held is not None:
        return newest.cause != new.held
    return newest.state in TO_BE_MADE_AGAIN


def is_to_be_withdrawn(newest: Message | None, event: NewEvent) -> TypeGuard[Message]:
    """Whether a lane's newest message tells of the event, so that a cancel must follow it."""
    return newest is not None and newest.event_id == event.event_id and newest.intent != "cancel"


def withdrawal(lane: Lane, newest: Message) -> NewMessage:
    """A cancel for a lane whose register is not to be told of the message's event any more."""
    return NewMessage(
        register=lane.register,
        service=lane.service,
        slot=lane.slot,
        event_id=newest.event_id,
        intent="cancel",
        body=b"{}",
        trace=b"[]",
        content="",
        identity=newest.identity,
        unit=newest.unit,
        edition=newest.edition,
        care_date=newest.care_date,
        shadow=newest.state is MessageState.SHADOW,
    )


def arrive(
    tx: Transaction, standing: Standing, new: NewMessage, receipt_id: int, *, undoes: bool = False
) -> None:
    """Put a message into its lane. That of a contact which another system has reported is not sent."""
    standing, new, listing = before_arrival(tx, standing, new, receipt_id)
    message = Message(
        id=tx.lanes.next_message_id(),
        lane_id=standing.lane.id,
        seq=standing.lane.seq + 1,
        event_id=new.event_id,
        receipt_id=receipt_id,
        intent=new.intent,
        state=machine.first_state(new),
        content=new.content,
        identity=new.identity,
        unit=new.unit,
        edition=new.edition,
        care_date=new.care_date,
        created_at=tx.now,
        cause=new.held,
        flag="undoes-edit" if undoes else None,
    )
    standing = apply(tx, standing, machine.arrive(standing, message, tx.now), new)
    if listing is not None:
        after_arrival(tx, standing, message, listing)
