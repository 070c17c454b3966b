"""A message comes into the lane of a contact that another system has reported: it counts as accepted.

A list says which contacts those are (adapter.ledger.cutover). The row of one waits for the first message that
could have been sent, and is used in the transaction in which that message comes.
"""

import msgspec
import orjson
from msgspec.structs import replace

from adapter.domain.finding import Finding
from adapter.errors import NotPossible
from adapter.ledger import lane as machine
from adapter.ledger.applying import apply
from adapter.ledger.lane import Standing
from adapter.ledger.model import Lane, Listing, Message, MessageState, NewMessage
from adapter.ledger.transaction import Transaction

BY_LIST = "cut-over list"
"""Who counts a message as accepted that comes after its contact was listed."""

INCOMPLETE = "CUTOVER-CANCEL-INCOMPLETE"
"""The rule that holds a cancel of what another system has reported, when nothing says what to cancel."""

_NAMES_NOTHING = (b"", b"{}")
"""Bodies of cancels that can only be made from what was accepted."""


def before_arrival(
    tx: Transaction, standing: Standing, new: NewMessage, receipt_id: int
) -> tuple[Standing, NewMessage, Listing | None]:
    """The lane as the message meets it, the message, and the list's row for its contact; None where there is
    none, or nothing of it is left to do.

    What the other system has sent, where the list says it, is put into the lane first. A cancel that is the
    first to come takes effect on what it names itself; one that names too little is held.
    """
    if not machine.is_untold(standing):
        return standing, new, None
    listing = tx.cutovers.of_event(new.event_id, new.register, tx.now)
    if listing is None:
        return standing, new, None
    reported = _reported(new, listing)
    if reported is not None:
        return stand_in(tx, standing, reported, receipt_id, listing, BY_LIST), new, None
    if new.intent == "cancel" and new.held is None:
        return standing, _held(new), None
    return standing, new, listing


def after_arrival(tx: Transaction, standing: Standing, message: Message, listing: Listing) -> None:
    """Count the message that has come as accepted, unless it cannot be made: then the row waits on."""
    if message.state is MessageState.HELD or not machine.is_untold(standing):
        return
    count_as_accepted(tx, standing, message, listing, BY_LIST)


def require_mended(message: Message, made: NewMessage) -> None:
    """Refuse to remap a cancel that is held because nothing says what to cancel: it would end unsent.

    Raises NotPossible.
    """
    if message.cause == f"rule:{INCOMPLETE}" and made.intent == "cancel" and made.held is None:
        raise NotPossible("Nothing says what to cancel: let the sender send the whole cancelled contact.")


def after_remap(tx: Transaction, standing: Standing) -> None:
    """The same for a message that could not be made and now can."""
    front = standing.open[0] if standing.open else None
    if front is None or front.state is not MessageState.WAITING or front.intent != "report":
        return
    if machine.is_untold(standing):
        listing = tx.cutovers.of_event(front.event_id, standing.lane.register, tx.now)
        if listing is not None:
            count_as_accepted(tx, standing, front, listing, BY_LIST)


def count_as_accepted(
    tx: Transaction, standing: Standing, message: Message, listing: Listing, actor: str
) -> bool:
    """Count a lane's message as accepted; use the row. Answers whether the list says nothing against it."""
    vouched = listing.reported is None or listing.reported.content == message.content
    before = standing
    if message not in standing.open:
        messages = sorted((*standing.open, message), key=lambda one: one.seq)
        before = Standing(standing.lane, tuple(messages), standing.last)
    step = machine.cut_over(before, message, actor, tx.now, vouched=vouched, known_as=listing.known_as)
    apply(tx, before, step)
    tx.cutovers.use(listing, tx.now)
    return vouched


def stand_in(
    tx: Transaction, standing: Standing, reported: NewMessage, receipt_id: int, listing: Listing, actor: str
) -> Standing:
    """Put what the other system has sent into a lane, as accepted; use the row."""
    message = Message(
        id=tx.lanes.next_message_id(),
        lane_id=standing.lane.id,
        seq=standing.lane.seq + 1,
        event_id=reported.event_id,
        receipt_id=receipt_id,
        intent="report",
        state=MessageState.WAITING,
        content=reported.content,
        identity=reported.identity,
        unit=reported.unit,
        edition=reported.edition,
        care_date=reported.care_date,
        created_at=tx.now,
    )
    step = machine.cut_over(
        standing, message, actor, tx.now, vouched=bool(reported.content), known_as=listing.known_as
    )
    after = apply(tx, standing, step, reported)
    tx.cutovers.use(listing, tx.now)
    return after


def as_known(lane: Lane, body: bytes) -> bytes:
    """A body as the register is told it: under the names by which another system has told it of the event."""
    if lane.known_as is None:
        return body
    return orjson.dumps({**orjson.loads(body or b"{}"), **orjson.loads(lane.known_as)})


def _reported(new: NewMessage, listing: Listing) -> NewMessage | None:
    """What the register holds of the contact, as far as it is known before `new` comes."""
    reported = listing.reported
    if reported is not None and (reported.service, reported.slot) == (new.service, new.slot):
        return reported
    if new.intent == "cancel" and new.held is None and new.body not in _NAMES_NOTHING:
        return replace(new, intent="report", content="", trace=b"[]", findings=b"[]", shadow=False)
    return None


def _held(cancel: NewMessage) -> NewMessage:
    finding = Finding(rule=INCOMPLETE, severity="error", register=cancel.register)
    return replace(cancel, held=f"rule:{INCOMPLETE}", findings=msgspec.json.encode([finding]))
