"""The region's key for pseudonyms: set, or made once on loopback; anywhere else nothing starts without it."""

import stat

import pytest
import structlog
from pydantic import SecretStr

from adapter.checkup import checkup
from adapter.composition import Application
from adapter.config.model import Config
from adapter.config.pseudonym import pseudonym_key_file, with_pseudonym_keys
from adapter.errors import ConfigurationError


@pytest.fixture
def config(tmp_path):
    """Makes a configuration with SIGN-e enabled."""
    (tmp_path / "out").mkdir()

    def make(signe=None, **more) -> Config:
        section = {"enabled": True, "folder": str(tmp_path / "out"), **(signe or {})}
        ledger = {"url": f"sqlite:///{tmp_path}/vardbro.db"}
        return Config(**{"ledger": ledger, "registers": {"signe": section}, **more})

    return make


def test_a_key_that_is_set_is_used_and_nothing_is_made(config):
    given = config({"pseudonym_key": "the key of the region"})
    keyed = with_pseudonym_keys(given)
    assert keyed.registers.signe.settings().pseudonym_key == b"the key of the region"
    assert not pseudonym_key_file(given, "signe").exists()


def test_on_loopback_a_missing_key_is_made_once_for_its_owner_alone_and_announced(config):
    with structlog.testing.capture_logs() as log:
        first = with_pseudonym_keys(config()).registers.signe.settings().pseudonym_key
        second = with_pseudonym_keys(config()).registers.signe.settings().pseudonym_key
    assert first == second
    assert first is not None
    assert len(first) >= 32
    file = pseudonym_key_file(config(), "signe")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [line["event"] for line in log] == ["key made"]
    assert first.decode() not in repr(log)


def test_the_made_key_can_be_configured_afterwards_and_means_the_same(config):
    made = with_pseudonym_keys(config()).registers.signe.settings().pseudonym_key
    named = config({"pseudonym_key_file": str(pseudonym_key_file(config(), "signe"))})
    assert named.registers.signe.settings().pseudonym_key == made


@pytest.mark.parametrize(
    "elsewhere",
    [{"http": {"host": "0.0.0.0"}}, {"ledger": {"url": "postgresql://v@db/vardbro"}}],
)
def test_elsewhere_nothing_starts_without_a_key(config, elsewhere):
    with pytest.raises(ConfigurationError, match="pseudonym key") as caught:
        with_pseudonym_keys(config(**elsewhere))
    assert "pseudonym_key_file" in caught.value.hint


def test_the_service_itself_refuses(config):
    with pytest.raises(ConfigurationError, match="pseudonym key"):
        Application.build(config(http={"host": "0.0.0.0"}))


def test_a_made_key_that_others_can_read_is_refused(config):
    with_pseudonym_keys(config())
    pseudonym_key_file(config(), "signe").chmod(0o644)
    with pytest.raises(ConfigurationError, match="read by others"):
        with_pseudonym_keys(config())


def test_a_key_file_that_was_emptied_is_refused(config):
    with_pseudonym_keys(config())
    pseudonym_key_file(config(), "signe").write_text("\n")
    with pytest.raises(ConfigurationError, match="16 characters"):
        with_pseudonym_keys(config())


def test_a_register_that_is_not_enabled_needs_no_key(config):
    given = config({"enabled": False}, http={"host": "0.0.0.0"})
    assert with_pseudonym_keys(given) is given


def test_the_key_is_in_no_text_of_the_configuration(config):
    keyed = with_pseudonym_keys(config())
    key = keyed.registers.signe.settings().pseudonym_key
    assert key is not None
    assert key.decode() not in repr(keyed)
    assert isinstance(keyed.registers.signe.pseudonym_key, SecretStr)


def said(config: Config) -> dict[str, tuple[bool, str]]:
    return {
        one.name: (one.ok, one.says) for one in checkup(config) if one.name.startswith(("signe", "folders"))
    }


def test_check_tells_of_folder_receipts_and_key(config, tmp_path):
    (tmp_path / "receipts").mkdir()
    found = said(config({"receipts": str(tmp_path / "receipts")}))
    assert found["signe: folder"] == (True, f"{tmp_path / 'out'} can be written")
    assert found["signe: receipts"][0]
    assert found["signe: pseudonym key"] == (
        True,
        f"none is set: one is made in {tmp_path / 'vardbro-signe.key'}",
    )
    assert not (tmp_path / "vardbro-signe.key").exists(), "a check makes nothing"
    assert not list((tmp_path / "out").iterdir())


def test_check_finds_folders_that_are_not_there(config, tmp_path):
    found = said(config({"folder": str(tmp_path / "gone"), "receipts": str(tmp_path / "gone too")}))
    assert not found["signe: folder"][0]
    assert not found["signe: receipts"][0]


def test_check_counts_receipts_that_were_refused(config, tmp_path):
    refused = tmp_path / "receipts" / "refused"
    refused.mkdir(parents=True)
    (refused / "r.json").write_text("{")
    ok, says = said(config({"receipts": str(tmp_path / "receipts")}))["signe: receipts refused"]
    assert not ok
    assert says.startswith("1 receipts")


def test_check_finds_two_registers_in_one_folder(config, tmp_path):
    signe = {"enabled": True, "folder": str(tmp_path / "out")}
    listning = {"enabled": True, "folder": str(tmp_path / "out") + "/."}
    found = said(config(registers={"signe": signe, "listning": listning}))
    assert not found["folders"][0]


def test_check_finds_a_key_that_is_missing_where_none_is_made(config):
    assert not said(config(http={"host": "0.0.0.0"}))["signe: pseudonym key"][0]
