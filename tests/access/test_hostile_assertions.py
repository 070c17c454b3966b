"""Whatever is handed in as an assertion or a form is refused in words, and never a fault."""

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from adapter.access.assertions import WrongAssertion, check_claims, read_assertion, verify_signature
from adapter.access.jwks import keys_of
from adapter.access.token_desk import NoToken, _fields
from tests.support.smart_client import SmartClient, b64

CLIENT = SmartClient("c", "here")
KEY = keys_of(json.dumps(CLIENT.jwks()).encode())["key-1"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
HEADERS = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "jku", "crit", "b64", "jwk", "x5c"]), VALUES)
CLAIMS = st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]), VALUES)
ALGORITHMS = st.sampled_from(["ES384", "RS384", "HS256", "none"])


def judged(token: str) -> None:
    """As the desk does it; raises WrongAssertion and nothing else."""
    assertion = read_assertion(token)
    verify_signature(assertion, KEY)
    check_claims(assertion, "c", "here", 1_000_000.0, 60.0)
    raise AssertionError("it was taken")


@given(
    st.text(max_size=200)
    | st.lists(st.text("ABCabc019-_=", max_size=30), min_size=3, max_size=3).map(".".join)
)
def test_any_text_is_refused(text: str) -> None:
    with suppress(WrongAssertion):
        judged(text)


@given(HEADERS, CLAIMS, ALGORITHMS, st.binary(max_size=100))
def test_any_header_and_claims_are_refused(
    header: dict[str, object], claims: dict[str, object], algorithm: str, signature: bytes
) -> None:
    parts = (
        json.dumps({"kid": "key-1", "alg": algorithm, **header}).encode(),
        json.dumps(claims).encode(),
        signature,
    )
    with suppress(WrongAssertion):
        judged(".".join(map(b64, parts)))


@given(CLAIMS)
def test_any_claims_that_the_client_has_signed_itself_are_refused_unless_they_are_right(
    claims: dict[str, object],
) -> None:
    with suppress(WrongAssertion):
        judged(CLIENT.assertion(**claims))


@given(st.binary(max_size=300))
def test_any_body_is_a_form_or_refused(body: bytes) -> None:
    with suppress(NoToken):
        assert isinstance(_fields(body), dict)


@given(
    VALUES
    | st.fixed_dictionaries(
        {
            "keys": st.lists(
                VALUES
                | st.dictionaries(
                    st.sampled_from(["kty", "kid", "crv", "x", "y", "n", "e", "use", "alg", "key_ops"]),
                    VALUES | st.sampled_from(["RSA", "EC", "P-384", "AQAB"]),
                )
            )
        }
    )
)
def test_any_document_is_a_set_of_keys_or_refused(document: object) -> None:
    with suppress(ValueError):
        keys_of(json.dumps(document).encode())
