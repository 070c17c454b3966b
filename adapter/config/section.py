"""What all tables of the configuration share: their strictness, durations, addresses, secrets."""

import ipaddress
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from adapter.config.durations import parse_duration
from adapter.errors import ConfigurationError

LEAST_TOKEN = 16
"""Characters of the shortest token."""


def _seconds(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


Duration = Annotated[float, BeforeValidator(_seconds), Field(ge=0)]


class Section(BaseModel):
    """A table of the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def web_address(url: str) -> str:
    """`url`, if it is one that may hold no secret and cannot be listened to. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("an address is https://HOST/PATH")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("an address is https://...; http is for loopback only")
    if parts.username is not None or parts.fragment:
        raise ValueError("an address holds no user and no fragment")
    return url


def secret_of(
    token: SecretStr | None, file: Path | None, setting: str, least: int = LEAST_TOKEN
) -> bytes | None:
    if token is not None:
        return token.get_secret_value().encode()
    if file is None:
        return None
    try:
        value = file.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(
            f"{setting}: {error.strerror}", "Name a file that the service can read."
        ) from None
    if len(value) < least:
        raise ConfigurationError(f"{setting}: a token has at least {least} characters")
    return value
