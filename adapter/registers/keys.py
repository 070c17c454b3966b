"""Idempotency keys: the same attempt asked again has the same key, anything else another one."""

from hashlib import blake2b

from adapter.domain.message import Operation


def idempotency_key(slot: str, seq: int, operation: Operation, body: bytes) -> str:
    """The key of one message's attempts: 32 hexadecimal digits.

    `slot` and `seq` name the message (its lane and its number there). Content alone would not do: a contact
    that is corrected from A to B and back to A is updated twice with the same content, and a register that
    honours keys would take the second update for a repetition of the first and stay at B. `body` is what is
    sent, for a cancel the encoded request.
    """
    digest = blake2b(digest_size=16, person=b"vardbro-key")
    for part in (slot.encode(), str(seq).encode(), operation.encode(), body):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.hexdigest()
