"""What the HTTP faces need of the rest of the program; the composition root provides it."""

from typing import Any, Protocol

from adapter.answers import IntakeAnswer
from adapter.config.model import Config
from adapter.domain.rule import Catalogue
from adapter.domain.text import Lang
from adapter.ledger.protocol import LaneFilter
from adapter.mapping.context import Sender


class IntakeDoor(Protocol):
    """The use case behind POST /fhir."""

    async def submit(self, raw: bytes, *, sender: Sender, key: str | None, lang: Lang) -> IntakeAnswer:
        """Take in a bundle; the answer stands after the commit."""
        ...

    async def refuse(
        self,
        status: int,
        rule: str,
        *,
        sender: Sender,
        size: int,
        body_hash: str,
        lang: Lang,
        **params: str,
    ) -> IntakeAnswer:
        """Record a refusal without content and answer it."""
        ...


class OperationsLedger(Protocol):
    """The ledger as operators see it. Answers are JSON-ready; payloads and identity numbers are not in them."""

    async def summary(self) -> dict[str, Any]:
        """Counts of lanes and messages by state, and of lanes by register and state."""
        ...

    async def lanes(self, chosen: LaneFilter) -> dict[str, Any]:
        """``{"lanes": [...], "next": id or None}``."""
        ...

    async def lane(self, lane_id: int) -> dict[str, Any] | None:
        """One lane with its messages, attempts and causes."""
        ...

    async def messages(self, chosen: LaneFilter) -> dict[str, Any]:
        """``{"messages": [...], "next": id or None}``."""
        ...

    async def event(self, event_id: str) -> dict[str, Any] | None:
        """An event with its versions and its state at each register."""
        ...


class Services(Protocol):
    """The running application, as the HTTP faces see it."""

    @property
    def config(self) -> Config:
        """The configuration that it was built from."""
        ...

    @property
    def catalogue(self) -> Catalogue:
        """Every rule by its id."""
        ...

    @property
    def intake(self) -> IntakeDoor:
        """Where bundles go."""
        ...

    @property
    def ledger(self) -> OperationsLedger:
        """Where operators look."""
        ...
