"""The audit trail: one entry for each change, chained by hashes so that none can be changed or taken out.

An entry's hash is SHA-256 over the hash of the entry before it and the entry's own members as JSON. Cutting
off the end of the trail is not seen by the chain alone: export the newest hashes now and then.

Each connection that writes has a strand of its own, a chain by itself, so that no two wait for each other to
write the trail. An entry's number holds both: ``strand * 2**40 + place``; the embedded store has strand 0.
"""

import hashlib
from collections.abc import Iterable

import msgspec

GENESIS = bytes(32)
_PLACES = 40
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
    """What a check of the chain found. `broken_at` is the first entry that does not fit, None when all do.

    `head` is the newest hash (hex); of several strands the hash over all their newest ones, in order.
    """

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


def first_of(strand: int) -> int:
    """The number before a strand's first entry."""
    return strand << _PLACES


def strand_of(entry_id: int) -> int:
    """The strand that an entry belongs to."""
    return entry_id >> _PLACES


def verify(entries: Iterable[tuple[Entry, bytes]]) -> Verdict:
    """Check a trail from its beginning: each entry with the hash that is stored for it, by number."""
    heads: dict[int, bytes] = {}
    strand, previous, place, count = 0, GENESIS, 0, 0
    for entry, stored in entries:
        if strand_of(entry.id) != strand:
            strand, previous, place = strand_of(entry.id), GENESIS, first_of(strand_of(entry.id))
        if entry.id != place + 1 or chain(previous, entry) != stored:
            return Verdict(count, entry.id, _head(heads))
        previous, place, count = stored, entry.id, count + 1
        heads[strand] = stored
    return Verdict(count, None, _head(heads))


def _head(heads: dict[int, bytes]) -> str:
    if len(heads) > 1:
        return hashlib.sha256(b"".join(heads.values())).hexdigest()
    return next(iter(heads.values()), GENESIS).hex()
