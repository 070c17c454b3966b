"""Writing a step of the lane machine: records, audit entries and notices, in the caller's transaction."""

from adapter.ledger.lane import Standing, Step
from adapter.ledger.model import Lane, LaneState, MessageState, NewMessage
from adapter.ledger.transaction import Transaction

UNTOLD = frozenset({MessageState.WAITING, MessageState.SENDING})
"""States that a sender is not told of, since they pass by themselves; but see `_is_news`."""


def apply(
    tx: Transaction, before: Standing, step: Step, new: NewMessage | None = None, answer: bytes = b""
) -> Standing:
    """Write what `step` changed and return the standing after it.

    `new` is the message that came in with this step, the last of the step's messages. `answer` is what the
    register said to the attempt that ends with it (the first one).
    """
    known = {id(message) for message in before.open}
    changed = [message for message in step.messages if id(message) not in known]
    arrived = changed.pop() if new is not None else None
    tx.lanes.save(before, step.lane, changed)
    if arrived is not None and new is not None:
        tx.lanes.add_message(arrived, new)
    for attempt in step.attempts:
        if attempt.ended_at is None:
            tx.lanes.add_attempt(attempt)
        else:
            tx.lanes.end_attempt(attempt, answer)
            answer = b""
    for fact in step.facts:
        tx.trail.add(fact, register=step.lane.register, lane_id=step.lane.id)
    states = {message.id: message.state for message in before.open}
    for message in step.messages:
        if _is_news(states.get(message.id), message.state):
            tx.changes.tell(tx.now, message, step.lane.register, step.lane.service)
    _notify(tx, before.lane, step.lane)
    return Standing(step.lane, step.open, before.last)


def _is_news(before: MessageState | None, after: MessageState) -> bool:
    """Whether the sender is told: of every state that lasts, and of being on the way again after one."""
    if after is before:
        return False
    return after not in UNTOLD or (after is MessageState.WAITING and before not in (None, *UNTOLD))


def _notify(tx: Transaction, before: Lane, after: Lane) -> None:
    """Count the lane under the cause that blocks it: one notice per cause, started once and cleared once."""
    old, new = blockage(before), blockage(after)
    if old == new:
        return
    if new is not None:
        tx.notices.block(after.register, *new)
    if old is not None:
        tx.notices.unblock(after.register, *old)


def blockage(lane: Lane) -> tuple[str, str] | None:
    """Kind and cause for which a lane waits for somebody, None when it does not."""
    if lane.state in (LaneState.PARKED, LaneState.HELD) or (
        lane.state is LaneState.UNKNOWN and lane.due_at is None
    ):
        return lane.state.value, lane.cause or ""
    return None
