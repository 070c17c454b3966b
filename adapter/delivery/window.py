"""When a register is to be told anything at all: for those that get one delivery a day."""

from typing import Protocol

from adapter.domain.message import OutcomeClass


class Window(Protocol):
    """Opens and closes deliveries to one register."""

    async def wait(self) -> float:
        """Seconds until deliveries may begin; 0 while they may."""
        ...

    def note(self, kind: OutcomeClass) -> None:
        """How an attempt ended."""
        ...

    async def left(self, *, nothing: bool) -> None:
        """Everything that was due has been claimed; `nothing`: and nothing is under way either."""
        ...
