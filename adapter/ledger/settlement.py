"""Settling: what an answer does to its lane and to its register's gate, for the lane's holder only."""

from collections.abc import Sequence

from adapter.domain.message import Found, Outcome
from adapter.errors import LeaseLost
from adapter.ledger import lane as machine
from adapter.ledger.applying import apply
from adapter.ledger.gate import Gate, looked_up, passage
from adapter.ledger.lane import Standing, Step
from adapter.ledger.model import Fact, LaneState
from adapter.ledger.protocol import Work
from adapter.ledger.transaction import Transaction

PAUSED = "paused"
"""Kind of the notice that a register is paused."""


def settle(
    tx: Transaction, work: Work, outcome: Outcome, retry_in: float | None, answer: bytes, probe_every: float
) -> LaneState:
    """End the attempt of `work`. Raises LeaseLost when somebody else has the lane, or had it since."""
    standing = _held(tx, work)
    gate = tx.gates.gate(work.lane.register)
    passed = passage(gate, outcome, work.message.unit, tx.now, probe_every)
    step = machine.settle(standing, work.attempt, passed.outcome, _at(tx, retry_in), work.abilities, tx.now)
    apply(tx, standing, step, answer=answer)
    _move_gate(tx, gate, passed.gate, passed.facts)
    _revive(tx, gate.register, passed.revive_since)
    return step.lane.state


def settle_lookup(
    tx: Transaction, work: Work, found: Found, ask_in: float | None, again_in: float | None, answer: bytes
) -> LaneState:
    """End the look-up of `work` with what it found. Raises LeaseLost."""
    standing = _held(tx, work, with_last=True)
    gate = tx.gates.gate(work.lane.register)
    step = machine.settle_lookup(
        standing,
        work.attempt,
        found,
        ask_at=_at(tx, ask_in),
        again_at=_at(tx, again_in),
        abilities=work.abilities,
        now=tx.now,
    )
    apply(tx, standing, step, answer=answer)
    _move_gate(tx, gate, *looked_up(gate, found))
    return step.lane.state


def refuse_lookup(
    tx: Transaction, work: Work, outcome: Outcome, ask_in: float | None, answer: bytes, probe_every: float
) -> LaneState:
    """End the look-up of `work`, which was refused or not sent. Raises LeaseLost."""
    standing = _held(tx, work)
    gate = tx.gates.gate(work.lane.register)
    passed = passage(gate, outcome, work.message.unit, tx.now, probe_every)
    step = machine.refuse_lookup(
        standing,
        work.attempt,
        passed.outcome,
        ask_at=_at(tx, ask_in),
        now=tx.now,
        skip=work.abilities.policy == "skip-and-flag",
    )
    apply(tx, standing, step, answer=answer)
    _move_gate(tx, gate, passed.gate, passed.facts)
    _revive(tx, gate.register, passed.revive_since)
    return step.lane.state


def withdraw(tx: Transaction, work: Work) -> LaneState:
    """Give the lane of `work` back unsent. Raises LeaseLost."""
    standing = _held(tx, work)
    return _applied(tx, standing, machine.withdraw(standing, work.attempt, tx.now))


def evidence(tx: Transaction, work: Work, outcome: Outcome, answer: bytes) -> LaneState:
    """Append the answer of a worker that lost its lease."""
    standing, attempt = tx.lanes.standing(work.lane.id, with_last=True), tx.lanes.attempt(work.attempt.id)
    message = tx.lanes.message(work.message.id)
    if standing is None or attempt is None or message is None:
        raise LeaseLost("The lane of this attempt is gone.")
    if attempt.ended_at is None or attempt.kind == "lookup":
        return standing.lane.state
    step = machine.evidence(
        standing,
        attempt,
        message,
        outcome,
        work.abilities,
        tx.now,
        under_way=tx.lanes.open_attempt(work.lane.id),
    )
    return _applied(tx, standing, step, answer)


def change_gate(tx: Transaction, before: Gate, after: Gate) -> None:
    """Write a gate, and start or clear the notice of its pause."""
    tx.gates.save(after)
    if before.paused and (before.paused, before.cause) != (after.paused, after.cause):
        tx.notices.unblock(before.register, PAUSED, before.cause or "")
    if after.paused and (before.paused, before.cause) != (after.paused, after.cause):
        tx.notices.block(after.register, PAUSED, after.cause or "")


def _move_gate(tx: Transaction, before: Gate, after: Gate, facts: Sequence[Fact]) -> None:
    """Write what an answer has done to the gate."""
    if after is not before:
        change_gate(tx, before, after)
    for fact in facts:
        tx.trail.add(fact, register=before.register)


def _revive(tx: Transaction, register: str, since: float | None) -> None:
    """Let the lanes flow again that a 403 has stopped `since` then; None: there is no reason to."""
    for stopped in tx.lanes.forbidden(register, since) if since is not None else ():
        apply(tx, stopped, machine.revive(stopped, tx.now))


def _held(tx: Transaction, work: Work, *, with_last: bool = False) -> Standing:
    """The lane of `work`, if the worker still holds it."""
    standing = tx.lanes.standing(work.lane.id, with_last=with_last)
    if standing is None or not holds(standing, work):
        raise LeaseLost("The lane's token is not this worker's any more.")
    return standing


def holds(standing: Standing, work: Work) -> bool:
    """Whether `work` was claimed under the lane's present lease: the fencing of every settlement."""
    return standing.lane.state is LaneState.LEASED and standing.lane.token == work.attempt.token


def _at(tx: Transaction, seconds: float | None) -> float | None:
    return None if seconds is None else tx.now + seconds


def _applied(tx: Transaction, standing: Standing, step: Step, answer: bytes = b"") -> LaneState:
    apply(tx, standing, step, answer=answer)
    return step.lane.state
