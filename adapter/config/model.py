"""The settings, section by section, with their defaults (docs/reference/configuration describes each)."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from adapter.config.durations import parse_duration
from adapter.domain.canonical import BASE
from adapter.errors import ConfigurationError
from adapter.hooks.target import Target, checked_url, key_of
from adapter.registers.protocol import RegisterSettings

REGISTERS = ("gvr", "pasis", "signe", "listning")


def _seconds(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


Duration = Annotated[float, BeforeValidator(_seconds), Field(ge=0)]


class Section(BaseModel):
    """A table of the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
        return None if url is None else _web_address(url).rstrip("/")

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
        return _is_loopback(self.host)

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


LEAST_TOKEN = 16
"""Characters of the shortest token."""

DEFAULT_SCOPES = ("system/Encounter.cruds",)
"""What a sender may do of which nothing else is said."""

VersionSource = Literal["arrival", "lastUpdated", "versionId", "bundle-timestamp"]


class IntakeSection(Section):
    """``[intake]``: limits of what is taken in. `max_bytes` counts the body after decompression."""

    max_bytes: int = Field(default=16 * 1024 * 1024, gt=0)
    body_timeout: Duration = 60.0


class Hooked(Section):
    """A table that can have a webhook; its secret is in the environment or in `webhook_secret_file`."""

    webhook: str | None = None
    webhook_secret: SecretStr | None = None
    webhook_secret_file: Path | None = None

    @field_validator("webhook")
    @classmethod
    def _may_go_there(cls, url: str | None) -> str | None:
        return None if url is None else checked_url(url)

    def hook(self, table: str) -> Target | None:
        """Where the webhook goes and its key, None without one; `table` names the table in errors.

        Raises ConfigurationError when the secret is missing, too short or cannot be read.
        """
        if self.webhook is None:
            return None
        setting = f"{table}.webhook_secret_file"
        secret = _secret(self.webhook_secret, self.webhook_secret_file, setting, least=0)
        variable = f"VARDBRO_{table.replace('.', '__').upper()}__WEBHOOK_SECRET"
        if secret is None:
            raise ConfigurationError(
                f"{table}.webhook has no secret", f"Set webhook_secret_file under [{table}], or {variable}."
            )
        try:
            return Target(self.webhook, key_of(secret))
        except ValueError as error:
            hint = 'Make one: echo "whsec_$(openssl rand -base64 32)"'
            raise ConfigurationError(f"{table}.webhook_secret: {error}", hint) from None


Words = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]
"""One text, or a list of them."""


