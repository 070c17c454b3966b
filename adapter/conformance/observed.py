"""What an adapter let be seen of what it made of an input."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from adapter.conformance.manifest import Case, Operation, Outcome
from adapter.domain.rule import Severity
from adapter.domain.text import Text


class SentMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `operation` and `body` are None where they cannot be seen."""

    register: str
    service: str
    operation: Operation | None = None
    body: dict[str, Any] | None = None


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. `register` is UNSET where it cannot be seen. `milder`: it stands where there can be no
    errors, and may be one that is told as a warning."""

    rule: str
    severity: Severity
    register: str | msgspec.UnsetType | None = msgspec.UNSET
    expression: tuple[str, ...] = ()
    milder: bool = False


class Untold(msgspec.Struct, frozen=True, kw_only=True):
    """A register that is not told, and one of the rules that say so."""

    register: str
    rule: str


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one input. None: it cannot be seen at this adapter.

    `registers` are those whose messages can be seen; None: all of them. `whole` says whether the lists are
    complete: where they are not, `exact` is judged as `at-least`. `sees_cancels`: whether cancellations show.
    `held` are registers whose message is kept back, with the rule that says why.
    """

    outcome: Outcome | None = None
    messages: tuple[SentMessage, ...] | None = None
    findings: tuple[Remark, ...] | None = None
    not_reported: tuple[Untold, ...] | None = None
    registers: frozenset[str] | None = None
    whole: bool = True
    sees_cancels: bool = True
    held: tuple[Untold, ...] = ()


class NotRun(Exception):
    """A case that cannot be tried on this adapter, and why."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


class Judged(Protocol):
    """An adapter that cases are tried on."""

    name: str

    def run(self, case: Case, inputs: Sequence[bytes]) -> list[Observed]:
        """What came of each input, in order. Raises NotRun."""
