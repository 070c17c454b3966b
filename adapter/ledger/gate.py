"""Whether a register's lanes may flow at all: pauses, throttling, and 403s that concern more than one unit.

Pure, like the lane machine. A gate belongs to a register and outlives restarts; what was in flight when it
closed comes back without having spent anything.
"""

from typing import Literal

import msgspec
from msgspec.structs import replace

from adapter.domain.message import Found, Outcome, OutcomeClass
from adapter.ledger.model import Fact

DEFAULT_THROTTLE = 30.0
"""Seconds to wait when a register throttles without saying for how long."""

LEAST_THROTTLE = 1.0
"""Seconds to wait at least, however short a time the register names. It doubles, up to the default, each time
that the register throttles again after such a wait without having accepted anything."""
_DOUBLINGS = 5

UNITS_FOR_A_PAUSE = 2
"""403s of so many units, with nothing accepted in between, concern us and not the units."""

_JUDGED = frozenset({OutcomeClass.ACCEPTED, OutcomeClass.REJECTED, OutcomeClass.ELSEWHERE})
"""Answers that only an authenticated caller gets."""


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """One register's gate. `forbidden`: units that got a 403 since the register last accepted anything.

    `throttled` counts the waits it has asked for since then. `allowance` is what its rate lets through at
    `allowance_at`, in attempts; None: it was never limited.
    """

    register: str
    paused: Literal["operator", "auth"] | None = None
    cause: str | None = None
    since: float | None = None
    probe_at: float | None = None
    not_before: float | None = None
    throttled: int = 0
    forbidden: tuple[str, ...] = ()
    forbidden_since: float | None = None
    allowance: float | None = None
    allowance_at: float | None = None


class Passage(msgspec.Struct, frozen=True):
    """What an outcome does to the gate, and what the lane machine is to make of it.

    `revive_since`: lanes that a 403 parked since then are to flow again.
    """

    gate: Gate
    outcome: Outcome
    facts: tuple[Fact, ...] = ()
    revive_since: float | None = None


def opening(gate: Gate, now: float) -> Literal["open", "probe", "shut"]:
    """Whether lanes may be claimed; *probe*: one of them, to see whether the register answers again."""
    if gate.paused == "operator" or (gate.not_before is not None and now < gate.not_before):
        return "shut"
    if gate.paused is None:
        return "open"
    return "probe" if gate.probe_at is None or now >= gate.probe_at else "shut"


def passes_at(gate: Gate, due_at: float) -> float | None:
    """When what is due at `due_at` gets through; None: not before an operator opens the gate."""
    if gate.paused == "operator":
        return None
    probe_at = gate.probe_at if gate.paused else None
    return max(due_at, probe_at or 0.0, gate.not_before or 0.0)


def allowed(gate: Gate, rate: float, now: float) -> float:
    """How many attempts a rate (attempts a second) lets through now.

    What was not used gathers for a tenth of a second at most, or for one attempt. The limit is the
    register's: all nodes draw on the same allowance.
    """
    most = max(1.0, rate / 10)
    if gate.allowance is None or gate.allowance_at is None:
        return most
    return min(most, gate.allowance + max(0.0, now - gate.allowance_at) * rate)


def spent(gate: Gate, rate: float, count: int, now: float) -> Gate:
    """The gate after `count` attempts have been let through."""
    return replace(gate, allowance=allowed(gate, rate, now) - count, allowance_at=now)


def probing(gate: Gate, again_at: float) -> Gate:
    """The gate while a probe is under way; the next one goes at `again_at` if this one tells nothing."""
    return replace(gate, probe_at=again_at)


