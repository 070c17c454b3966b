"""How far a client's clock may be wrong: to the second, either way."""

import pytest

from adapter.access.assertions import LONGEST_LIFE, Assertion, WrongAssertion, check_claims

NOW, SKEW = 1_000_000.0, 60.0


def check(skew: float = SKEW, **claims: object) -> None:
    whole = {"iss": "c", "sub": "c", "aud": "here", "jti": "1", "exp": NOW + 60, **claims}
    assertion = Assertion(token="", algorithm="ES384", kid="k", jku=None, claims=whole)
    check_claims(assertion, "c", "here", NOW, skew)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - SKEW + 1},
        {"exp": NOW + LONGEST_LIFE + SKEW},
        {"nbf": NOW + SKEW},
        {"iat": NOW + SKEW},
        {"iat": NOW - 86_400},
        {"exp": NOW + 0.5},
        {"aud": ["elsewhere", "here"]},
    ],
)
def test_what_lies_just_within_is_taken(claims: dict[str, object]) -> None:
    check(**claims)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - SKEW},
        {"exp": NOW + LONGEST_LIFE + SKEW + 1},
        {"nbf": NOW + SKEW + 1},
        {"iat": NOW + SKEW + 1},
        {"aud": ["elsewhere"]},
        {"aud": {"here": 1}},
        {"exp": float("nan")},
        {"nbf": "soon"},
    ],
)
def test_what_lies_just_outside_is_not(claims: dict[str, object]) -> None:
    with pytest.raises(WrongAssertion):
        check(**claims)


def test_without_a_skew_the_clocks_must_agree() -> None:
    check(skew=0.0, exp=NOW + LONGEST_LIFE, nbf=NOW, iat=NOW)
    for claims in ({"exp": NOW}, {"exp": NOW + LONGEST_LIFE + 1}, {"nbf": NOW + 1}, {"iat": NOW + 1}):
        with pytest.raises(WrongAssertion):
            check(skew=0.0, **claims)
