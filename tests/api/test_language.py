"""Accept-Language."""

import pytest

from adapter.api.language import preferred


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "sv"),
        ("", "sv"),
        ("en", "en"),
        ("en-US,en;q=0.8", "en"),
        ("sv-SE, en;q=0.5", "sv"),
        ("en;q=0.2, sv;q=0.9", "sv"),
        ("de, fr;q=0.8", "sv"),
        ("de, en;q=0.1", "en"),
        ("en;q=0", "sv"),
        ("en;q=oops", "sv"),
    ],
)
def test_the_better_liked_of_the_two_is_chosen(header: str | None, lang: str) -> None:
    assert preferred(header) == lang
