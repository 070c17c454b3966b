"""The lane machine: every change of a lane, as pure functions (docs/explanation/lanes draws it).

A transition takes a `Standing` (a lane with its open messages and its newest attempt) and returns a `Step`
(the lane, the messages and the attempt as they are afterwards, and what happened). It reads no clock and no
store: a store loads the standing, applies the transition and writes the difference, all in one transaction.

Three sentences hold everywhere:

- Only the front message is ever sent. Those behind it wait for its end.
- A message whose every request certainly had no effect (waiting, parked, held) gives way to a newer message
  of the same event; one that may have had an effect (sending, unknown) never does, but for a probe that
  carries the newer message and takes the doubt over.
- What is asked of the register (create, update, cancel) follows from what it has accepted, when the attempt
  is made.
"""

from adapter.ledger.lane.arrival import arrive, first_state
from adapter.ledger.lane.evidence import evidence
from adapter.ledger.lane.leasing import claim, take_over, withdraw
from adapter.ledger.lane.operating import discard, retry, settle_by_hand
from adapter.ledger.lane.planning import Plan, Rest, plan
from adapter.ledger.lane.remapping import remap
from adapter.ledger.lane.resolving import refuse_lookup, settle_lookup
from adapter.ledger.lane.settling import park, rest, revive, settle
from adapter.ledger.lane.standing import Standing, Step
from adapter.ledger.lane.starting import cut_over, is_untold, release

__all__ = [
    "Plan",
    "Rest",
    "Standing",
    "Step",
    "arrive",
    "claim",
    "cut_over",
    "discard",
    "evidence",
    "first_state",
    "is_untold",
    "park",
    "plan",
    "refuse_lookup",
    "release",
    "remap",
    "rest",
    "retry",
    "revive",
    "settle",
    "settle_by_hand",
    "settle_lookup",
    "take_over",
    "withdraw",
]
