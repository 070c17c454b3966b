"""Reading a compressed body: members that follow on each other, within limits."""

import gzip
from collections.abc import AsyncIterator

import pytest

from adapter.api.body import BodyNotGzip, BodyTooLarge, read_body


async def read(raw: bytes, step: int, limit: int = 1000) -> bytes:
    async def chunks() -> AsyncIterator[bytes]:
        for begin in range(0, len(raw), step):
            yield raw[begin : begin + step]

    return await read_body(chunks(), coding="gzip", announced=None, limit=limit, seconds=60)


@pytest.mark.parametrize("step", [1, 7, 10_000])
async def test_members_that_follow_on_each_other_are_one_body(step: int) -> None:
    raw = gzip.compress(b"ab") + gzip.compress(b"") + gzip.compress(b"c" * 100)
    assert await read(raw, step) == b"ab" + b"c" * 100


@pytest.mark.parametrize("step", [1, 10_000])
@pytest.mark.parametrize(
    "raw", [b"", b"x", gzip.compress(b"a")[:-1], gzip.compress(b"a") + b"x", gzip.compress(b"a") + b"\0\0"]
)
async def test_what_is_no_whole_member_is_refused(raw: bytes, step: int) -> None:
    with pytest.raises(BodyNotGzip):
        await read(raw, step)


@pytest.mark.parametrize("step", [100, 10_000])
async def test_the_limit_is_that_of_all_members_together(step: int) -> None:
    raw = gzip.compress(b"a" * 400) * 3
    assert len(await read(raw, step, 1200)) == 1200
    with pytest.raises(BodyTooLarge):
        await read(raw, step, 1199)


async def test_members_without_end_are_not_read_for_ever() -> None:
    with pytest.raises(BodyNotGzip):
        await read(gzip.compress(b"") * 1001, 10_000, 10**6)
    stored = gzip.compress(b"")[:10] + b"\0\0\0\xff\xff" * 20_000
    with pytest.raises(BodyTooLarge):
        await read(stored, 10_000)
