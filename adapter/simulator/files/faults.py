"""Faults of the receivers of files: receipts that do not come, are of no use, or reject."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class FileFaultKind(StrEnum):
    """What goes wrong."""

    NO_RECEIPT = "no-receipt"
    """The batch is taken, and its receipt is kept back until it is released."""
    REJECT = "reject"
    """The receipt rejects records (all, or those that `records` names)."""
    UNREADABLE_RECEIPT = "unreadable-receipt"
    """A file that is no receipt comes instead; the true one is kept back."""
    DOUBLE_RECEIPT = "double-receipt"
    """The receipt comes twice."""


class FileFault(BaseModel):
    """A fault for the next `times` batches of a register."""

    model_config = ConfigDict(extra="forbid")

    register_name: str = Field(alias="register")
    kind: FileFaultKind
    times: int = Field(default=1, ge=1)
    records: list[str] | None = None
    reason: str = "avvisad av simulatorn"


@dataclass(slots=True)
class Set:
    """A fault that is set, and how many batches it still strikes."""

    fault: FileFault
    left: int


class FileFaults:
    """The faults that are set, each register's oldest first."""

    def __init__(self) -> None:
        self._set: list[Set] = []

    def add(self, fault: FileFault) -> None:
        """Set a fault."""
        self._set.append(Set(fault, fault.times))

    def strike(self, register: str) -> FileFault | None:
        """The fault for this batch, which is used up by it."""
        for one in self._set:
            if one.fault.register_name == register:
                one.left -= 1
                self._set = [other for other in self._set if other.left > 0]
                return one.fault
        return None

    def clear(self) -> None:
        """Remove all."""
        self._set.clear()
