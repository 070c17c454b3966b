"""Where the ledger's keys come from, and what is said when they are of no use."""

from pathlib import Path

import pytest

from adapter.config.keys import key_file, ledger_keys
from adapter.config.model import Config
from adapter.errors import ConfigurationError
from adapter.ledger.keys import make_key, read_keys


def config(tmp_path: Path, host: str = "127.0.0.1", **ledger: object) -> Config:
    return Config.model_validate(
        {"http": {"host": host}, "ledger": {"url": f"sqlite:///{tmp_path}/l.db", **ledger}}
    )


def test_on_loopback_a_missing_key_is_made_once_for_the_owner_only(tmp_path: Path) -> None:
    made = ledger_keys(config(tmp_path), make=True)
    file = tmp_path / "vardbro.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert ledger_keys(config(tmp_path), make=True) == made
    assert [one.name for one in tmp_path.iterdir()] == ["vardbro.key"]


def test_elsewhere_nothing_is_made_and_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"vardbro\.key"):
        ledger_keys(config(tmp_path, "0.0.0.0"), make=True)
    assert list(tmp_path.iterdir()) == []


def test_a_key_of_the_environment_wins_and_several_are_separated_by_commas(tmp_path: Path) -> None:
    one, two = make_key(), make_key()
    found = ledger_keys(config(tmp_path, key=f"{two},{one}"), make=True)
    assert found == read_keys(f"{two} {one}")
    assert list(tmp_path.iterdir()) == []


def test_the_file_can_be_named(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(make_key())
    file.chmod(0o600)
    assert key_file(config(tmp_path, key_file=file)) == file
    assert len(ledger_keys(config(tmp_path, key_file=file), make=False).keys) == 1


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(make_key())
    file.chmod(0o640)
    with pytest.raises(ConfigurationError, match="read by others"):
        ledger_keys(config(tmp_path, key_file=file), make=False)


@pytest.mark.parametrize("content", ["", "no key", "\u00e5"])
def test_a_file_without_a_key_is_refused_without_its_content(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(ConfigurationError) as refused:
        ledger_keys(config(tmp_path, key_file=file), make=False)
    assert "no key\n" not in str(refused.value)
    assert str(file) in str(refused.value)
