"""The shape of a pack file. `profiles/rules/pack.schema.json` is generated from these Structs."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from adapter.domain.rule import Severity

Words = Annotated[str, Meta(pattern=r"\S", max_length=1000)]
RuleId = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$", max_length=64)]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
Member = Annotated[str, Meta(pattern=r"^[a-z_]+(\.[a-z_]+)*$", max_length=80)]
Dotted = Annotated[str, Meta(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$", max_length=200)]
Cel = Annotated[str, Meta(min_length=1, max_length=2000)]

IssueType = Literal[
    "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired",
    "forbidden", "suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found",
    "deleted", "too-long", "code-invalid", "extension", "too-costly", "business-rule", "conflict",
    "transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled",
    "informational",
]  # fmt: skip


class SourceEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The document's short name (docs/reference/sources) and the heading of the section."""

    document: Words
    section: Words


class TextEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One sentence or two in both languages."""

    sv: Words
    en: Words


class RuleEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule as it is written.

    Broken when `when` is true and `require` is not (either may be left out); a rule with `not_reported`
    decides that the register is not told when `when` is true. `checked_by` names the Python function that
    applies a rule which has no condition. `at` are the event's members that a finding points at.
    """

    id: RuleId
    severity: Severity | None = None
    source: SourceEntry
    text: TextEntry
    todo: TextEntry | None = None
    when: Cel | None = None
    require: Cel | None = None
    at: tuple[Member, ...] = ()
    not_reported: bool = False
    checked_by: Dotted | None = None
    assumed: bool = False
    hold: bool = False
    issue: IssueType = "business-rule"


class PackHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a pack says of itself: whose rules, which edition, and the dates of care it judges (inclusive).

    `extends` names packs whose editions the pack adds rules to; a rule that they have too takes its place.
    The rules stay unread here, so that each is read, and complained about, on its own.
    """

    pack: Name
    register: Name | None = None
    service: Name | None = None
    edition: Words
    extends: tuple[Name, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    rules: Annotated[list[Any], Meta(min_length=1)]


class PackFile(PackHead, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole pack file, as the published schema describes it."""

    rules: Annotated[list[RuleEntry], Meta(min_length=1)]
