"""The circuit breaker before a register: many failures stop the traffic, one successful probe resumes it."""

from collections import deque

from adapter.domain.message import OutcomeClass

FAILURES = frozenset({OutcomeClass.NOT_SENT, OutcomeClass.TRANSIENT, OutcomeClass.UNKNOWN})
"""Outcomes that say that the register, or the way to it, does not work."""

NEUTRAL = frozenset({OutcomeClass.THROTTLED})
"""Outcomes that say neither: the gate deals with them."""


class Breaker:
    """Closed: traffic flows. Open: nothing flows until `pause` seconds have passed, then one probe does.

    Times are in seconds of one monotonic clock, given by the caller.
    """

    def __init__(
        self, *, share: float = 0.7, least: int = 10, window: float = 300.0, pause: float = 5.0
    ) -> None:
        self._share, self._least, self._window, self._pause = share, least, window, pause
        self._attempts: deque[tuple[float, bool]] = deque()
        self._failures = 0
        self._open_until: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether traffic is stopped, but for probes."""
        return self._open_until is not None

    def room(self, wanted: int, now: float) -> int:
        """How many of `wanted` attempts may be made now."""
        if self._open_until is None:
            return wanted
        if self._probing or now < self._open_until:
            return 0
        return min(1, wanted)

    def wait(self, now: float) -> float:
        """Seconds until something may be tried."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - now)

    def begin(self, count: int) -> None:
        """Note that attempts were claimed; while the breaker is open they are its probe."""
        self._probing = self._probing or (self.is_open and count > 0)

    def withdrawn(self) -> None:
        """An attempt was given back unsent: another one may probe."""
        self._probing = False

    def note(self, kind: OutcomeClass, now: float) -> bool:
        """Count an outcome. Answers whether the breaker has just opened or closed."""
        if kind in NEUTRAL:
            self._probing = False
            return False
        failed = kind in FAILURES
        if self.is_open:
            return self._probed(failed, now)
        self._attempts.append((now, failed))
        self._failures += failed
        self._forget(now)
        count = len(self._attempts)
        if failed and count >= self._least and self._failures >= self._share * count:
            self._open_until = now + self._pause
            return True
        return False

    def _probed(self, failed: bool, now: float) -> bool:
        self._probing = False
        if failed:
            self._open_until = now + self._pause
            return False
        self._open_until = None
        self._attempts.clear()
        self._failures = 0
        return True

    def _forget(self, now: float) -> None:
        while self._attempts and self._attempts[0][0] < now - self._window:
            self._failures -= self._attempts.popleft()[1]
