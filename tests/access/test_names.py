"""Names of loopback in the Host header."""

import pytest

from adapter.access.names import is_loopback_name


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8080", "127.0.0.1", "127.0.0.1:80", "127.9.9.9:1", "[::1]", "[::1]:8080", "::1"],
)
def test_loopback_is_known_by_its_names(host: str) -> None:
    assert is_loopback_name(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1:80",
        "[::2]:80",
        "[::1]evil.example",
        "localhost, evil.example",
        "127.0.0.1:80:80",
        "0.0.0.0:8080",
        "[::1",
        ":8080",
        "2130706433",
        "0x7f.1",
    ],
)
def test_every_other_name_is_somebody_elses(host: str) -> None:
    assert not is_loopback_name(host)
