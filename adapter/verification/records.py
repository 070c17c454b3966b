"""What the suite compares: the register's effects, what was sent, what the ledger shows, what came of it."""

from typing import Literal

import msgspec

from adapter.verification.contacts import Version

Fate = Literal["delivered", "superseded", "needless", "waiting", "held", "parked", "unknown", "lost"]
"""What became of an acknowledged version. *superseded*: a newer one took its place before it was delivered;
*needless*: there was nothing to tell (the same content, a cancellation of what the register never had)."""

Promise = Literal["lost", "reordered", "duplicated", "refused", "at-rest", "consistent", "audit", "flow"]
"""What can be broken; docs/reference/verify.md says what each stands for."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the register's log: its state changed. `mark` and `patient` are None for a DELETE.

    `was` says whether the register held the event before. `at` is in seconds since 1970.
    """

    seq: int
    at: float
    method: str
    event: str
    mark: int | None = None
    patient: int | None = None
    was: bool = False


class Sent(msgspec.Struct, frozen=True):
    """A version that was sent, and whether a 200 came back for it."""

    version: Version
    acknowledged: bool = True


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger shows of an event: the versions that it knows, and where its lane stands."""

    versions: frozenset[int] = frozenset()
    lane: int | None = None
    state: str | None = None
    cause: str | None = None


class Break(msgspec.Struct, frozen=True):
    """A promise that was broken. `history` tells the contact's story, without patient data."""

    promise: Promise
    what: str
    event: str | None = None
    history: tuple[str, ...] = ()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all contacts. `fates` counts acknowledged versions, `parked` contacts by their cause."""

    contacts: int = 0
    accepted: int = 0
    effects: int = 0
    fates: dict[str, int] = {}
    parked: dict[str, int] = {}
    unknown: int = 0
    repeated_updates: int = 0
    breaks: tuple[Break, ...] = ()
