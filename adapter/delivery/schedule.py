"""When to try again: tenacity's strategies compute the durable schedule, and wait inside a second too."""

import random
from collections.abc import Mapping
from typing import Any

import tenacity
from tenacity.wait import wait_base

from adapter.domain.message import OutcomeClass
from adapter.ledger.protocol import Work

STANDARD = (0.0, 5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 36000.0)
"""Seconds before each attempt: at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h; about a day in all."""

JITTER = 0.2
"""How far a wait may be off, as a share: what failed together is not tried again together."""


class wait_with_jitter(wait_base):  # noqa: N801  (named as tenacity names its strategies)
    """Another strategy's wait, up to `share` shorter or longer."""

    def __init__(self, wait: wait_base, share: float) -> None:
        self.wait, self.share = wait, share

    def __call__(self, retry_state: tenacity.RetryCallState) -> float:
        """The wait in seconds."""
        return self.wait(retry_state) * random.uniform(1 - self.share, 1 + self.share)  # noqa: S311


class Schedule:
    """The waits before each attempt of a message, the first one included; after the last it is exhausted."""

    def __init__(self, waits: tuple[float, ...] = STANDARD, jitter: float = JITTER) -> None:
        self._first = waits[0]
        self._stop = tenacity.stop_after_attempt(len(waits))
        between = waits[1:] or (0.0,)
        self._wait = wait_with_jitter(
            tenacity.wait_chain(*(tenacity.wait_fixed(wait) for wait in between)), jitter
        )

    def after(self, spent: int) -> float | None:
        """Seconds to wait after `spent` attempts, None when there is none left."""
        if spent == 0:
            return self._first
        state = _state(spent)
        return None if self._stop(state) else self._wait(state)


class Patience:
    """How long to wait after each outcome, by its class; look-ups follow the same schedule."""

    def __init__(self, schedule: Schedule, by_class: Mapping[OutcomeClass, Schedule] | None = None) -> None:
        self._schedule = schedule
        self._by_class = by_class or {}

    def retry_in(self, work: Work, kind: OutcomeClass) -> float | None:
        """Seconds until the lane is looked at again after an outcome, None: no more attempts are left.

        A doubt that can be looked up is not an attempt to be spared: its look-up goes at once (or when a
        schedule of doubts begins), and the first one goes even when the attempts are exhausted.
        """
        in_doubt = kind in (OutcomeClass.UNKNOWN, OutcomeClass.ELSEWHERE)
        if in_doubt and work.abilities.can_look_up:
            return self._by_class.get(OutcomeClass.UNKNOWN, self._schedule).after(0)
        return self._by_class.get(kind, self._schedule).after(work.lane.tries + 1)

    def ask_in(self, work: Work, kind: OutcomeClass = OutcomeClass.UNKNOWN) -> float | None:
        """Seconds until the next look-up after one that found nothing out; one not sent is not counted."""
        asks = work.lane.asks
        spent = max(1, asks) if kind is OutcomeClass.NOT_SENT else asks + 1
        return self._by_class.get(OutcomeClass.UNKNOWN, self._schedule).after(spent)

    def again_in(self, work: Work) -> float | None:
        """Seconds until the next delivery, when a look-up says that the attempt has had no effect."""
        return self._schedule.after(work.lane.tries)


def _state(spent: int) -> tenacity.RetryCallState:
    state = tenacity.RetryCallState(_NOTHING, None, (), {})
    state.attempt_number = spent
    return state


_NOTHING: Any = tenacity.Retrying()
