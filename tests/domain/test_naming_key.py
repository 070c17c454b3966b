"""Names that stand for a person and show nothing of the person without the key."""

import re

import pytest

from adapter.domain.naming_key import NamingKey

KEY = NamingKey(b"a key of the tests")


def test_a_name_has_32_hexadecimal_digits_and_is_the_same_for_the_same_person():
    assert re.fullmatch("[0-9a-f]{32}", KEY.name("event", "a", "191212121212"))
    assert KEY.name("event", "a", "191212121212") == NamingKey(KEY.secret).name("event", "a", "191212121212")


@pytest.mark.parametrize(
    "other",
    [
        KEY.name("lane", "a", "191212121212"),
        KEY.name("event", "b", "191212121212"),
        KEY.name("event", "a", "195009072553"),
        NamingKey(b"another key").name("event", "a", "191212121212"),
    ],
)
def test_another_purpose_part_or_key_gives_another_name(other):
    assert KEY.name("event", "a", "191212121212") != other


def test_nothing_is_named_without_a_secret():
    with pytest.raises(ValueError, match="no secret"):
        NamingKey(b"").name("event", "191212121212")


def test_the_key_is_not_shown():
    assert "tests" not in repr(KEY)
