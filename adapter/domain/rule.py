"""What every rule says of itself, whoever applies it: a condition in a pack or a named function."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from adapter.domain.text import Text

Severity = Literal["error", "warning", "information"]


class Source(msgspec.Struct, frozen=True):
    """Where a rule comes from: the document's short name (docs/reference/sources) and the section heading."""

    document: str
    section: str


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """The face of one rule: its id, how grave its breach is, what it says and who says so.

    `text` says what is wrong, `todo` what to do about it. `assumed` marks our own reading of a silent
    source. `checked_by` names the Python function that applies a rule which no condition expresses.
    `hold` marks an error that can be mended on our side (a table that is not loaded yet): the event is
    kept and held for the register instead of refused. `issue` is the code of FHIR's issue-type list.
    """

    id: str
    severity: Severity
    text: Text
    todo: Text | None = None
    source: Source
    assumed: bool = False
    checked_by: str | None = None
    hold: bool = False
    issue: str = "business-rule"


Catalogue = Mapping[str, Rule]
