"""The envelope around every stored payload: it names its codec and its key, so that both can change later.

A sealed payload is a line of text and the coded bytes: ``vardbro1 zstd <key id>\n<bytes>``. The bytes are
compressed and then encrypted by AES-256-GCM, with a nonce of twelve random bytes before them and the line as
what is authenticated with them. Key id ``none``: compressed only, as ledgers of the first versions are.
"""

import os
import threading

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapter.errors import LedgerError
from adapter.ledger.keys import Keyring

_LEVEL = 1
_FORM = b"vardbro1 zstd "
_PLAIN = _FORM + b"none\n"
_NONCE = 12
_LONGEST_HEADER = 40
_local = threading.local()


class EnvelopeError(LedgerError):
    """A stored payload cannot be opened: damaged, or sealed in a way or by a key that is not known here."""

    code = "envelope"
    hint = "Is the key in [ledger] key_file, and the ledger not damaged? Run `vardbro ledger check`."


class _Locks:
    """What this process seals with, and all that it can open."""

    header = _PLAIN
    seals: AESGCM | None = None
    opens: dict[bytes, AESGCM] = {}  # noqa: RUF012 - one for the process, replaced as a whole


def use(ring: Keyring | None) -> None:
    """Seal with the first key of `ring` from now on (None: without a key), and open with all of them, and
    with those that were named before."""
    if ring is None:
        _Locks.header, _Locks.seals = _PLAIN, None
        return
    found = {_FORM + key.id.encode() + b"\n": AESGCM(key.secret) for key in ring.keys}
    _Locks.opens = {**_Locks.opens, **found}
    _Locks.header, _Locks.seals = next(iter(found.items()))


def key_ids() -> tuple[str | None, frozenset[str]]:
    """The id of the key that seals (None: nothing is encrypted), and those of all keys that are known."""
    sealing = None if _Locks.seals is None else _id(_Locks.header)
    return sealing, frozenset(map(_id, _Locks.opens))


def seal(payload: bytes) -> bytes:
    """`payload` in its envelope."""
    header, cipher = _Locks.header, _Locks.seals
    packed = _compressor().compress(payload)
    if cipher is None:
        return header + packed
    nonce = os.urandom(_NONCE)
    return header + nonce + cipher.encrypt(nonce, packed, header)


def open_envelope(sealed: bytes) -> bytes:
    """The payload of an envelope. Raises EnvelopeError."""
    end = sealed.find(b"\n", 0, _LONGEST_HEADER) + 1
    header, content = sealed[:end], sealed[end:]
    if header != _PLAIN:
        content = _decrypted(header, content)
    try:
        return _decompressor().decompress(content)
    except zstandard.ZstdError as error:
        raise EnvelopeError("The envelope's content cannot be decompressed.") from error


def _id(header: bytes) -> str:
    return header.removeprefix(_FORM).decode().strip()


def _decrypted(header: bytes, content: bytes) -> bytes:
    cipher = _Locks.opens.get(header)
    if cipher is None:
        raise EnvelopeError("The envelope names a codec or a key that is not known here.")
    try:
        return cipher.decrypt(content[:_NONCE], content[_NONCE:], header)
    except (InvalidTag, ValueError) as error:
        raise EnvelopeError("The envelope was changed, or its key is another one.") from error


def _compressor() -> zstandard.ZstdCompressor:
    """One per thread: a compressor keeps its tables, and may not be shared while it works."""
    found: zstandard.ZstdCompressor | None = getattr(_local, "compressor", None)
    if found is None:
        found = _local.compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    return found


def _decompressor() -> zstandard.ZstdDecompressor:
    found: zstandard.ZstdDecompressor | None = getattr(_local, "decompressor", None)
    if found is None:
        found = _local.decompressor = zstandard.ZstdDecompressor()
    return found
