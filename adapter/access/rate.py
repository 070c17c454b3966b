"""How much of something a sender may do: buckets that fill with time."""

import math
import time
from collections.abc import Callable


class Bucket:
    """Holds `burst` at most, and fills by `rate` a second."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, max(1.0, burst), clock
        self._held, self._at = self._burst, clock()

    def take(self) -> float:
        """Take one. 0.0: it was there; else the seconds until one will be, and nothing is taken."""
        now = self._clock()
        self._held = min(self._burst, self._held + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._held >= 1.0:
            self._held -= 1.0
            return 0.0
        return (1.0 - self._held) / self._rate


def retry_after(seconds: float) -> int:
    """Whole seconds for the header of that name, 1 at least."""
    return max(1, math.ceil(seconds))
