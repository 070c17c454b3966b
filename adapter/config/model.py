"""The settings, section by section, with their defaults (docs/reference/configuration describes each)."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from adapter.config.registers import REGISTERS, Register, Registers
from adapter.config.section import Duration, Section, is_loopback, secret_of, web_address
from adapter.config.senders import Hooked, SenderSection, Tokens
from adapter.domain.canonical import BASE
from adapter.errors import ConfigurationError
from adapter.registers.protocol import RegisterSettings

__all__ = [
    "REGISTERS",
    "Config",
    "Hooked",
    "Http",
    "LedgerSection",
    "Mappings",
    "SenderSection",
    "require_safe_door",
]


class Http(Section):
    """``[http]``: where the adapter listens. With `certificate` and `key` (files, PEM) it speaks HTTPS, and
    with `client_ca` it asks clients for certificates; those that `client_crl` lists are refused. `public_url`
    is the address that senders write, where something stands in front.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    client_crl: Path | None = None
    client_certificates: Literal["off", "optional", "required"] = "off"

    @field_validator("public_url")
    @classmethod
    def _is_base(cls, url: str | None) -> str | None:
        return None if url is None else web_address(url).rstrip("/")

    @model_validator(mode="after")
    def _certificates_fit(self) -> "Http":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together")
        if self.client_certificates == "off":
            if self.client_ca is not None or self.client_crl is not None:
                raise ValueError('client_ca and client_crl are of no use while client_certificates is "off"')
        elif self.certificate is None or self.client_ca is None:
            raise ValueError(
                f'client_certificates = "{self.client_certificates}" needs certificate, key and client_ca'
            )
        return self

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine reaches the address."""
        return is_loopback(self.host)

    @property
    def is_everywhere(self) -> bool:
        """Whether the host stands for all addresses of this machine."""
        return self.host in ("0.0.0.0", "::", "")  # noqa: S104

    @property
    def url(self) -> str:
        """The address as a client on this machine writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'' if self.certificate is None else 's'}://{host}:{self.port}"

    @property
    def base(self) -> str:
        """The address as senders write it, without a slash at its end."""
        return self.public_url or self.url


class LedgerSection(Section):
    """``[ledger]``: the store. `connections` and `confirm_within` are for PostgreSQL: connections that write,
    for each process, and how long a commit may take to be confirmed before senders are told to come back.
    Payloads are encrypted: the keys are in the environment (`key`) or in `key_file`, the newest first.
    """

    url: str = "sqlite:///vardbro.db"
    connections: int = Field(default=1, ge=1, le=64)
    confirm_within: Annotated[Duration, Field(gt=0)] = 5.0
    key: SecretStr | None = None
    key_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _known_store(cls, url: str) -> str:
        if url.startswith(("postgresql://", "postgres://")):
            return url
        if not url.startswith("sqlite:///") or url == "sqlite:///":
            raise ValueError(
                'write "sqlite:///FILE" (or "sqlite:////FOLDER/FILE" for an absolute path),'
                ' or "postgresql://USER@HOST/DATABASE"'
            )
        return url

    @property
    def is_embedded(self) -> bool:
        """Whether the ledger is a file of this service's own."""
        return self.url.startswith("sqlite:")

    @property
    def path(self) -> Path:
        """The ledger's file, relative to the working folder unless it begins with a slash."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def place(self) -> Path | str:
        """The file, or the URL of the database."""
        return self.path if self.is_embedded else self.url


class Delivery(Section):
    """``[delivery]``: when a failed delivery is tried again, counted from the failure before."""

    schedule: tuple[Duration, ...] = (0.0, 5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 36000.0)
    drain: Duration = 20.0

    @field_validator("schedule")
    @classmethod
    def _not_empty(cls, schedule: tuple[float, ...]) -> tuple[float, ...]:
        if not schedule:
            raise ValueError("at least one attempt is needed")
        return schedule


class IntakeSection(Section):
    """``[intake]``: limits of what is taken in. `max_bytes` counts the body after decompression."""

    max_bytes: int = Field(default=16 * 1024 * 1024, gt=0)
    body_timeout: Duration = 60.0


class Operations(Section):
    """``[operations]``: the token that opens ``/api`` and ``/metrics``; needed on other than loopback.

    `certificate` and `key` are what commands show to a service that demands client certificates.
    `four_eyes`: an operator's edit of a contact waits until another person has approved it.
    """

    token: SecretStr | None = None
    token_file: Path | None = None
    protected_token: SecretStr | None = None
    protected_token_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    four_eyes: bool = False

    def protected_secret(self) -> bytes | None:
        """The token that opens what `token` does, and bundles of patients with a protected identity."""
        return secret_of(self.protected_token, self.protected_token_file, "operations.protected_token_file")

    def secret(self) -> bytes | None:
        """The token, from the variable or the file. Raises ConfigurationError when the file is of no use."""
        return secret_of(self.token, self.token_file, "operations.token_file")


class Notifications(Hooked):
    """``[notifications]``: where operators are told that something needs them, and that it no longer does."""


class Guard(Section):
    """``[guard]``: who counts as a test person at registers in production. Files hold one number a line.

    `series`: whether numbers of the series from which Skatteverket takes its test numbers count.
    """

    test_persons: Path | None = None
    real_persons: Path | None = None
    series: bool = True


class Mappings(Section):
    """``[mappings]``: a folder of the user's own rules, maps and tables, laid over those that ship with the
    program (docs/how-to/local-rules). `retry_held`: what is held for want of a table, map or rule is tried
    again when they are loaded anew.
    """

    overlay: Path | None = None
    retry_held: bool = True


class Fhir(Section):
    """``[fhir]``: `canonical` is the base of the urls of our own code systems, extensions and profiles."""

    canonical: str = BASE

    @field_validator("canonical")
    @classmethod
    def _absolute(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError('write an absolute address, such as "https://fhir.example.org/vardbro"')
        return url.rstrip("/")


class Log(Section):
    """``[log]``: how the service tells what it does, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


