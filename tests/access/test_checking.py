"""What `vardbro check` says of the door."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.access.checking import Remark, examine
from adapter.config import Config
from tests.support.certificates import Authority
from tests.support.smart_client import SmartClient


class Place:
    """A configuration with everything in it."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.server, self.client = self.authority.server(), self.authority.issue("journal-a")
        self.keys = SmartClient("b", "x").publish(folder / "jwks.json")

    def remarks(self, days: float = 0, **changed: Any) -> dict[str, Remark]:
        http = {
            "certificate": self.server.pem,
            "key": self.server.key,
            "client_ca": self.authority.pem,
            "client_certificates": "optional",
            **changed,
        }
        senders = {
            "a": {"certificate": f"file:{self.client.pem}", "token": "0123456789abcdef other-0123456789"},
            "b": {"client_id": "b", "jwks_file": self.keys},
        }
        now = datetime.now(UTC) + timedelta(days=days)
        return {one.name: one for one in examine(Config(http=http, senders=senders), now)}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_certificates_are_told_with_their_last_day(place: Place) -> None:
    found = place.remarks(-0.5)
    until = f"valid until {place.server.certificate.not_valid_after_utc:%Y-%m-%d}"
    assert until in found["tls: certificate"].says
    assert "optional" in found["tls: client_ca"].says
    assert found["senders.a"].says == "proven by 2 tokens, 1 certificate; may do system/Encounter.cruds"
    assert found["senders.b"].says.startswith("proven by 1 key in jwks_file")


def test_one_that_ends_soon_is_to_be_renewed_now(place: Place) -> None:
    found = place.remarks(-0.5)  # those of the server and the sender are valid for ten days
    assert (found["tls: certificate"].ok, found["senders.a.certificate"].ok) == (False, False)
    assert found["tls: client_ca"].ok
    assert "10 days are left" in found["tls: certificate"].says
    assert "expired" in place.remarks(11)["tls: certificate"].says
    assert "not valid yet" in place.remarks(-5)["tls: certificate"].says


def test_a_key_that_does_not_fit_is_told(place: Place) -> None:
    found = place.remarks(key=place.client.key)
    assert not found["tls"].ok
    assert "http.certificate, http.key" in found["tls"].says


def test_a_key_that_everybody_can_read_is_told(place: Place) -> None:
    place.server.key.chmod(0o640)
    assert "tls: key" not in place.remarks()
    place.server.key.chmod(0o644)
    assert "chmod" in place.remarks()["tls: key"].mend


def test_keys_of_no_use_are_told(place: Place) -> None:
    for content, said in (
        ('{"keys": []}', "none of"),
        ("{", "cannot be had"),
        ('{"keys": 1}', "cannot be had"),
    ):
        place.keys.write_text(content)
        found = place.remarks()["senders.b"]
        assert not found.ok
        assert said in found.says


def test_an_address_of_keys_that_does_not_answer_is_told() -> None:
    config = Config(senders={"b": {"client_id": "b", "jwks_url": "http://127.0.0.1:9/jwks"}})
    (found,) = examine(config)
    assert not found.ok
    assert "cannot be had" in found.says


def test_without_tls_on_the_network_something_in_front_must_speak_it() -> None:
    config = Config(http={"host": "10.0.0.1"}, senders={"a": {"token": "0123456789abcdef"}})
    assert "HTTPS" in next(one.says for one in examine(config) if one.name == "tls")
    assert [one.name for one in examine(Config())] == []
