"""Sending bundles to a running adapter: patient with a busy one, and safe to repeat."""

import ssl
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import orjson

from adapter.errors import ConfigurationError
from adapter.submission.answer import meant
from adapter.submission.sources import Submission

TRIES = 5
RESEND = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same bundle may be sent again (docs/reference/http)."""

LONGEST_WAIT = 10.0
FHIR_JSON, FHIR_XML = "application/fhir+json", "application/fhir+xml"
_BLANK = b"\xef\xbb\xbf \t\r\n"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one submission. `status` is None when no answer came; `failure` then says why. To a
    message it is what the answering message means (adapter.submission.answer.meant)."""

    status: int | None
    body: dict[str, Any] = {}
    failure: str = ""

    @property
    def taken(self) -> bool:
        """Whether the adapter has taken it."""
        return self.status is not None and 200 <= self.status < 300


class Client:
    """Speaks to one adapter. `url` is its address, with or without ``/fhir``."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        lang: str = "sv",
        *,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        base = url.rstrip("/").removesuffix("/fhir")
        headers = {"Accept-Language": lang, "Accept": FHIR_JSON}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(
            base_url=base,
            headers=headers,
            timeout=60.0,
            trust_env=not is_own_machine(base),
            transport=transport,
            verify=verify,
        )
        self._sleep = sleep

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def send(self, submission: Submission) -> Reply:
        """Send one bundle; again, the same bytes, while the adapter is busy or away."""
        reply = Reply(status=None)
        kind = FHIR_XML if submission.raw.lstrip(_BLANK).startswith(b"<") else FHIR_JSON
        for number in range(1, TRIES + 1):
            wait = min(LONGEST_WAIT, 0.25 * 2**number)
            try:
                response = self._http.post("/fhir", content=submission.raw, headers={"Content-Type": kind})
            except httpx.TransportError as error:
                reply = Reply(status=None, failure=type(error).__name__)
            else:
                body = _json(response.content)
                reply = Reply(status=meant(response.status_code, body), body=body)
                if reply.status not in RESEND:
                    return reply
                wait = retry_after(response.headers, wait)
            if number < TRIES:
                self._sleep(wait)
        return reply


def secure(client_cert: Path | None, client_key: Path | None, ca: Path | None) -> ssl.SSLContext | bool:
    """How the adapter is recognised, and our certificate. Raises ConfigurationError for files of no use."""
    if client_cert is None and client_key is None and ca is None:
        return True
    try:
        context = ssl.create_default_context(cafile=ca)
        if client_cert is not None:
            context.load_cert_chain(client_cert, client_key)
    except OSError as error:
        raise ConfigurationError(
            "the certificate, its key or the root certificates cannot be used",
            "Name PEM files: --client-cert, --client-key, --ca.",
        ) from error
    return context


def is_own_machine(url: str) -> bool:
    """Whether an address is on loopback, where no proxy stands between."""
    return urlsplit(url).hostname in _LOOPBACK


def retry_after(headers: httpx.Headers, default: float) -> float:
    """The seconds that an answer asks to wait, within bounds."""
    try:
        return min(LONGEST_WAIT, float(headers.get("retry-after", default)))
    except ValueError:
        return default


def _json(content: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
