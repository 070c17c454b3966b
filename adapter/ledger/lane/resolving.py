"""What a look-up, or an operator's word, does to a lane whose outcome is unknown."""

from adapter.domain.message import Found, Operation, Outcome, OutcomeClass
from adapter.ledger.lane.effects import gone, stands, takes_effect
from adapter.ledger.lane.planning import quiet_at
from adapter.ledger.lane.settling import give_up_or_wait
from adapter.ledger.lane.standing import Standing, Step, Turn
from adapter.ledger.model import Abilities, Attempt, Message, MessageState


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


def refuse_lookup(
    standing: Standing,
    lookup: Attempt,
    outcome: Outcome,
    *,
    ask_at: float | None,
    now: float,
    skip: bool = False,
) -> Step:
    """End `lookup`, which the register did not answer or did not get: the doubt is as it was.

    But for a register that judges later than it takes: REJECTED is its verdict on what was asked about, and
    parks the message as a rejection at once would have; UNKNOWN says that there is none yet, and why. `skip`
    is the register's policy to let those behind a parked message pass.

    It counts as one of the look-ups without an answer only if the register took it and could not answer just
    then. One that was not authenticated waits behind what else is due: the next probe of the paused register
    is another lane's, in case it is the look-up alone that is refused. One that may not ask for its unit
    waits for an operator, or until the 403 turns out to concern us and not the unit.
    """
    turn = Turn(standing, now)
    turn.end(lookup, outcome)
    front = turn.front
    if front is None:
        raise AssertionError("a look-up asks about an attempt of an open message")
    turn.fact("not-looked-up", front, attempt=lookup.id, outcome=outcome.kind.value, cause=outcome.cause)
    match outcome.kind:
        case OutcomeClass.AUTH | OutcomeClass.THROTTLED:
            due_at: float | None = now
        case OutcomeClass.FORBIDDEN_UNIT:
            turn.move(front, front.state, cause=outcome.cause)
            due_at = None
        case OutcomeClass.NOT_SENT:
            due_at = ask_at
        case OutcomeClass.REJECTED:
            turn.change(tries=turn.lane.tries + 1)
            turn.move(front, MessageState.PARKED, cause=outcome.cause, attempted=True)
            due_at = now
        case _:
            if outcome.kind is OutcomeClass.UNKNOWN:
                turn.move(front, front.state, cause=outcome.cause)
            turn.change(asks=turn.lane.asks + 1)
            due_at = ask_at
    return turn.come_to_rest(due_at, outcome.kind, skip=skip)


def resolve(turn: Turn, front: Message, doubted: Attempt, found: Found) -> None:
    """Put the front message where the register's side of the doubted attempt puts it."""
    if _is_done(found, doubted):
        if doubted.operation is Operation.CANCEL and turn.lane.accepted is None:
            gone(turn, front)
        else:
            takes_effect(turn, front, doubted)
    elif found is Found.ABSENT and _is_told_that_nothing_is_there(doubted):
        gone(turn, front)
    else:
        stands(turn, front, doubted)


def _is_done(found: Found, doubted: Attempt) -> bool:
    """Whether what was found shows that the attempt's operation is done; so does absence for a cancel."""
    return found is Found.EQUAL or (found is Found.ABSENT and doubted.operation is Operation.CANCEL)


def _is_told_that_nothing_is_there(doubted: Attempt) -> bool:
    """Whether an absence means that the register holds nothing, and not only that the attempt did nothing.

    A look-up asks with the query of the body that was sent: what stands under an older one (its date was
    corrected) is absent too. After an update it is the answer to the update itself that counts, a 404.
    """
    said = {outcome.kind for outcome in (doubted.outcome, doubted.evidence) if outcome is not None}
    return doubted.operation is Operation.CREATE or OutcomeClass.ELSEWHERE in said


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
