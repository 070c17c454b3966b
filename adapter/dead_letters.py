"""Groups of dead letters with what our rules say of them. Pure."""

import re
from typing import Any

import msgspec

from adapter.domain.rule import Catalogue

_PARAMETER = re.compile(r"\{[a-z_]+\}")
_HELD_BY = "rule:"


def explained(group: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """A group that a rule holds, with the rule's text for its `reason`; its parameters differ by lane."""
    cause = group["cause"] or ""
    rule = catalogue.get(cause.removeprefix(_HELD_BY)) if cause.startswith(_HELD_BY) else None
    if rule is None:
        return group
    text = msgspec.to_builtins(rule.text)
    return {**group, "reason": {lang: _PARAMETER.sub("...", words) for lang, words in text.items()}}
