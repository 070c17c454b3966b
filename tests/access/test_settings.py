"""The settings of the door: what belongs together, and what could never work, is said at the start."""

from pathlib import Path
from typing import Any

import pytest

from adapter.config import Config, load_config, require_safe_door
from adapter.errors import ConfigurationError

TLS = {"certificate": "c.pem", "key": "c.key"}
ASKED = {**TLS, "client_ca": "ca.pem", "client_certificates": "optional"}
CLIENT = {"client_id": "a", "jwks_url": "https://journal.example/jwks"}
TOKEN = "0123456789abcdef"


@pytest.mark.parametrize(
    ("http", "said"),
    [
        ({"certificate": "c.pem"}, "belong together"),
        ({"key": "c.key"}, "belong together"),
        ({"client_certificates": "optional"}, "needs certificate"),
        ({**TLS, "client_certificates": "required"}, "client_ca"),
        ({**TLS, "client_ca": "ca.pem"}, "of no use"),
        ({"client_crl": "crl.pem"}, "of no use"),
        ({"public_url": "http://vardbro.example"}, "https"),
        ({"public_url": "vardbro.example"}, "https"),
        ({"public_url": "https://user@vardbro.example"}, "no user"),
    ],
)
def test_settings_of_http_that_do_not_fit_are_refused(http: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load_config(None, http=http)


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        ({"client_id": "a"}, "belong together"),
        ({"jwks_file": "a"}, "belong together"),
        ({**CLIENT, "jwks_file": "a"}, "not both"),
        ({"client_id": "a", "jwks_url": "http://journal.example/jwks"}, "https"),
        ({"client_id": "a", "jwks_url": "file:///etc/passwd"}, "https"),
        ({"client_id": "å", "jwks_file": "a"}, "client_id"),
        ({"token": TOKEN, "burst": 3}, "without rate"),
        ({"token": TOKEN, "rate": 0}, "rate"),
    ],
)
def test_settings_of_a_sender_that_do_not_fit_are_refused(sender: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load_config(None, senders={"a": sender})


def test_a_certificate_that_nobody_asks_for_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"senders\.a has a certificate"):
        require_safe_door(Config(senders={"a": {"certificate": "CN=a"}}))
    require_safe_door(Config(http=ASKED, senders={"a": {"certificate": "CN=a"}}))


def test_assertions_need_an_address_to_name() -> None:
    everywhere = {"http": {"host": "0.0.0.0"}, "operations": {"token": TOKEN}, "senders": {"a": CLIENT}}
    with pytest.raises(ConfigurationError, match="no address to write to"):
        require_safe_door(Config(**everywhere))
    everywhere["http"]["public_url"] = "https://vardbro.example/"
    config = Config(**everywhere)
    require_safe_door(config)
    assert config.http.base == "https://vardbro.example"


def test_each_proof_is_enough_on_the_network() -> None:
    for sender in ({"token": TOKEN}, {"certificate": "CN=a"}, CLIENT):
        config = Config(
            http={"host": "10.0.0.1", **ASKED}, operations={"token": TOKEN}, senders={"a": sender}
        )
        require_safe_door(config)
    with pytest.raises(ConfigurationError, match=r"senders\.a has no token"):
        require_safe_door(Config(http={"host": "10.0.0.1"}, senders={"a": {"rate": 1}}))


def test_a_certificate_makes_the_address_https() -> None:
    assert Config(http=TLS).http.url == "https://127.0.0.1:8080"
    assert Config().http.base == "http://127.0.0.1:8080"


def test_one_text_stands_for_a_list_of_one(tmp_path: Path) -> None:
    file = tmp_path / "vardbro.toml"
    file.write_text(
        '[senders.a]\ncertificate = "CN=a,C=SE"\nscopes = "system/Encounter.c system/Encounter.rs"\n'
        'concept_maps = "maps"\n[senders.b]\ncertificate = ["CN=b", "CN=c"]\nscopes = ["system/*.rs"]\n'
    )
    a, b = load_config(file).senders.values()
    assert (a.certificate, b.certificate) == (("CN=a,C=SE",), ("CN=b", "CN=c"))
    assert (a.scopes, b.scopes) == (("system/Encounter.c", "system/Encounter.rs"), ("system/*.rs",))
    assert a.concept_maps == (Path("maps"),)


def test_every_token_of_a_file_is_long_enough(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\nshort\n")
    with pytest.raises(ConfigurationError, match="16 characters") as caught:
        require_safe_door(Config(senders={"a": {"token_file": file}}))
    assert "short" not in str(caught.value)
