"""Claiming: which lanes a worker gets, with an attempt committed for each in the same transaction."""

import structlog

from adapter.domain.message import Operation
from adapter.ledger import lane as machine
from adapter.ledger.applying import apply
from adapter.ledger.gate import allowed, opening, probing, spent
from adapter.ledger.lane import Plan, Standing
from adapter.ledger.model import Attempt, LaneState
from adapter.ledger.protocol import Claim, Work
from adapter.ledger.reported import as_known
from adapter.ledger.transaction import Transaction

UNFRAMED = "request-not-made"
"""Cause of a lane that is parked because our own code could not make its request."""

LONGEST_LEASE = 3600.0
"""Seconds by which a lease can outlast one that is given now. One that ends later was given by a clock that
was wrong: it counts as run out, or a node that is gone would hold its lanes until the wrong time comes."""

_log = structlog.get_logger(__name__)


def claim(tx: Transaction, claim: Claim) -> list[Work]:
    """Take over what was left behind, then lease due lanes and open an attempt for each."""
    for standing in tx.lanes.expired(claim.register, tx.now, tx.now + claim.lease + LONGEST_LEASE):
        attempt = tx.lanes.open_attempt(standing.lane.id)
        apply(tx, standing, machine.take_over(standing, attempt, claim.abilities, tx.now))
    limit = _pass_gate(tx, claim)
    if limit == 0:
        return []
    works = []
    gate = tx.gates.gate(claim.register)
    shun = gate.forbidden if gate.paused else ()
    fresh = min(claim.fresh, limit)
    for standing in tx.lanes.due(claim.register, tx.now, limit, fresh, shun, doubts_only=claim.doubts_only):
        work = _claim_one(tx, claim, standing)
        if work is not None:
            works.append(work)
    if claim.rate is not None and works:
        tx.gates.save(spent(tx.gates.gate(claim.register), claim.rate, len(works), tx.now))
    return works


def take_over_all(tx: Transaction, leased: list[Standing]) -> int:
    """End every lease: the store was just opened, so their holders are gone. Answers how many."""
    for standing in leased:
        attempt = tx.lanes.open_attempt(standing.lane.id)
        apply(tx, standing, machine.take_over(standing, attempt, None, tx.now))
    return len(leased)


def _pass_gate(tx: Transaction, claim: Claim) -> int:
    """How many lanes may be claimed. A probe moves the time of the next one."""
    is_limited = claim.most is not None or claim.rate is not None
    gate = tx.gates.gate(claim.register, alone=is_limited)
    limit = claim.limit
    match opening(gate, tx.now):
        case "shut":
            return 0
        case "probe":
            tx.gates.save(probing(gate, tx.now + claim.probe_every))
            return min(1, limit)
    if claim.most is not None:
        limit = max(0, min(limit, claim.most - _leased(tx, claim.register, claim.most)))
    if claim.rate is not None:
        limit = min(limit, int(allowed(gate, claim.rate, tx.now)))
    return limit


def _leased(tx: Transaction, register: str, most: int) -> int:
    """How many lanes are in hand. What a node that is gone had in hand must not keep the others from working
    until its leases run out; who is still there is asked only where it matters."""
    leased = tx.lanes.leased_count(register)
    return leased if leased < most else tx.lanes.leased_count(register, living=True)


def _claim_one(tx: Transaction, claim: Claim, standing: Standing) -> Work | None:
    found = machine.plan(standing, claim.abilities, tx.now)
    if not isinstance(found, Plan):
        rested = apply(tx, standing, machine.rest(standing, found.due_at, claim.abilities, tx.now))
        has_passed = rested.lane.state is LaneState.WAITING
        return _claim_one(tx, claim, rested) if has_passed else None
    body = as_known(standing.lane, tx.lanes.body(found.about, found.rendering))
    try:
        attempt = _attempt(tx, claim, standing, found, body)
    except Exception as error:  # noqa: BLE001  (one message that cannot be framed must not stop the others)
        _log.error(
            "request not made", register=claim.register, lane=standing.lane.id, error=type(error).__name__
        )
        apply(tx, standing, machine.park(standing, UNFRAMED, tx.now))
        return None
    owner = f"{tx.strand}/{claim.owner}"
    step = machine.claim(standing, found, attempt, owner, tx.now + claim.lease, tx.now)
    apply(tx, standing, step)
    message = next(message for message in step.messages if message.id == found.message.id)
    return Work(lane=step.lane, message=message, attempt=attempt, body=body, abilities=claim.abilities)


def _attempt(tx: Transaction, claim: Claim, standing: Standing, plan: Plan, body: bytes) -> Attempt:
    lane, message = standing.lane, plan.message
    if plan.repeat is not None:
        request, key = plan.repeat.request, plan.repeat.key
    else:
        request, key = claim.frame(plan.kind, Operation(plan.operation), lane, message, body)
    return Attempt(
        id=tx.lanes.next_attempt_id(),
        lane_id=lane.id,
        message_id=message.id,
        about=plan.about,
        rendering=plan.rendering,
        identity=plan.identity,
        number=message.attempts + 1,
        token=lane.token + 1,
        kind=plan.kind,
        operation=plan.operation,
        request=request,
        key=key,
        started_at=tx.now,
    )
