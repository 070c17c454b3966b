"""The ledger's keys: from the environment or a file; on loopback a missing file is made."""

import os
from pathlib import Path

import structlog

from adapter.config.model import Config
from adapter.errors import ConfigurationError
from adapter.ledger import envelope
from adapter.ledger.keys import Keyring, make_key, read_keys

_log = structlog.get_logger("vardbro.keys")

_MAKE = "Make one that only the service can read: umask 077; openssl rand -base64 32 > FILE"


def key_file(config: Config) -> Path:
    """The file of keys: as it is set, else ``vardbro.key`` beside the embedded ledger, or in the working
    folder."""
    ledger = config.ledger
    if ledger.key_file is not None:
        return ledger.key_file
    return (ledger.path.parent if ledger.is_embedded else Path()) / "vardbro.key"


def ledger_keys(config: Config, *, make: bool) -> Keyring:
    """The keys of the ledger. `make`: on loopback a file that is missing is made, and it is said.

    Raises ConfigurationError where there is none, or one that cannot be used.
    """
    given = config.ledger.key
    if given is not None:
        return _read(given.get_secret_value().replace(",", " "), "VARDBRO_LEDGER__KEY")
    file = key_file(config)
    if make and not file.exists():
        _make(config, file)
    try:
        text = file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "no text"
        raise ConfigurationError(f"the ledger's key file {file}: {said}", _MAKE) from None
    require_private(file)
    return _read(text, str(file))


def use_ledger_keys(config: Config, *, make: bool) -> None:
    """Seal and open payloads with the ledger's keys from now on, in this process."""
    envelope.use(ledger_keys(config, make=make))


def use_known_keys(config: Config) -> None:
    """Open payloads with the keys that there are, for commands that only look. A missing file is none."""
    if config.ledger.key is not None or key_file(config).exists():
        use_ledger_keys(config, make=False)


def _make(config: Config, file: Path) -> None:
    if not config.http.is_loopback:
        raise ConfigurationError(
            f"the ledger has no key: {file} is not there, and VARDBRO_LEDGER__KEY is not set",
            f"{_MAKE}, and keep a copy where backups do not go: without it nothing can be read.",
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_once(file, make_key() + "\n")
    except FileExistsError:  # another process was faster: its key counts
        return
    except OSError as error:
        raise ConfigurationError(f"the ledger's key file {file}: {error.strerror}", _MAKE) from None
    _log.warning("key made", file=str(file), why="there was none; without it the ledger cannot be read")


def write_once(file: Path, text: str) -> None:
    """The whole file at once, and only if there is none: others may read it at any moment."""
    half = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.link(half, file)
    finally:
        half.unlink()


def require_private(file: Path, whose: str = "the ledger's") -> None:
    """Refuse a key file that others than its owner can read. Raises ConfigurationError."""
    if file.stat().st_mode & 0o077:
        raise ConfigurationError(f"{whose} key file {file} can be read by others", f"chmod 600 {file}")


def _read(text: str, where: str) -> Keyring:
    try:
        return read_keys(text)
    except ValueError as error:
        raise ConfigurationError(f"the ledger's keys in {where}: {error}", _MAKE) from None
