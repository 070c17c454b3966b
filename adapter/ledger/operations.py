"""What operators do to lanes and registers. Every act is audited with who did it and why."""

from collections.abc import Callable, Collection

from adapter.errors import NotPossible
from adapter.ledger import lane as machine
from adapter.ledger.applying import apply
from adapter.ledger.gate import pause as shut
from adapter.ledger.gate import resume as open_again
from adapter.ledger.lane import Standing, Step
from adapter.ledger.lane.operating import Verdict
from adapter.ledger.model import LaneState
from adapter.ledger.settlement import change_gate
from adapter.ledger.transaction import Transaction


def retry(
    tx: Transaction, lane_id: int, actor: str, without_means: Collection[str] = frozenset()
) -> LaneState:
    """Send a parked message again, or look into an unknown outcome again. Raises NotPossible.

    At the registers `without_means` an unknown outcome cannot be looked into.
    """

    def act(standing: Standing) -> Step:
        if standing.lane.state is LaneState.UNKNOWN and standing.lane.register in without_means:
            raise NotPossible(
                "The register can neither be asked nor be sent it again without harm.",
                "Look into the register, and settle the outcome by hand.",
            )
        return machine.retry(standing, actor, tx.now)

    return _act(tx, lane_id, act)


def settle_unknown(tx: Transaction, lane_id: int, verdict: Verdict, actor: str, reason: str) -> LaneState:
    """Settle an unknown outcome by hand. Raises NotPossible."""
    return _act(
        tx, lane_id, lambda standing: machine.settle_by_hand(standing, verdict, actor, reason, tx.now)
    )


def discard(tx: Transaction, lane_id: int, message_id: int | None, actor: str, reason: str) -> LaneState:
    """Give up a message (None: the lane's front one). Raises NotPossible."""
    return _act(tx, lane_id, lambda standing: machine.discard(standing, message_id, actor, reason, tx.now))


def pause(tx: Transaction, register: str, actor: str, reason: str) -> None:
    """Claim nothing for a register until it is resumed; what is in flight ends."""
    gate = tx.gates.gate(register)
    after, fact = shut(gate, actor, reason, tx.now)
    change_gate(tx, gate, after)
    tx.trail.add(fact, register=register)


def resume(tx: Transaction, register: str, actor: str) -> None:
    """Open a register's gate, whatever shut it."""
    gate = tx.gates.gate(register)
    after, fact = open_again(gate, actor)
    change_gate(tx, gate, after)
    tx.trail.add(fact, register=register)


def _act(tx: Transaction, lane_id: int, act: Callable[[Standing], Step]) -> LaneState:
    standing = tx.lanes.standing(lane_id, with_last=True)
    if standing is None:
        raise NotPossible("There is no such lane.")
    step = act(standing)
    apply(tx, standing, step)
    return step.lane.state
