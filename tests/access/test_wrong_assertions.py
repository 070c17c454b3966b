"""Assertions that are wrong in one way each get no token, are told why, and nothing of them is repeated."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from adapter.access.token_desk import NoToken
from tests.access.conftest import Door
from tests.support.smart_client import LEFT_OUT, RSA_KEY, SmartClient, b64, jwk

Make = Callable[[SmartClient], str]
NOW = time.time()


def tampered(client: SmartClient) -> str:
    header, _, signature = client.assertion().split(".")
    return f"{header}.{b64(json.dumps(client.claims(sub='journal-b-client')).encode())}.{signature}"


def with_header_changed(client: SmartClient) -> str:
    _, payload, signature = client.assertion().split(".")
    header = {"alg": "ES384", "kid": "key-1", "x": 1}
    return f"{b64(json.dumps(header).encode())}.{payload}.{signature}"


def with_a_list_of_claims(_: SmartClient) -> str:
    return ".".join((b64(b'{"alg":"ES384","kid":"key-1"}'), b64(b"[]"), "AA"))


def cut(client: SmartClient) -> str:
    return client.assertion()[:-8]


def with_the_key_inside(client: SmartClient) -> str:
    own = ec.generate_private_key(ec.SECP384R1())
    return client.assertion({"jwk": jwk(own, "key-1")}, key=own)


def in_the_name_of_another(client: SmartClient) -> str:
    return client.assertion(iss="journal-b-client", sub="journal-b-client")


WRONG: dict[str, tuple[Make, str]] = {
    "expired": (lambda c: c.assertion(exp=int(NOW) - 120), "expired"),
    "exp is missing": (lambda c: c.assertion(exp=LEFT_OUT), "exp is missing"),
    "exp is a text": (lambda c: c.assertion(exp="2099-01-01"), "exp must be a number"),
    "exp is true": (lambda c: c.assertion(exp=True), "exp must be a number"),
    "exp is endless": (lambda c: c.assertion(exp=float("inf")), "no signed JWT"),
    "lives too long": (lambda c: c.assertion(exp=int(NOW) + 3600), "seconds ahead"),
    "not yet valid": (lambda c: c.assertion(nbf=int(NOW) + 120), "nbf is in the future"),
    "issued in the future": (lambda c: c.assertion(iat=int(NOW) + 120), "iat is in the future"),
    "another audience": (lambda c: c.assertion(aud="https://vardbro.example/fhir"), "aud must be"),
    "a longer audience": (lambda c: c.assertion(aud=f"{c.audience}/x"), "aud must be"),
    "no audience": (lambda c: c.assertion(aud=LEFT_OUT), "aud must be"),
    "an empty list of audiences": (lambda c: c.assertion(aud=[]), "aud must be"),
    "unknown issuer": (lambda c: c.assertion(iss="nobody", sub="nobody"), "not known"),
    "no issuer": (lambda c: c.assertion(iss=LEFT_OUT), "not known"),
    "another subject": (lambda c: c.assertion(sub="journal-b-client"), "iss and sub"),
    "no subject": (lambda c: c.assertion(sub=LEFT_OUT), "iss and sub"),
    "no jti": (lambda c: c.assertion(jti=LEFT_OUT), "jti is missing"),
    "an empty jti": (lambda c: c.assertion(jti=""), "jti is missing"),
    "a jti that is a number": (lambda c: c.assertion(jti=7), "jti is missing"),
    "an endless jti": (lambda c: c.assertion(jti="x" * 300), "jti is missing"),
    "unknown kid": (lambda c: c.assertion({"kid": "key-9"}), "no usable key"),
    "no kid": (lambda c: c.assertion({"kid": LEFT_OUT}), "kid is missing"),
    "kid is a number": (lambda c: c.assertion({"kid": 1}), "kid is missing"),
    "alg none": (lambda c: c.assertion({"alg": "none"}), "alg must be"),
    "alg None": (lambda c: c.assertion({"alg": "None"}), "alg must be"),
    "HS256 with the public key": (lambda c: c.assertion({"alg": "HS256"}), "alg must be"),
    "RS256": (lambda c: c.assertion({"alg": "RS256"}, key=RSA_KEY), "alg must be"),
    "no alg": (lambda c: c.assertion({"alg": LEFT_OUT}), "no signed JWT"),
    "the algorithm of another kind of key": (lambda c: c.assertion({"alg": "RS384"}), "does not fit"),
    "another typ": (lambda c: c.assertion({"typ": "at+jwt"}), "typ must be JWT"),
    "crit": (lambda c: c.assertion({"crit": ["b64"], "b64": False}), "no signed JWT"),
    "another sender's key": (lambda c: c.assertion({"alg": "RS384"}, key=RSA_KEY), "does not fit"),
    "a key that nobody knows": (
        lambda c: c.assertion(key=ec.generate_private_key(ec.SECP384R1())),
        "signature",
    ),
    "a key on another curve": (
        lambda c: c.assertion({"alg": "ES384"}, key=ec.generate_private_key(ec.SECP256R1())),
        "signature",
    ),
    "a key of its own inside": (with_the_key_inside, "signature"),
    "an address of keys of its own": (lambda c: c.assertion({"jku": "https://evil.example/jwks"}), "jku"),
    "tampered": (tampered, "signature"),
    "header changed": (with_header_changed, "signature"),
    "signature cut": (cut, "signature"),
    "no signature": (lambda c: c.assertion().rpartition(".")[0] + ".", "signature"),
    "in the name of another sender": (in_the_name_of_another, "does not fit"),
    "garbage": (lambda _: "garbage", "no signed JWT"),
    "garbage in three parts": (lambda _: "a.b.c", "no signed JWT"),
    "a list of claims": (with_a_list_of_claims, "no signed JWT"),
    "a header of a thousand brackets": (lambda _: f"{b64(b'[' * 3000)}.{b64(b'{}')}.AA", "no signed JWT"),
    "claims of a thousand brackets": (
        lambda c: c.assertion().split(".")[0] + f".{b64(b'[' * 3000)}.AA",
        "no signed JWT",
    ),
    "a header that is a list": (lambda _: f"{b64(b'[]')}.{b64(b'{}')}.AA", "no signed JWT"),
    "a header that is a number": (lambda _: f"{b64(b'7')}.{b64(b'{}')}.AA", "no signed JWT"),
    "not ASCII": (lambda c: c.assertion() + "å", "no signed JWT"),
    "empty": (lambda _: "", "no signed JWT"),
    "as long as a book": (lambda c: c.assertion(note="x" * 9000), "no signed JWT"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_an_assertion_that_is_wrong_in_one_way_gets_no_token(door: Door, name: str) -> None:
    make, told = WRONG[name]
    assertion = make(door.a)
    with pytest.raises(NoToken) as caught:
        await door.desk.issue(door.a.form(assertion), None)
    assert (caught.value.status, caught.value.error) == (401, "invalid_client")
    assert told in caught.value.description
    assert not any(
        part and part in caught.value.description for part in assertion.split(".") if len(part) > 3
    )


async def test_the_same_assertion_without_the_fault_gets_one(door: Door) -> None:
    assert await door.enter(await door.token(door.a.form(door.a.assertion()))) == "journal-a"
    assert await door.enter(await door.token(door.b.form(door.b.assertion()))) == "journal-b"


FORMS: dict[str, tuple[dict[str, Any], int, str]] = {
    "another grant": ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
    "no grant": ({"grant_type": LEFT_OUT}, 400, "unsupported_grant_type"),
    "another type of assertion": ({"client_assertion_type": "urn:x:saml2-bearer"}, 401, "invalid_client"),
    "no type of assertion": ({"client_assertion_type": LEFT_OUT}, 401, "invalid_client"),
    "a secret instead": ({"client_assertion": LEFT_OUT, "client_secret": "s3cret"}, 401, "invalid_client"),
    "another client_id": ({"client_id": "journal-b-client"}, 401, "invalid_client"),
    "no scope": ({"scope": LEFT_OUT}, 400, "invalid_scope"),
    "a scope that nobody has": ({"scope": "system/AuditEvent.rs"}, 400, "invalid_scope"),
    "a scope of patients": ({"scope": "patient/Encounter.c openid"}, 400, "invalid_scope"),
}


@pytest.mark.parametrize("name", FORMS)
async def test_a_form_that_is_wrong_in_one_way_gets_no_token(door: Door, name: str) -> None:
    changed, status, error = FORMS[name]
    with pytest.raises(NoToken) as caught:
        await door.desk.issue(door.a.form(**changed), None)
    assert (caught.value.status, caught.value.error) == (status, error)
    assert "s3cret" not in caught.value.description


@pytest.mark.parametrize(
    "form", [b"", b"\xff\xfe", b"grant_type=client_credentials&grant_type=x", b"&" * 9000]
)
async def test_a_body_that_is_no_form_gets_no_token(door: Door, form: bytes) -> None:
    with pytest.raises(NoToken) as caught:
        await door.desk.issue(form, None)
    assert caught.value.status == 400


async def test_small_rsa_keys_are_of_no_use(door: Door) -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    door.a.keys["small"] = small
    door.publish()
    with pytest.raises(NoToken, match="invalid_client"):
        await door.desk.issue(door.a.form(door.a.assertion({"kid": "small"}, key=small)), None)
