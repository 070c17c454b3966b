"""How fast a register may be sent to."""


class TokenBucket:
    """`rate` attempts a second on average, at most `burst` at once. Times are monotonic seconds."""

    def __init__(self, rate: float, now: float, burst: float | None = None) -> None:
        self._rate = rate
        self._burst = max(1.0, rate / 10 if burst is None else burst)
        self._tokens, self._at = self._burst, now

    def room(self, wanted: int, now: float) -> int:
        """How many of `wanted` attempts may be made now."""
        self._fill(now)
        return min(wanted, int(self._tokens))

    def take(self, count: int) -> None:
        """Use the right to `count` attempts."""
        self._tokens -= count

    def wait(self, now: float) -> float:
        """Seconds until one attempt may be made."""
        self._fill(now)
        return max(0.0, (1 - self._tokens) / self._rate)

    def _fill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
