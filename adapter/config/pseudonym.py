"""The region's key for registers that get pseudonyms: set, or on loopback made once in a file and announced.

Whoever changes the key changes every pseudonym: what was told before can be neither corrected nor withdrawn.
"""

from pathlib import Path

import structlog
from pydantic import SecretStr

from adapter.config.keys import require_private, write_once
from adapter.config.model import Config
from adapter.errors import ConfigurationError
from adapter.ledger.keys import make_key

PSEUDONYMISED = ("signe",)
"""Registers that must not learn who a record is about."""

LEAST = 16
"""Characters of the shortest key."""

_MAKE = "Make one that only the service can read: umask 077; openssl rand -base64 32 > FILE"
_log = structlog.get_logger("vardbro.keys")


def with_pseudonym_keys(config: Config) -> Config:
    """The configuration with a key for each enabled register that needs one.

    Raises ConfigurationError where there is none and none may be made: outside loopback, and where several
    nodes share a database, which would each make their own.
    """
    for name in PSEUDONYMISED:
        section = getattr(config.registers, name)
        if section.enabled and section.settings().pseudonym_key is None:
            key = SecretStr(_made(config, name))
            registers = config.registers.model_copy(
                update={name: section.model_copy(update={"pseudonym_key": key})}
            )
            config = config.model_copy(update={"registers": registers})
    return config


def pseudonym_key_file(config: Config, name: str) -> Path:
    """Where a key is made that is not set: beside the embedded ledger."""
    return config.ledger.path.parent / f"vardbro-{name}.key"


def may_be_made(config: Config) -> bool:
    """Whether a missing key is made: on loopback only, and only where one process has the ledger."""
    return config.http.is_loopback and config.ledger.is_embedded


def _made(config: Config, name: str) -> str:
    if not may_be_made(config):
        raise ConfigurationError(
            f"registers.{name} has no pseudonym key",
            f"Set pseudonym_key_file under [registers.{name}]"
            f" (or VARDBRO_REGISTERS__{name.upper()}__PSEUDONYM_KEY). {_MAKE}. It stays the same for ever.",
        )
    file = pseudonym_key_file(config, name)
    try:
        if not file.exists():
            _make(file, name)
        require_private(file, "the pseudonym")
        key = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "no text"
        raise ConfigurationError(f"the pseudonym key file {file}: {said}", _MAKE) from None
    if len(key) < LEAST:
        raise ConfigurationError(
            f"the pseudonym key file {file}: a key has at least {LEAST} characters", _MAKE
        )
    return key


def _make(file: Path, name: str) -> None:
    try:
        write_once(file, make_key() + "\n")
    except FileExistsError:  # another process was faster: its key counts
        return
    _log.warning(
        "key made",
        file=str(file),
        why=f"registers.{name} had no pseudonym key; without this one nothing that was told can be corrected",
    )
