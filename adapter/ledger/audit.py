"""The audit trail: one entry for each change, chained by hashes so that none can be changed or taken out.

An entry's hash is SHA-256 over the hash of the entry before it and the entry's own members as JSON. Cutting
off the end of the trail is not seen by the chain alone: export the newest hash now and then.
"""

import hashlib
from collections.abc import Iterable

import msgspec

GENESIS = bytes(32)
_encode = msgspec.json.Encoder().encode


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `detail` is JSON with sorted keys; it holds states, counts and causes, no patient data."""

    id: int
    at: float
    kind: str
    register: str | None
    lane_id: int | None
    message_id: int | None
    receipt_id: int | None
    detail: str


class Verdict(msgspec.Struct, frozen=True):
    """What a check of the chain found. `broken_at` is the first entry that does not fit, None when all do."""

    entries: int
    broken_at: int | None
    head: str


def chain(previous: bytes, entry: Entry) -> bytes:
    """The hash of `entry` after an entry with the hash `previous`."""
    members = (
        entry.id,
        entry.at,
        entry.kind,
        entry.register,
        entry.lane_id,
        entry.message_id,
        entry.receipt_id,
        entry.detail,
    )
    return hashlib.sha256(previous + _encode(members)).digest()


def verify(entries: Iterable[tuple[Entry, bytes]]) -> Verdict:
    """Check a trail from its beginning: each entry with the hash that is stored for it, in order."""
    previous, count = GENESIS, 0
    for entry, stored in entries:
        if entry.id != count + 1 or chain(previous, entry) != stored:
            return Verdict(count, entry.id, previous.hex())
        previous, count = stored, count + 1
    return Verdict(count, None, previous.hex())
