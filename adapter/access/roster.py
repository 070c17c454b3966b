"""Everybody who may come in, as the configuration says, and by what each is known."""

import hashlib
from collections.abc import Mapping

import msgspec

from adapter.access.certificates import Certificates
from adapter.access.jwks import FetchedKeys, FileKeys, KeySource
from adapter.access.scopes import Scope, scope_of
from adapter.config.model import Config, SenderSection
from adapter.errors import ConfigurationError
from adapter.mapping.context import Sender
from adapter.offline import OPEN_DOOR, sender_of


class Known(msgspec.Struct, frozen=True):
    """A sender with what it may do, and how many submissions a second it may make (None: any number)."""

    sender: Sender
    scopes: tuple[Scope, ...]
    rate: float | None = None
    burst: float = 1.0


class Client(msgspec.Struct, frozen=True):
    """A sender as a client that asks for tokens: where its public keys come from."""

    name: str
    keys: KeySource
    url: str | None


class Roster:
    """The senders by name, and by each of their proofs.

    Tokens are kept and compared as SHA-256 digests in a dictionary, so that the time of a look-up tells
    nothing of a token. Raises ConfigurationError when a proof is of no use, or is that of two senders.
    """

    def __init__(self, config: Config) -> None:
        senders = config.senders
        self.is_open = not any(section.has_proof(name) for name, section in senders.items())
        self.senders: dict[str, Known] = {name: _known(name, one) for name, one in senders.items()}
        self.senders.setdefault(OPEN_DOOR, _known(OPEN_DOOR, SenderSection()))
        self.tokens = _tokens(senders)
        self.clients = _clients(senders)
        self.certificates = Certificates({name: one.certificate for name, one in senders.items()})

    def by_token(self, token: bytes) -> str | None:
        """The sender that a bearer token of the configuration proves."""
        return self.tokens.get(hashlib.sha256(token).digest())


def _known(name: str, section: SenderSection) -> Known:
    scopes = []
    for text in section.scopes:
        scope = scope_of(text)
        if scope is None:
            raise ConfigurationError(
                f'senders.{name}.scopes: "{text}" is no scope of a system',
                'Write "system/Encounter.c", "system/*.rs": letters of cruds in order, or read, write, *.',
            )
        scopes.append(scope)
    rate = section.rate
    burst = section.burst or max(1.0, 2.0 * (rate or 0.0))
    return Known(sender_of(name, section), tuple(scopes), rate, float(burst))


def _tokens(senders: Mapping[str, SenderSection]) -> dict[bytes, str]:
    tokens: dict[bytes, str] = {}
    for name, section in senders.items():
        for token in section.secrets(name):
            other = tokens.setdefault(hashlib.sha256(token).digest(), name)
            if other != name:
                raise ConfigurationError(
                    f"senders.{other} and senders.{name} have the same token", "Each sender has its own."
                )
    return tokens


def _clients(senders: Mapping[str, SenderSection]) -> dict[str, Client]:
    clients: dict[str, Client] = {}
    for name, section in senders.items():
        if section.client_id is None:
            continue
        if section.client_id in clients:
            other = clients[section.client_id].name
            raise ConfigurationError(f"senders.{other} and senders.{name} have the same client_id")
        clients[section.client_id] = Client(name, _keys(name, section), section.jwks_url)
    return clients


def _keys(name: str, section: SenderSection) -> KeySource:
    if section.jwks_url is not None:
        return FetchedKeys(section.jwks_url)
    file, setting = section.jwks_file, f"senders.{name}.jwks_file"
    assert file is not None  # noqa: S101 - the section's own check: a client has keys
    try:
        keys = FileKeys(file)
    except OSError as error:
        raise ConfigurationError(
            f"{setting}: {error.strerror}", "Name a file that the service can read."
        ) from None
    except ValueError as error:
        raise ConfigurationError(f"{setting}: {error}") from None
    if not keys.renew():
        raise ConfigurationError(
            f"{setting}: no key is of use", "RSA of 2048 bits or more, or EC on P-384; each with a kid."
        )
    return keys
