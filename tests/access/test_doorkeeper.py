"""Who sends, and what they may do."""

from pathlib import Path
from typing import Any

import pytest

from adapter.access.doorkeeper import KEPT_BURST, Doorkeeper, NotAdmitted, Proof
from adapter.access.roster import Roster
from adapter.config import Config
from adapter.errors import ConfigurationError
from tests.support.certificates import Authority

TOKEN = "0123456789abcdef"
SEND, READ = "system/Encounter.c", "system/Encounter.rs"


def bearer(token: str, **more: Any) -> Proof:
    return Proof(authorization=f"Bearer {token}", host="vardbro.example", **more)


async def refusal(doorkeeper: Doorkeeper, proof: Proof, right: str = SEND) -> str:
    with pytest.raises(NotAdmitted) as caught:
        await doorkeeper.admit(proof, right)
    return caught.value.rule


async def test_a_sender_carries_its_own_settings() -> None:
    config = Config(senders={"acme": {"token": TOKEN, "version": "versionId", "default_unit": "SE1"}})
    sender = await Doorkeeper(config).admit(Proof(authorization=f"Bearer {TOKEN}"), "system/Encounter.c")
    assert (sender.version_source, sender.default_unit) == ("versionId", "SE1")


async def test_with_no_token_configured_everybody_is_the_default_sender() -> None:
    doorkeeper = Doorkeeper(Config(senders={"default": {"version": "lastUpdated"}}))
    sender = await doorkeeper.admit(Proof(), "system/Encounter.c")
    assert doorkeeper.is_open
    assert (sender.name, sender.version_source) == ("default", "lastUpdated")


async def test_an_open_door_is_shut_to_names_that_are_not_loopbacks() -> None:
    doorkeeper = Doorkeeper(Config())
    assert await refusal(doorkeeper, Proof(host="evil.example")) == "HTTP-HOST"
    assert (await doorkeeper.admit(Proof(host="localhost:8080"), SEND)).name == "default"


@pytest.mark.parametrize("proof", ["certificate", "client"])
async def test_any_proof_of_any_sender_shuts_the_open_door(proof: str) -> None:
    settings = {
        "certificate": {"certificate": "CN=a"},
        "client": {"client_id": "a", "jwks_url": "https://a.example/k"},
    }
    doorkeeper = Doorkeeper(Config(senders={"a": settings[proof]}))
    assert not doorkeeper.is_open
    assert await refusal(doorkeeper, Proof(host="localhost")) == "HTTP-SENDER"


async def test_a_sender_has_two_tokens_while_they_are_changed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}-new\n{TOKEN}-old\n")
    doorkeeper = Doorkeeper(
        Config(senders={"a": {"token_file": file}, "b": {"token": "one-token-of-b another-of-b"}})
    )
    for token, name in (
        (f"{TOKEN}-new", "a"),
        (f"{TOKEN}-old", "a"),
        ("one-token-of-b", "b"),
        ("another-of-b", "b"),
    ):
        assert (await doorkeeper.admit(bearer(token), SEND)).name == name
    for wrong in (TOKEN, f"{TOKEN}-new {TOKEN}-old", f"{TOKEN}-NEW", ""):
        assert await refusal(doorkeeper, bearer(wrong)) in ("HTTP-TOKEN", "HTTP-SENDER")


@pytest.mark.parametrize("scheme", ["Basic", "bearer:", "Token", ""])
async def test_other_schemes_prove_nothing(scheme: str) -> None:
    doorkeeper = Doorkeeper(Config(senders={"a": {"token": TOKEN}}))
    assert await refusal(doorkeeper, Proof(authorization=f"{scheme} {TOKEN}")) == "HTTP-SENDER"


async def test_a_senders_scopes_bound_every_proof_of_it(tmp_path: Path) -> None:
    shown = Authority(tmp_path).issue("a")
    section = {"token": TOKEN, "certificate": shown.fingerprint, "scopes": ["system/Encounter.rs"]}
    http = {"certificate": "c", "key": "k", "client_ca": "a", "client_certificates": "optional"}
    doorkeeper = Doorkeeper(Config(http=http, senders={"a": section}))
    for proof in (bearer(TOKEN), Proof(certificate=shown.der), bearer(TOKEN, certificate=shown.der)):
        assert (await doorkeeper.admit(proof, READ)).name == "a"
        assert await refusal(doorkeeper, proof) == "HTTP-SCOPE"


