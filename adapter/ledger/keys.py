"""The keys by which payloads are sealed: the first seals, the others open what was sealed before it.

A key is 32 random bytes, written as base64. Its id, which every envelope names, is made from the key, so
that a file of keys is just one key a line, the newest first.
"""

import base64
import binascii
import hashlib
import secrets

import msgspec

SIZE = 32
"""Bytes of a key: AES-256."""


class Key(msgspec.Struct, frozen=True):
    """One key. `id` (eight hex digits) says which it is and tells nothing of it."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.id})"


class Keyring(msgspec.Struct, frozen=True):
    """The keys of a ledger, the one that seals first."""

    keys: tuple[Key, ...]


def make_key() -> str:
    """A new key, as it is written in a file."""
    return base64.b64encode(secrets.token_bytes(SIZE)).decode()


def read_keys(text: str) -> Keyring:
    """The keys in a text, separated by white space; lines that begin with ``#`` are passed over.

    Raises ValueError, which repeats nothing of a key.
    """
    words = [word for line in text.splitlines() if not line.lstrip().startswith("#") for word in line.split()]
    if not words:
        raise ValueError("there is no key")
    return Keyring(tuple(_key(number, word) for number, word in enumerate(words, 1)))


def _key(number: int, word: str) -> Key:
    try:
        secret = base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != SIZE:
        raise ValueError(f"key {number} is not {SIZE} bytes in base64")
    name = hashlib.blake2b(secret, digest_size=4, person=b"vardbro-key-id").hexdigest()
    return Key(name, secret)
