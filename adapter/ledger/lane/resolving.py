"""What a look-up, or an operator's word, does to a lane whose outcome is unknown."""

from adapter.domain.message import Found, Operation
from adapter.ledger.lane.effects import gone, stands, takes_effect
from adapter.ledger.lane.planning import quiet_at
from adapter.ledger.lane.settling import give_up_or_wait
from adapter.ledger.lane.standing import Standing, Step, Turn
from adapter.ledger.model import Abilities, Attempt, Message


def settle_lookup(
    standing: Standing,
    lookup: Attempt,
    found: Found,
    *,
    ask_at: float | None,
    again_at: float | None,
    abilities: Abilities,
    now: float,
) -> Step:
    """End `lookup` with what it found.

    `ask_at` is when to ask again if it found nothing out, `again_at` when to deliver again if the attempt has
    had no effect; None means that the schedule is exhausted. That an attempt has had no effect is believed
    only when it was asked late enough: before that its request may still be on its way.
    """
    turn = Turn(standing, now)
    turn.end(lookup, None, found=found)
    front, doubted = turn.front, standing.last
    if front is None or doubted is None:
        raise AssertionError("a look-up asks about an attempt of an open message")
    turn.fact("looked-up", front, attempt=lookup.id, about=doubted.id, found=found.value)
    quiet = quiet_at(doubted, abilities)
    if found is Found.UNREADABLE:
        turn.change(asks=turn.lane.asks + 1)
        due_at = ask_at
    elif not _is_done(found, doubted) and lookup.started_at < quiet:
        due_at = max(quiet, now)
    else:
        due_at = _settled(turn, front, doubted, found, again_at)
    return turn.come_to_rest(due_at, skip=abilities.policy == "skip-and-flag")


def resolve(turn: Turn, front: Message, doubted: Attempt, found: Found) -> None:
    """Put the front message where the register's side of the doubted attempt puts it."""
    if _is_done(found, doubted):
        if doubted.operation is Operation.CANCEL and turn.lane.accepted is None:
            gone(turn, front)
        else:
            takes_effect(turn, front, doubted)
    elif found is Found.ABSENT:
        gone(turn, front)
    else:
        stands(turn, front, doubted)


def _is_done(found: Found, doubted: Attempt) -> bool:
    """Whether what was found shows that the attempt's operation is done; so does absence for a cancel."""
    return found is Found.EQUAL or (found is Found.ABSENT and doubted.operation is Operation.CANCEL)


def _settled(
    turn: Turn, front: Message, doubted: Attempt, found: Found, again_at: float | None
) -> float | None:
    resolve(turn, front, doubted, found)
    if _is_done(found, doubted):
        return turn.now
    waiting = turn.front
    assert waiting is not None  # noqa: S101  (for the type checker: no effect leaves the message open)
    if turn.newest_of(waiting) is not waiting:
        return turn.now if again_at is None else again_at
    give_up_or_wait(turn, waiting, front.cause or found.value, again_at)
    return again_at
