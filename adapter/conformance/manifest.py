"""The open format of conformance cases: a manifest, the files that it includes, the inputs beside them.

The format names no program: it says what goes in and what a register is to be told, in terms of the
register's own message body, so that any adapter can be judged by it (docs/reference/conformance-format.md).
"""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from adapter.domain.rule import Severity
from adapter.domain.text import Text

VERSION = 1
ALL = "*"
"""In a cell: every register, or every edition."""

Outcome = Literal["accepted", "refused", "partly"]
Match = Literal["exact", "at-least"]
Operation = Literal["create", "update", "cancel"]
ErrorKind = Literal[
    "none", "syntax", "structure", "reference", "bundle", "identity", "code", "missing", "contradiction",
    "unit", "time", "edition", "evidence", "status", "not-told", "payment", "correction", "contract",
]  # fmt: skip
"""What a case tries. `none`: nothing is wrong; `not-told`: a rule says that a register is not told;
`evidence`: what a bundle shows decides; `payment`: what is missing costs the payment; `contract`: what the
parties agreed."""


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a case comes from: a document by its short name (docs/reference/sources.md, or the vendor's own),
    and the section of it. `url` is for what can be opened: an issue, a page."""

    document: str
    section: str
    url: str | None = None


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The place of a case in the grid: what is looked at. `kind` is a contact type, or ``bundle`` where none
    is read; `rule` the rule that is tried; `register` and `edition` can be ``*``."""

    kind: str
    rule: str
    register: str
    edition: str
    error: ErrorKind


class ExpectedMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One message that a register is to be sent.

    `body` holds members of the body as the register knows them, all or some of them (`Strictness.bodies`).
    null means that the member is absent or null. Without `body` register, service and operation count.
    """

    register: str
    service: str
    operation: Operation = "create"
    body: dict[str, Any] = {}


class ExpectedFinding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One finding. What is left out is not looked at; a `register` of null means that it concerns no single
    one. Of `expression` each FHIRPath must be among those of the finding."""

    rule: str
    severity: Severity | UnsetType = UNSET
    register: str | UnsetType | None = UNSET
    expression: tuple[str, ...] = ()


class NotReported(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A register that is not told, and the rule that says so."""

    register: str
    rule: str


class Strictness(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How each list is meant: ``exact`` (these and no others) or ``at-least`` (these, whatever else).

    `bodies`: whether the members given are all that a body has.
    """

    messages: Match = "exact"
    bodies: Match = "at-least"
    findings: Match = "at-least"
    not_reported: Match = "at-least"


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What must become of one input. A list that is left out is not looked at.

    `registers` narrows messages, findings and not_reported to these registers (findings of no register always
    count). `absent` are rules of which there must be no finding, and which must not keep a register untold.
    """

    outcome: Outcome
    strictness: Match | Strictness = Strictness()
    registers: tuple[str, ...] = ()
    messages: tuple[ExpectedMessage, ...] | None = None
    findings: tuple[ExpectedFinding, ...] | None = None
    not_reported: tuple[NotReported, ...] | None = None
    absent: tuple[str, ...] = ()

    @property
    def strict(self) -> Strictness:
        """The strictness of each list, where one word was given for all."""
        given = self.strictness
        if isinstance(given, Strictness):
            return given
        return Strictness(messages=given, bodies=given, findings=given, not_reported=given)


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One input. `input` is a file beside the manifest, taken byte for byte; `arrived` (ISO 8601 with zone)
    is when it comes in, which must decide nothing: rules belong to the date of care."""

    input: str
    expect: Expected
    arrived: str | None = None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the parties agreed beforehand: how a sender's bundles are read (``vardkontakttyp_reading``,
    ``default_unit``, ``default_taxa``, ``default_besokstyp``, ``version``), and each register's settings.

    `tables` is a folder beside the manifest with code tables that count (``tables/codes-kva.csv``)."""

    sender: dict[str, Any] = {}
    registers: dict[str, dict[str, Any]] = {}
    tables: str | None = None


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One case: inputs that come one after the other, and what must become of each."""

    id: str
    title: Text
    origin: Origin
    cell: Cell
    steps: tuple[Step, ...]
    settings: Settings = Settings()


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file with more cases, which a manifest includes."""

    cases: tuple[Case, ...]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A folder's ``manifest.yaml`` (or ``.json``). `conformance` is the version of the format; `volatile` are
    members of bodies that are never compared: ids that each adapter makes in its own way."""

    conformance: Literal[1]
    name: str
    title: Text
    include: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
