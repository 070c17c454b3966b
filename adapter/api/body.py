"""Reading a request's body within its limits, compressed or not."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Literal

_GZIP = 16 + zlib.MAX_WBITS
_MOST_MEMBERS = 1000
_OVERHEAD = 64 * 1024
"""What a compressed body may be larger by than what is in it."""


class BodyTooLarge(Exception):
    """The body passes the limit. `seen` counts the bytes that had come (or were announced) by then."""

    def __init__(self, seen: int) -> None:
        super().__init__("body too large")
        self.seen = seen


class BodyNotGzip(Exception):
    """The body is announced as gzip and is not, or ends too early."""


async def read_body(
    chunks: AsyncIterator[bytes],
    *,
    coding: Literal["identity", "gzip"],
    announced: int | None,
    limit: int,
    seconds: float,
) -> bytes:
    """The body, decompressed, of at most `limit` bytes; it is counted while it comes and not read on.

    `announced` is Content-Length. Raises BodyTooLarge, BodyNotGzip, TimeoutError after `seconds`.
    """
    if announced is not None and announced > limit:
        raise BodyTooLarge(announced)
    async with asyncio.timeout(seconds):
        if coding == "gzip":
            return await _inflated(chunks, limit)
        return await _plain(chunks, limit)


async def discard(chunks: AsyncIterator[bytes], *, limit: int, seconds: float) -> None:
    """Read and forget, up to `limit` bytes or for `seconds`; what comes later meets a closed connection."""
    size = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    return


async def _plain(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(size)
        parts.append(chunk)
    return b"".join(parts)


async def _inflated(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """Inflate with a bound on what comes in and out, so that a small body cannot fill the memory, nor one
    that inflates to nothing come for ever. The members of a body (RFC 1952, 2.2) follow on each other."""
    inflater = zlib.decompressobj(_GZIP)
    parts: list[bytes] = []
    size = compressed = 0
    members = 1
    try:
        async for chunk in chunks:
            compressed += len(chunk)
            if compressed > limit + _OVERHEAD:
                raise BodyTooLarge(compressed)
            rest = chunk
            while rest:
                if inflater.eof:
                    inflater, members = zlib.decompressobj(_GZIP), members + 1
                    if members > _MOST_MEMBERS:
                        raise BodyNotGzip
                part = inflater.decompress(rest, limit - size + 1)
                size += len(part)
                if size > limit:
                    raise BodyTooLarge(size)
                parts.append(part)
                rest = inflater.unused_data
    except zlib.error:
        raise BodyNotGzip from None
    if not inflater.eof:
        raise BodyNotGzip
    return b"".join(parts)
