"""The operator's desk: commands speak the operations API, to the service that holds the ledger or, when none
runs, to the application in this process. So every command does what the API does, and nothing else.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from adapter.config import Config
from adapter.domain.text import Lang
from adapter.errors import ConfigurationError, LedgerError, LedgerUnavailable
from adapter.ledger.sqlite.file import holder
from adapter.ledger.sqlite.moved import refuse_moved
from adapter.logs import set_up_logging

Json = dict[str, Any]

TIMEOUT = httpx.Timeout(30.0, read=300.0)
"""Seconds; a plan of many lanes takes its time."""

HERE = "http://127.0.0.1"
"""The address of the application in this process: a loopback name, as the guard wants it."""

NOT_FOUND = 404
_WRONG_USAGE = frozenset({400, 401, 403, 413, 415, 422})

Send = Callable[[str, str, Json | None, Json | None], httpx.Response]
"""(method, path, parameters, JSON) to the answer."""


class Refusal(LedgerError):
    """The API does not do what was asked: nothing of that name, or not in this state.

    `status` is the HTTP status and `document` the answer's JSON.
    """

    def __init__(self, message: str, hint: str, status: int, document: Json) -> None:
        super().__init__(message, hint)
        self.status = status
        self.document = document


class WrongRequest(ConfigurationError):
    """The API says that what was asked is wrong in itself, or that the token is. Members as in Refusal."""

    def __init__(self, message: str, hint: str, status: int, document: Json) -> None:
        super().__init__(message, hint)
        self.status = status
        self.document = document


class Desk:
    """Asks and acts through the operations API. Raises Refusal, WrongRequest, LedgerUnavailable."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def get(self, path: str, **params: Any) -> Any:
        """The JSON under `path`; parameters that are None are left out."""
        given = {name: value for name, value in params.items() if value is not None}
        return _document(self._send("GET", path, given, None))

    def post(self, path: str, json: Json | None = None) -> Any:
        """Post `json`, without members that are None; gives the answer's JSON, None where it has none."""
        given = {name: value for name, value in (json or {}).items() if value is not None}
        return _document(self._send("POST", path, None, given))


@contextmanager
def desk(config: Config, *, make: bool = False, lang: Lang = "sv", protected: bool = False) -> Iterator[Desk]:
    """The way to the configured ledger. `make`: begin a new ledger where there is none yet.

    `lang` is the language of the texts in answers. `protected`: with the token that shows protected ones.

    Raises LedgerUnavailable when there is no ledger, or somebody holds it who answers no HTTP.
    """
    url = service_address(config)
    if url is not None:
        with _client(config, url, lang, protected) as client:
            yield Desk(_remote(client))
        return
    if not make:
        require_ledger(config)
    with _in_process(config, lang, protected) as send:
        yield Desk(send)


@contextmanager
def neighbour(config: Config) -> Iterator[Desk | None]:
    """The way to the service that runs here (where the ledger is shared: at the configured address); None:
    there is none. What is asked of it can still raise LedgerUnavailable."""
    url = config.http.url if is_shared(config) else service_address(config)
    if url is None:
        yield None
        return
    with _client(config, url, "sv", False) as client:
        yield Desk(_remote(client))


def service_address(config: Config) -> str | None:
    """Where the service that holds the ledger answers; None: nobody needs to be asked.

    Several processes may work on a PostgreSQL ledger, so that this one can as well.
    Raises LedgerUnavailable when somebody holds the ledger's file and does not say where it answers.
    """
    if is_shared(config):
        return None
    held = holder(config.ledger.path)
    if held is None:
        return None
    if not held.get("url"):
        raise LedgerUnavailable(
            "a process holds the ledger without answering HTTP",
            "Try again in a moment if it is starting; run `vardbro serve` instead of `vardbro work`.",
        )
    return str(held["url"])


def is_shared(config: Config) -> bool:
    """Whether several processes may have the ledger open at once."""
    return not config.ledger.is_embedded


def require_ledger(config: Config) -> None:
    """Raise LedgerUnavailable when the ledger is a file that is not there, ConfigurationError if it moved."""
    if not is_shared(config) and not config.ledger.path.is_file():
        raise LedgerUnavailable(
            f"there is no ledger at {config.ledger.path} yet",
            "Start `vardbro serve`, or name it with --config.",
        )
    if not is_shared(config):
        refuse_moved(config.ledger.path.resolve())


