"""Payloads say how they are sealed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.ledger import envelope
from adapter.ledger.envelope import EnvelopeError, key_ids, open_envelope, seal
from adapter.ledger.keys import Keyring, make_key, read_keys


def ring(*keys: str) -> Keyring:
    return read_keys("\n".join(keys))


def test_with_a_key_nothing_of_the_payload_can_be_read_from_its_envelope() -> None:
    envelope.use(ring(make_key()))
    sealed = seal(b"191212121212" * 3)
    assert b"1912" not in sealed
    assert open_envelope(sealed) == b"191212121212" * 3
    assert seal(b"x") != seal(b"x")


def test_the_newest_key_seals_and_older_ones_still_open() -> None:
    first, second = make_key(), make_key()
    envelope.use(ring(first))
    old = seal(b"old")
    envelope.use(ring(second, first))
    new = seal(b"new")
    assert (open_envelope(old), open_envelope(new)) == (b"old", b"new")
    assert new.split(b"\n", 1)[0] == b"vardbro1 zstd " + ring(second).keys[0].id.encode()
    assert key_ids()[0] == ring(second).keys[0].id


def test_what_was_stored_before_there_was_a_key_can_still_be_opened() -> None:
    plain = seal(b"plain")
    envelope.use(ring(make_key()))
    assert open_envelope(plain) == b"plain"


def test_an_envelope_cannot_be_changed_nor_given_another_key_id() -> None:
    envelope.use(ring(make_key()))
    sealed = seal(b"payload")
    header, content = sealed.split(b"\n", 1)
    for changed in (sealed[:-1], sealed[:-1] + b"\0", header + b"\n", b"vardbro1 zstd none\n" + content):
        with pytest.raises(EnvelopeError):
            open_envelope(changed)


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
