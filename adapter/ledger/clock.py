"""The time that leases and due times are measured in."""

import time


class SteadyClock:
    """UTC seconds since 1970 that only go forward: the wall clock at the start, a monotonic one from then on.

    A wall clock that is set while the service runs would end every lease at once, or let none end and nothing
    be due for hours. The next start takes the wall clock's word again.
    """

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        return self._offset + time.monotonic()
