"""The envelope around every stored payload: it names its codec and its key, so that both can change later.

A sealed payload is a line of text and the coded bytes: ``vardbro1 <codec> <key id>\\n<bytes>``. The only
codec is ``zstd``; the key id is ``none`` until payloads are encrypted.
"""

import threading

import zstandard

from adapter.errors import LedgerError

_LEVEL = 1
_HEADER = b"vardbro1 zstd none\n"
_local = threading.local()


class EnvelopeError(LedgerError):
    """A stored payload cannot be opened: damaged, or sealed in a way that this version does not know."""

    code = "envelope"
    hint = "Was the ledger written by a newer version, or its file damaged? Run `vardbro audit verify`."


def seal(payload: bytes) -> bytes:
    """`payload` in its envelope."""
    return _HEADER + _compressor().compress(payload)


def open_envelope(sealed: bytes) -> bytes:
    """The payload of an envelope. Raises EnvelopeError."""
    if not sealed.startswith(_HEADER):
        raise EnvelopeError("The envelope names a codec or a key that is not known here.")
    try:
        return _decompressor().decompress(sealed[len(_HEADER) :])
    except zstandard.ZstdError as error:
        raise EnvelopeError("The envelope's content cannot be decompressed.") from error


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