def part(text: str) -> str:
    """`text` as one part of a path."""
    return quote(text, safe="")


def _client(config: Config, url: str, lang: Lang, protected: bool) -> httpx.Client:
    return httpx.Client(
        base_url=url,
        headers=_headers(config, lang, protected),
        timeout=TIMEOUT,
        trust_env=False,
        verify=True if config.http.certificate is None else _trust(config, str(config.http.certificate)),
    )


def _trust(config: Config, certificate: str) -> ssl.SSLContext:
    """Trust the one certificate that the service has, whatever name it is reached by from here.

    Raises ConfigurationError when a file cannot be used, or the service would ask for a certificate.
    """
    own = config.operations
    if config.http.client_certificates == "required" and own.certificate is None:
        raise ConfigurationError(
            "the service takes no connection without a client certificate, and commands have none",
            'Set certificate and key under [operations], or client_certificates = "optional" under [http].',
        )
    try:
        context = ssl.create_default_context(cafile=certificate)
        if own.certificate is not None:
            context.load_cert_chain(own.certificate, own.key)
    except OSError as error:
        raise ConfigurationError(
            f"a certificate of [http] or [operations] cannot be used ({type(error).__name__})",
            "Run `vardbro check`.",
        ) from None
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _remote(client: httpx.Client) -> Send:
    def send(method: str, path: str, params: Json | None, json: Json | None) -> httpx.Response:
        try:
            return client.request(method, path, params=params, json=json)
        except httpx.TransportError as error:
            raise LedgerUnavailable(f"the service does not answer ({type(error).__name__})") from None

    return send


@contextmanager
def _in_process(config: Config, lang: Lang, protected: bool) -> Iterator[Send]:
    """The application with its ledger, but without couriers: what is due waits for a service."""
    # the web framework and the packs cost a second: not for commands that find a service
    from adapter.composition import Application  # noqa: PLC0415

    set_up_logging("error", config.log.format)
    config = _with_token(config)
    with asyncio.Runner() as runner:
        application = Application.build(config)
        try:
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(application.create_app()),
                base_url=HERE,
                headers=_headers(config, lang, protected),
            )

            def send(method: str, path: str, params: Json | None, json: Json | None) -> httpx.Response:
                asked: Awaitable[httpx.Response] = client.request(method, path, params=params, json=json)
                return runner.run(_awaited(asked))

            yield send
            runner.run(client.aclose())
        finally:
            runner.run(application.stop())


def _with_token(config: Config) -> Config:
    """The configuration with an operations token, of this process alone if none is set.

    Patient data is shown to nobody without one; whoever runs this process can read the ledger's file.
    """
    if config.operations.secret() is not None:
        return config
    operations = config.operations.model_copy(update={"token": SecretStr(token_urlsafe())})
    return config.model_copy(update={"operations": operations})


async def _awaited(asked: Awaitable[httpx.Response]) -> httpx.Response:
    return await asked


def _headers(config: Config, lang: Lang, protected: bool) -> dict[str, str]:
    token = config.operations.protected_secret() if protected else config.operations.secret()
    if protected and token is None:
        raise ConfigurationError(
            "there is no token for protected identities", "Set protected_token_file under [operations]."
        )
    headers: dict[str, str] = {"Accept-Language": lang}
    return headers if token is None else {**headers, "Authorization": f"Bearer {token.decode()}"}


def _document(answer: httpx.Response) -> Any:
    if answer.status_code < 400:
        return answer.json() if answer.content else None
    try:
        document = answer.json()
    except ValueError:
        document = {}
    error = document.get("error", {}) if isinstance(document, dict) else {}
    text = str(error.get("text") or f"the service answered {answer.status_code}")
    kind = WrongRequest if answer.status_code in _WRONG_USAGE else Refusal
    raise kind(text, _hint(answer.status_code, error), answer.status_code, document)


def _hint(status: int, error: Json) -> str:
    if status in (401, 403):
        return "Set token_file under [operations], or VARDBRO_OPERATIONS__TOKEN, as the service has it."
    return str(error.get("hint") or "")
