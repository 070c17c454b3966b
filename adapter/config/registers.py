"""The tables of registers (docs/how-to/connect-a-register, file-registers)."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from adapter.config.section import Duration, Section, is_loopback, secret_of
from adapter.registers.protocol import RegisterSettings

REGISTERS = ("gvr", "pasis", "signe", "listning")


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
    rename: dict[str, str] = Field(default_factory=dict)
    paths: dict[str, str] = Field(default_factory=dict)

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
        return secret_of(self.pseudonym_key, self.pseudonym_key_file, "pseudonym_key_file")

    @property
    def is_production(self) -> bool:
        """Whether no test person's contact may reach the register: as it is set, else unless it answers on
        this machine's loopback, or gets files and has no folder yet."""
        if self.production is not None:
            return self.production
        if self.transport == "file":
            return self.folder is not None
        return not (self.transport == "rest" and is_loopback(urlsplit(self.url).hostname or ""))


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