def passage(gate: Gate, outcome: Outcome, unit: str, now: float, probe_every: float) -> Passage:
    """Let an outcome through the gate: it may shut it, open it, or leave it."""
    match outcome.kind:
        case OutcomeClass.AUTH:
            return _shut(gate, outcome, now, probe_every)
        case OutcomeClass.FORBIDDEN_UNIT:
            return _forbidden(gate, outcome, unit, now, probe_every)
        case OutcomeClass.THROTTLED:
            return _throttled(gate, outcome, now)
        case kind if kind in _JUDGED:
            return _judged(gate, outcome)
    return Passage(gate, outcome)


def looked_up(gate: Gate, found: Found) -> tuple[Gate, tuple[Fact, ...]]:
    """Let what a look-up found through: an answer that can be read is one that only we get."""
    return (gate, ()) if found is Found.UNREADABLE else _resumed(gate)


def pause(gate: Gate, actor: str, reason: str, now: float) -> tuple[Gate, Fact]:
    """Shut the gate by an operator's hand."""
    fact = Fact("paused", detail={"by": actor, "reason": reason})
    return replace(gate, paused="operator", cause="operator", since=now, probe_at=None), fact


def resume(gate: Gate, actor: str) -> tuple[Gate, Fact]:
    """Open the gate by an operator's hand, whatever shut it."""
    fact = Fact("resumed", detail={"by": actor, "cause": gate.cause})
    return Gate(register=gate.register, allowance=gate.allowance, allowance_at=gate.allowance_at), fact


def _shut(gate: Gate, outcome: Outcome, now: float, probe_every: float) -> Passage:
    if gate.paused is not None:
        return Passage(gate, outcome)
    shut = replace(gate, paused="auth", cause=outcome.cause, since=now, probe_at=now + probe_every)
    return Passage(shut, outcome, (Fact("paused", detail={"by": "answer", "cause": outcome.cause}),))


def _forbidden(gate: Gate, outcome: Outcome, unit: str, now: float, probe_every: float) -> Passage:
    """Park the unit's lanes; when several units are concerned, pause the register and park nothing."""
    units = gate.forbidden if unit in gate.forbidden else (*gate.forbidden, unit)
    since = now if gate.forbidden_since is None else gate.forbidden_since
    noted = replace(gate, forbidden=units, forbidden_since=since)
    if len(units) < UNITS_FOR_A_PAUSE and gate.paused is None:
        return Passage(noted, outcome)
    as_auth = msgspec.structs.replace(outcome, kind=OutcomeClass.AUTH)
    shut = _shut(noted, as_auth, now, probe_every)
    return Passage(shut.gate, as_auth, shut.facts, since if shut.facts else None)


def _throttled(gate: Gate, outcome: Outcome, now: float) -> Passage:
    """Wait as told. What was under way when the register first said so belongs to the same wait."""
    is_same = gate.throttled > 0 and now < (gate.not_before or 0.0)
    throttled = gate.throttled if is_same else gate.throttled + 1
    least = min(LEAST_THROTTLE * 2 ** min(throttled - 1, _DOUBLINGS), DEFAULT_THROTTLE)
    told = DEFAULT_THROTTLE if outcome.retry_after is None else outcome.retry_after
    until = max(gate.not_before or 0.0, now + max(told, least))
    fact = Fact("throttled", detail={"until": until, "cause": outcome.cause})
    return Passage(replace(gate, not_before=until, throttled=throttled), outcome, (fact,))


def _judged(gate: Gate, outcome: Outcome) -> Passage:
    """The register has judged a message: whatever shut the gate by itself is over."""
    gate, facts = _resumed(gate)
    if outcome.kind is OutcomeClass.ACCEPTED and (gate.forbidden or gate.throttled):
        gate = replace(gate, forbidden=(), forbidden_since=None, throttled=0)
    return Passage(gate, outcome, facts)


def _resumed(gate: Gate) -> tuple[Gate, tuple[Fact, ...]]:
    if gate.paused != "auth":
        return gate, ()
    fact = Fact("resumed", detail={"by": "probe", "cause": gate.cause})
    return replace(gate, paused=None, cause=None, since=None, probe_at=None), (fact,)
