"""The tables of senders: who they are, what proves them, how their bundles are read, where they are told."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from adapter.config.section import LEAST_TOKEN, Duration, Section, secret_of, web_address
from adapter.errors import ConfigurationError
from adapter.hooks.target import Target, checked_url, key_of

DEFAULT_SCOPES = ("system/Encounter.cruds",)
"""What a sender may do of which nothing else is said."""

VersionSource = Literal["arrival", "lastUpdated", "versionId", "bundle-timestamp"]


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
        secret = secret_of(self.webhook_secret, self.webhook_secret_file, setting, least=0)
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
        return None if url is None else web_address(url)

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
        tokens = (secret_of(self.token, self.token_file, setting) or b"").split()
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
