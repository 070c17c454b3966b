"""What a hook needs of whoever it tells, and how long it waits when it is not heard."""

import random
from typing import Protocol

import msgspec

from adapter.ledger.hooks import Batch

WAITS = (5.0, 30.0, 300.0, 1800.0, 7200.0)
"""Seconds after each failure; the last one is kept to, for ever: what is to be told does not get lost."""

JITTER = 0.2
"""How far a wait may be off, as a share."""

LONGEST_WAIT = 86_400.0
"""Seconds that an endpoint is waited for at most when it names a time itself (Retry-After)."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """How a telling ended. `cause` is a short token, `gone`: nobody wants to hear any more.

    `wait`: seconds that were asked for before the next one.
    """

    taken: bool
    cause: str = ""
    gone: bool = False
    wait: float = 0.0


class Listener(Protocol):
    """Whoever is told: an endpoint, or the log."""

    async def tell(self, batch: Batch) -> Heard:
        """Tell of a batch. Raises nothing: what fails is answered."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def wait_after(failures: int, asked: float) -> float:
    """Seconds to wait after so many failures in a row, at least as long as was asked for."""
    wait = WAITS[min(failures, len(WAITS)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    return max(wait, min(asked, LONGEST_WAIT))