class SenderSection(Hooked):
    """``[senders.NAME]``: one sending system; ``default`` describes whoever uses the open door on loopback.

    What proves the sender: a bearer token (`token` from the environment, or `token_file`; several, parted by
    white space, while they are changed), a client certificate, or a SMART token for `client_id`, whose keys
    are in `jwks_file` or at `jwks_url`. `rate` is in submissions a second.
    """

    token: SecretStr | None = None
    token_file: Path | None = None
    certificate: Words = ()
    client_id: str | None = Field(default=None, pattern=r"^[\x21-\x7e]{1,255}$")
    jwks_file: Path | None = None
    jwks_url: str | None = None
    scopes: Words = DEFAULT_SCOPES
    rate: float | None = Field(default=None, gt=0)
    burst: int | None = Field(default=None, ge=1)
    version: VersionSource = "arrival"
    vardkontakttyp_reading: Literal["besok", "sluten-oppen"] | None = None
    default_unit: str | None = None
    default_taxa: str | None = None
    default_besokstyp: str | None = None
    concept_maps: tuple[Path, ...] = ()

    @field_validator("scopes")
    @classmethod
    def _parted(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(word for text in scopes for word in text.split())

    @field_validator("concept_maps", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return (value,) if isinstance(value, str | Path) else value

    @field_validator("jwks_url")
    @classmethod
    def _keys_come_safely(cls, url: str | None) -> str | None:
        return None if url is None else _web_address(url)

    @model_validator(mode="after")
    def _keys_of_a_client(self) -> "SenderSection":
        if self.jwks_file is not None and self.jwks_url is not None:
            raise ValueError("jwks_file or jwks_url, not both")
        if (self.client_id is None) != (self.jwks_file is None and self.jwks_url is None):
            raise ValueError("client_id and its keys (jwks_file or jwks_url) belong together")
        if self.burst is not None and self.rate is None:
            raise ValueError("burst is of no use without rate")
        return self

    def secrets(self, name: str) -> tuple[bytes, ...]:
        """The tokens, from the variable or the file; the first is the newest.

        Raises ConfigurationError when the file is of no use.
        """
        setting = f"senders.{name}.token_file"
        tokens = (_secret(self.token, self.token_file, setting) or b"").split()
        if self.token is None and any(len(token) < LEAST_TOKEN for token in tokens):
            raise ConfigurationError(f"{setting}: a token has at least {LEAST_TOKEN} characters")
        return tuple(tokens)

    def has_proof(self, name: str) -> bool:
        """Whether there is anything by which the sender can prove itself. Raises ConfigurationError."""
        return bool(self.certificate or self.client_id or self.secrets(name))


class Tokens(Section):
    """``[tokens]``: how long the tokens live that senders get for their assertions, and how far the senders'
    clocks may be wrong."""

    lifetime: Annotated[Duration, Field(ge=10, le=3600)] = 300.0
    clock_skew: Annotated[Duration, Field(le=300)] = 60.0


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
        return _secret(self.protected_token, self.protected_token_file, "operations.protected_token_file")

    def secret(self) -> bytes | None:
        """The token, from the variable or the file. Raises ConfigurationError when the file is of no use."""
        return _secret(self.token, self.token_file, "operations.token_file")


class Notifications(Hooked):
    """``[notifications]``: where operators are told that something needs them, and that it no longer does."""


class Register(Section):
    """``[registers.NAME]``: one receiver; see registers.protocol.RegisterSettings for what each key does."""

    enabled: bool = False
    transport: Literal["rest", "file"] = "rest"
    url: str = ""
    folder: str | None = None
    format: Literal["json", "xml"] = "json"
    batch_at: str | None = Field(default=None, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    receipts: str | None = None
    pseudonym_key_file: Path | None = None
    pseudonym_key: SecretStr | None = None
    report_not_replacing: bool = False
    services: tuple[str, ...] | None = None
    timeout: Annotated[Duration, Field(gt=0)] = 15.0
    grace: Duration = 10.0
    idempotency: bool = False
    lookup: str | None = None
    probe_by_write: bool = False
    before_effect: tuple[int, ...] | None = None
    shadow: bool = False
    production: bool | None = None
    default_taxa: str | None = None
    default_besokstyp: str | None = None
    policy: Literal["park", "skip-and-flag"] = "park"
    concurrency: int = Field(default=8, ge=1)
    rate: float | None = Field(default=None, gt=0)
    schedule: tuple[Duration, ...] | None = None
    client_cert: str | None = None
    client_key: str | None = None
    ca: str | None = None
    rename: dict[str, str] = {}
    paths: dict[str, str] = {}

    @model_validator(mode="after")
    def _reachable(self) -> "Register":
        if not self.enabled:
            return self
        if self.transport == "file":
            if not self.folder:
                raise ValueError('folder is needed for transport "file"')
            return self
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError('url is needed for transport "rest": http://HOST:PORT/PATH or https://...')
        if parts.username or parts.query or parts.fragment:
            raise ValueError("url holds no user, query or fragment; secrets have settings of their own")
        if (self.client_cert is None) != (self.client_key is None):
            raise ValueError("client_cert and client_key belong together")
        return self

    def settings(self) -> RegisterSettings:
        """The settings as the receiver and the delivery take them."""
        own = self.model_dump(exclude={"pseudonym_key_file", "pseudonym_key", "production"})
        return RegisterSettings(**own, production=self.is_production, pseudonym_key=self._key())

    def _key(self) -> bytes | None:
        return _secret(self.pseudonym_key, self.pseudonym_key_file, "pseudonym_key_file")

    @property
    def is_production(self) -> bool:
        """Whether no test person's contact may reach the register: as it is set, else unless it answers on
        this machine's loopback, or gets files and has no folder yet."""
        if self.production is not None:
            return self.production
        if self.transport == "file":
            return self.folder is not None
        return not (self.transport == "rest" and _is_loopback(urlsplit(self.url).hostname or ""))


class Gvr(Register):
    """``[registers.gvr]``: enabled unless it is switched off, at the simulator's address unless it is set."""

    enabled: bool = True
    url: str = "http://127.0.0.1:8090/gvr"


class Pasis(Register):
    """``[registers.pasis]``: at the simulator's address unless it is set."""

    url: str = "http://127.0.0.1:8090/pasis"


class Batched(Register):
    """A register that gets files."""

    transport: Literal["rest", "file"] = "file"
    concurrency: int = Field(default=500, ge=1)


class Registers(Section):
    """``[registers]``: the receivers."""

    gvr: Gvr = Gvr()
    pasis: Pasis = Pasis()
    signe: Batched = Batched()
    listning: Batched = Batched()


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


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _web_address(url: str) -> str:
    """`url`, if it is one that may hold no secret and cannot be listened to. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("an address is https://HOST/PATH")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("an address is https://...; http is for loopback only")
    if parts.username is not None or parts.fragment:
        raise ValueError("an address holds no user and no fragment")
    return url


def _secret(
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
