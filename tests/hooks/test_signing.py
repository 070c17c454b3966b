"""Signatures as Standard Webhooks describes them."""

import base64
import hashlib

import pytest

from adapter.hooks.signing import headers, message_id, signature
from adapter.hooks.target import Target, checked_url, key_of

VECTOR_KEY = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def hmac_by_definition(key: bytes, message: bytes) -> bytes:
    """RFC 2104, written out: an opinion of its own."""
    key = hashlib.sha256(key).digest() if len(key) > 64 else key
    key = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()


def test_the_reference_vector_of_the_specifications_libraries_is_met() -> None:
    signed = signature(
        key_of(VECTOR_KEY), "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("length", [24, 32, 64, 100])
def test_an_independent_computation_comes_to_the_same(length: int) -> None:
    key, body = bytes(range(length)), b'{"a":1}'
    made = headers(key, body, 1_700_000_000.9)
    signed = f"{made['webhook-id']}.{made['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac_by_definition(key, signed)).decode()
    assert made["webhook-signature"] == f"v1,{expected}"
    assert made["webhook-timestamp"] == "1700000000"


def test_the_id_is_the_bodys_whenever_it_is_sent_and_has_no_full_stop() -> None:
    first, second = headers(b"k" * 24, b"{}", 1.0), headers(b"k" * 24, b"{}", 999.0)
    assert first["webhook-id"] == second["webhook-id"] == message_id(b"{}")
    assert first["webhook-signature"] != second["webhook-signature"]
    assert "." not in first["webhook-id"]
    assert message_id(b"{}") != message_id(b"[]")


def test_a_secret_is_base64_after_its_prefix_and_else_its_bytes() -> None:
    assert key_of(b"whsec_" + base64.b64encode(b"x" * 32)) == b"x" * 32
    assert key_of(b"y" * 24) == b"y" * 24


@pytest.mark.parametrize(
    "secret", [b"", b"x" * 23, b"whsec_", b"whsec_" + base64.b64encode(b"x" * 23), b"whsec_???"]
)
def test_a_secret_that_is_too_short_or_no_base64_is_refused_and_not_quoted(secret: bytes) -> None:
    with pytest.raises(ValueError, match=r"24 bytes|base64") as refused:
        key_of(secret)
    assert "x" * 23 not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example/x?y=1",
        "http://127.0.0.1:1/",
        "http://localhost/x",
        "http://[::1]:8/",
        "https://10.0.0.1",
    ],
)
def test_https_goes_anywhere_and_http_to_loopback(url: str) -> None:
    assert checked_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://h.example/",
        "http://10.0.0.1/",
        "http://127.0.0.1.example/",
        "ftp://h.example/",
        "h.example/x",
        "https://",
        "https://u:p@h.example/",
        "https://h.example/#x",
        "",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="webhook"):
        checked_url(url)


def test_what_is_shown_of_an_address_has_neither_path_nor_query() -> None:
    assert Target("https://h.example:8443/secret?code=secret", b"").shown == "https://h.example:8443"
    assert Target("https://h.example/secret", b"").shown == "https://h.example"
