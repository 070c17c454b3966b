"""What the HTTP faces need of the rest of the program; the composition root provides it."""

from typing import Any, Protocol

from adapter.answers import IntakeAnswer
from adapter.config.model import Config
from adapter.dialogue import Exchange
from adapter.domain.rule import Catalogue
from adapter.domain.text import Lang
from adapter.edits import Edits
from adapter.ledger.access import AccessLedger
from adapter.ledger.audit import Verdict as AuditVerdict
from adapter.ledger.completeness import Completeness
from adapter.ledger.following import Following
from adapter.ledger.hooks import HookLedger
from adapter.ledger.lane.operating import Verdict
from adapter.ledger.model import LaneState
from adapter.ledger.own_trail import OwnTrail
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.referring import Referring
from adapter.leftovers import Leftovers
from adapter.mapping.context import Sender
from adapter.patient_log import PatientLogs
from adapter.published import Shelf
from adapter.renewal import Corrections, Rules, Trials
from adapter.replay import ReplayDesk
from adapter.shadow.cutover import CutoverList
from adapter.shadow.desk import ShadowDesk
from adapter.validation import Checker


class IntakeDoor(Protocol):
    """The use case behind POST /fhir."""

    async def submit(
        self,
        raw: bytes,
        *,
        sender: Sender,
        key: str | None,
        lang: Lang,
        message: Exchange | None = None,
    ) -> IntakeAnswer:
        """Take in a bundle (`message`: nothing but a message); the answer stands after the commit."""
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
        kept: bool = True,
        at: str = "",
        **params: str,
    ) -> IntakeAnswer:
        """Record a refusal without content and answer it. Not `kept`: only answer it."""
        ...


class OperationsLedger(Protocol):
    """The ledger as operators see it. Answers are JSON-ready and hold no payload and no identity number."""

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

    async def dead_letters(self) -> list[dict[str, Any]]:
        """What waits for somebody: a group for each register, state and cause, the largest first."""
        ...

    async def retry(self, lane_id: int, actor: str = ...) -> LaneState:
        """Make a parked or unknown lane due now. Raises NotPossible."""
        ...

    async def discard(
        self, lane_id: int, reason: str, message_id: int | None = ..., actor: str = ...
    ) -> LaneState:
        """Give up the message that stops a lane. Raises NotPossible."""
        ...

    async def settle_unknown(
        self, lane_id: int, verdict: Verdict, reason: str, actor: str = ...
    ) -> LaneState:
        """Decide an unknown outcome. Raises NotPossible."""
        ...

    async def pause(self, register: str, reason: str, actor: str = ...) -> None:
        """Stop deliveries to a register."""
        ...

    async def resume(self, register: str, actor: str = ...) -> None:
        """Take deliveries to a register up again."""
        ...

    async def audit_verify(self) -> AuditVerdict:
        """Check the whole audit trail."""
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

    @property
    def edits(self) -> Edits:
        """Where operators correct what a sender has sent."""
        ...

    @property
    def replays(self) -> ReplayDesk:
        """Where operators retry and remap."""
        ...

    @property
    def rules(self) -> Rules:
        """The rules, maps and tables in use."""
        ...

    @property
    def trials(self) -> Trials:
        """Where others are tried."""
        ...

    @property
    def corrections(self) -> Corrections:
        """Where contacts are brought to what the rules make of them."""
        ...

    @property
    def following(self) -> Following:
        """Where senders look."""
        ...

    @property
    def shadow(self) -> ShadowDesk:
        """Where what would have been sent is compared."""
        ...

    @property
    def cutovers(self) -> CutoverList:
        """The list of contacts that another system has reported."""
        ...

    @property
    def referring(self) -> Referring:
        """Where calls and visits that belong together are found."""
        ...

    @property
    def patient_logs(self) -> PatientLogs:
        """Where it is found who looked at, changed and sent what of a patient's contacts."""
        ...

    @property
    def leftovers(self) -> Leftovers:
        """Where it is counted what of a sender's bundles nothing was made from."""
        ...

    @property
    def completeness(self) -> Completeness:
        """Where it is asked what is missing."""
        ...

    @property
    def hooks(self) -> HookLedger:
        """How far the webhooks are."""
        ...

    @property
    def access(self) -> AccessLedger:
        """What the door keeps in the ledger."""
        ...

    @property
    def checker(self) -> Checker:
        """Who says whether a resource would be taken."""
        ...

    @property
    def shelf(self) -> Shelf:
        """What is published."""
        ...

    @property
    def own_trail(self) -> OwnTrail:
        """Where senders see what was done with what they sent."""
        ...

    @property
    def draining(self) -> bool:
        """Whether the service is about to end: nobody is to be kept waiting any longer."""
        ...

    async def failing_parts(self) -> list[str]:
        """Names of the parts that do not work: ``ledger``, ``courier gvr``; empty when all is well."""
        ...
