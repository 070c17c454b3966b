"""What the mapping hands over for each care event."""

import msgspec

from adapter.domain.event import Vardhandelse
from adapter.domain.finding import Finding
from adapter.domain.trace import Provenance


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """One event with its trace and findings.

    `entries` are the indexes of all bundle entries that the event was read from. `encounter` is the FHIRPath
    of its Encounter (of a deletion: of the request's url). `identifier` is the business identifier that the
    event's id was made from, ``system|value``. `tests` are the findings that say that the contact is no care
    but a test: what they mean depends on whether a register is in production.
    `follows` are the identifiers, in the same form, of the earlier contacts that it says it follows on.
    """

    event: Vardhandelse
    provenance: Provenance
    findings: list[Finding]
    entries: frozenset[int]
    encounter: str
    identifier: str
    tests: tuple[Finding, ...] = ()
    follows: tuple[str, ...] = ()
