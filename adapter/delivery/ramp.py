"""Beginning anew with care: a register that has just come back does not get everything that waits at once."""


class Ramp:
    """How many attempts may be under way at once. After a stop it is one; each answer lets one more through,
    up to `full`: twice as many with each round trip.
    """

    def __init__(self, full: int) -> None:
        self._full = full
        self._now = full

    @property
    def room(self) -> int:
        """So many attempts may be under way."""
        return self._now

    def restart(self) -> None:
        """The register was paused, asked for patience, or could not be reached."""
        self._now = 1

    def answered(self) -> None:
        """The register has answered an attempt."""
        self._now = min(self._full, self._now + 1)