class Config(BaseSettings):
    """The whole configuration, checked. Made by `load_config`, or by hand in tests."""

    model_config = SettingsConfigDict(
        env_prefix="VARDBRO_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    http: Http = Http()
    ledger: LedgerSection = LedgerSection()
    delivery: Delivery = Delivery()
    intake: IntakeSection = IntakeSection()
    senders: dict[str, SenderSection] = {}
    operations: Operations = Operations()
    tokens: Tokens = Tokens()
    notifications: Notifications = Notifications()
    registers: Registers = Registers()
    guard: Guard = Guard()
    mappings: Mappings = Mappings()
    fhir: Fhir = Fhir()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the five are pydantic-settings' signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed over: adapter.config.load decides what wins over what."""
        return (init_settings,)

    def hooked(self) -> dict[str, Hooked]:
        """The tables that can have a webhook, by their names in the file."""
        senders = {f"senders.{name}": section for name, section in self.senders.items()}
        return {**senders, "notifications": self.notifications}

    def settings_of(self, name: str) -> RegisterSettings:
        """One register's settings, enabled or not."""
        register: Register = getattr(self.registers, name)
        return register.settings()

    def register_settings(self) -> dict[str, RegisterSettings]:
        """The settings of each enabled register, by name."""
        settings = {name: self.settings_of(name) for name in REGISTERS}
        return {name: one for name, one in settings.items() if one.enabled}


def require_safe_door(config: Config) -> None:
    """Refuse an open door on anything but loopback.

    Raises ConfigurationError: on another host each sender needs a proof and the operations API a token;
    on loopback only the sender ``default`` may go without. Nor may a proof be one that cannot be given.
    """
    for name, sender in config.senders.items():
        if not sender.has_proof(name) and (name != "default" or not config.http.is_loopback):
            raise ConfigurationError(
                f"senders.{name} has no token",
                f"Set token_file, certificate or client_id under [senders.{name}],"
                f" or VARDBRO_SENDERS__{name.upper()}__TOKEN.",
            )
        if sender.certificate and config.http.client_certificates == "off":
            raise ConfigurationError(
                f"senders.{name} has a certificate, but nobody is asked for one",
                'Set certificate, key, client_ca and client_certificates = "optional" under [http].',
            )
        if sender.client_id is not None and config.http.public_url is None and config.http.is_everywhere:
            raise ConfigurationError(
                f"senders.{name} has a client_id, but http.host {config.http.host} is no address to write to",
                "Set public_url under [http]: the address that senders use and their assertions name.",
            )
    if config.http.is_loopback:
        return
    if not config.senders:
        raise ConfigurationError(
            f"http.host is {config.http.host}, but no sender is configured, so anybody could send",
            'Configure [senders.NAME] (docs: security), or listen on host = "127.0.0.1".',
        )
    if config.operations.secret() is None:
        raise ConfigurationError(
            f"http.host is {config.http.host}, but the operations API has no token",
            "Set token_file under [operations], or VARDBRO_OPERATIONS__TOKEN.",
        )
