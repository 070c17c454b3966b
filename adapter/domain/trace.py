"""The trace: why a field says what it says, down to the FHIR element and the rule."""

from typing import Any

import msgspec

_ABSENT = "absent:"


class Origin(msgspec.Struct, frozen=True):
    """Where one member of an event comes from.

    `paths` are the FHIRPaths of every element that took part in the value, the value's own element first,
    then those that selected it (links, ranks, statuses). `by` are ids of the rules and maps that were
    applied, in order.
    """

    paths: tuple[str, ...] = ()
    by: tuple[str, ...] = ()


Provenance = dict[str, Origin]
"""Event member path (``diagnoser[0].kod``) -> origin. A member without an origin must not be forwarded.

Under `absent_key` of a member that the event does not have it may say where the member would have stood, or
what was refused there, so that a rule that misses it can point at the place.
"""


def absent_key(member: str) -> str:
    """The key of the place where a missing `member` would have stood; no member has such a name."""
    return _ABSENT + member


def is_absent(key: str) -> bool:
    """Whether a key of a Provenance is that of a missing member."""
    return key.startswith(_ABSENT)


class TraceLine(msgspec.Struct, frozen=True, kw_only=True, rename={"source": "from"}):
    """One field of one register message, explained. `field` is a path in the body (``diagnoser[0].kod``)."""

    register: str
    field: str
    value: Any
    source: tuple[str, ...]
    by: tuple[str, ...]