async def test_a_wrong_header_is_not_made_good_by_a_certificate(tmp_path: Path) -> None:
    shown = Authority(tmp_path).issue("a")
    doorkeeper = Doorkeeper(Config(senders={"a": {"certificate": shown.fingerprint}, "b": {"token": TOKEN}}))
    assert (await doorkeeper.admit(Proof(certificate=shown.der), SEND)).name == "a"
    assert await refusal(doorkeeper, bearer("wrong", certificate=shown.der)) == "HTTP-TOKEN"
    assert await refusal(doorkeeper, bearer(TOKEN, certificate=shown.der)) == "HTTP-TOKEN"
    assert await refusal(doorkeeper, Proof(authorization="Basic x", certificate=shown.der)) == "HTTP-SENDER"


async def test_what_a_sender_is_not_given_by_name_it_may_not_do() -> None:
    doorkeeper = Doorkeeper(Config(senders={"a": {"token": TOKEN}}))
    for right in ("system/AuditEvent.rs", "system/Provenance.rs", "system/*.r"):
        assert await refusal(doorkeeper, bearer(TOKEN), right) == "HTTP-SCOPE"


async def test_the_rate_counts_submissions_of_the_one_sender() -> None:
    senders = {"a": {"token": TOKEN, "rate": 0.01, "burst": 2}, "b": {"token": f"{TOKEN}-b"}}
    told: list[tuple[str, str]] = []
    doorkeeper = Doorkeeper(Config(senders=senders), on_refusal=lambda *refused: told.append(refused))
    for _ in range(5):
        await doorkeeper.admit(bearer(TOKEN), READ)
    for _ in range(2):
        await doorkeeper.admit(bearer(TOKEN), SEND)
    with pytest.raises(NotAdmitted) as caught:
        await doorkeeper.admit(bearer(TOKEN), SEND)
    assert (caught.value.status, caught.value.rule) == (429, "HTTP-RATE")
    assert 90 <= int(caught.value.headers["Retry-After"]) <= 100
    assert told == [("HTTP-RATE", "a")]
    for _ in range(5):
        await doorkeeper.admit(bearer(f"{TOKEN}-b"), SEND)


async def test_an_open_door_has_a_rate_too() -> None:
    doorkeeper = Doorkeeper(Config(senders={"default": {"rate": 0.01, "burst": 1}}))
    await doorkeeper.admit(Proof(), SEND)
    assert await refusal(doorkeeper, Proof()) == "HTTP-RATE"


async def test_of_many_refusals_some_are_recorded_and_all_are_counted() -> None:
    told: list[str] = []
    doorkeeper = Doorkeeper(
        Config(senders={"a": {"token": TOKEN}}), on_refusal=lambda rule, _: told.append(rule)
    )
    kept = 0
    for _ in range(500):
        with pytest.raises(NotAdmitted) as caught:
            await doorkeeper.admit(bearer("wrong"), SEND)
        kept += caught.value.kept
    assert KEPT_BURST <= kept < KEPT_BURST + 10
    assert len(told) == 500


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "the same token": ({"a": {"token": TOKEN}, "b": {"token": f"other-{TOKEN} {TOKEN}"}}, "same token"),
    "the same client_id": (
        {name: {"client_id": "x", "jwks_url": "https://a.example/k"} for name in "ab"},
        "same client_id",
    ),
    "a scope of patients": ({"a": {"token": TOKEN, "scopes": "patient/Encounter.c"}}, "no scope"),
    "a file of keys that is not there": ({"a": {"client_id": "x", "jwks_file": "/nowhere"}}, "jwks_file"),
}


@pytest.mark.parametrize("name", WRONG)
def test_proofs_that_are_of_no_use_are_wrong_configuration(name: str) -> None:
    senders, said = WRONG[name]
    with pytest.raises(ConfigurationError, match=said):
        Roster(Config(senders=senders))


def test_a_file_without_a_usable_key_is_wrong_configuration(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    for content in ('{"keys": []}', '{"keys": [{"kty": "oct", "k": "AA", "kid": "1"}]}', "no json"):
        file.write_text(content)
        with pytest.raises(ConfigurationError, match=r"senders\.a\.jwks_file"):
            Roster(Config(senders={"a": {"client_id": "x", "jwks_file": file}}))
