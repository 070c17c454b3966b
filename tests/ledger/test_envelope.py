"""Payloads say how they are sealed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.ledger.envelope import EnvelopeError, open_envelope, seal


@given(st.binary(max_size=5000))
def test_what_is_sealed_can_be_opened(payload: bytes) -> None:
    assert open_envelope(seal(payload)) == payload


def test_an_envelope_names_its_codec_and_its_key() -> None:
    assert seal(b"x").split(b"\n", 1)[0] == b"vardbro1 zstd none"


@pytest.mark.parametrize(
    "damaged",
    [b"", b"plain", seal(b"payload")[:-1], seal(b"payload")[:-1] + b"\0", b"vardbro1 zstd key-7\nabc"],
)
def test_what_cannot_be_opened_is_refused(damaged: bytes) -> None:
    with pytest.raises(EnvelopeError):
        open_envelope(damaged)


def test_large_payloads_shrink() -> None:
    assert len(seal(b'{"kod": "J189"}' * 1000)) < 500
