"""Who is meant, without saying who: the pseudonym of a visit, and the key that it is made with."""

import hashlib
import hmac
import secrets

from adapter.domain.event import Personal, Vardhandelse

_PURPOSE = b"vardbro-signe"
KEY_BYTES = 32


def fresh_key() -> bytes:
    """A key for this run alone: pseudonyms made with it mean nothing to anybody later."""
    return secrets.token_bytes(KEY_BYTES)


def pseudonym(key: bytes, event_id: str, person: str) -> str:
    """The id of one staff member's visit: HMAC-SHA256 with the region's key, 64 hexadecimal digits."""
    said = b"\0".join((_PURPOSE, event_id.encode(), person.encode()))
    return hmac.new(key, said, hashlib.sha256).hexdigest()


def slot(event_id: str, person: str) -> str:
    """The lane of one staff member's visit. It depends on no key, so that it outlives one."""
    digest = hashlib.blake2b(f"{event_id}\0{person}".encode(), digest_size=8, person=_PURPOSE)
    return f"{event_id}-{digest.hexdigest()}"


def people(event: Vardhandelse) -> list[str]:
    """What tells the staff of an event apart, in order: the HSA-id, else profession and number in it."""
    names: list[str] = []
    for person in event.personal:
        name = person.hsa_id or f"{person.yrkeskod or ''}#{_namesakes(names, person) + 1}"
        names.append(name)
    return names


def _namesakes(names: list[str], person: Personal) -> int:
    return sum(name.startswith(f"{person.yrkeskod or ''}#") for name in names)
