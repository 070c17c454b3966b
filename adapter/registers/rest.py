"""HTTP to one register: sends once, never follows, never raises, and says how far a failed request came."""

import asyncio
import ssl
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from socket import gaierror
from urllib.parse import quote, urlencode, urlsplit

import anyio
import httpx

from adapter.errors import ConfigurationError
from adapter.registers.protocol import Answer, RegisterSettings, Request, Transport
from adapter.registers.tls import causes, fails_hello, refuses_certificate, ssl_context

CONNECTIONS_PER_CLIENT = 1
"""Connections of one httpx client. Its pool looks at every connection, idle ones with a system call, each
time that a request begins or ends. Eight clients of one deliver half as much again as one of eight."""

KEEPALIVE = 4.0
"""Seconds that an idle connection is kept: shorter than servers do (uvicorn 5, nginx 75), since a connection
that the register closes while a request is on its way leaves that request's outcome unknown."""

LARGEST_ANSWER = 1_000_000
"""Bytes of an answer that are read; the rest is cut off."""

_LONGEST_CONNECT = 5.0
_HUNG_UP = (anyio.EndOfStream, anyio.BrokenResourceError, ssl.SSLError)
"""What httpx's network layer raises when a connection that was made breaks during the hello."""

_KEPT_HEADERS = frozenset(
    {"content-type", "date", "etag", "retry-after", "server", "x-correlation-id", "x-request-id"}
)
"""Headers that are kept with the attempt; others (Location) can repeat the query with its identity number."""


class RestTransport(Transport):
    """Carries requests to one register over HTTP/1.1.

    `settings.timeout` bounds a request in all: waiting for a connection, connecting and the TLS hello have a
    quarter each at most, so that when the whole has passed the request was on its way. Proxies from the
    environment, cookies and redirects are ignored. Raises ConfigurationError for a url that is not http(s)
    or certificates that cannot be read.
    """

    def __init__(self, settings: RegisterSettings) -> None:
        self._base = _base(settings.url)
        self._timeout = settings.timeout
        self._closed = False
        count = -(-max(settings.concurrency, 1) // CONNECTIONS_PER_CLIENT)
        verify = ssl_context(settings) if self._base.startswith("https:") else False
        self._clients = [_Client(verify, settings.timeout) for _ in range(count)]

    async def send(self, request: Request) -> Answer:
        """Send once. Failures come back as an Answer; only cancellation is raised."""
        if self._closed:
            return Answer(failure="connect")
        client = min(self._clients, key=_busy)
        client.busy += 1
        try:
            async with asyncio.timeout(self._timeout):
                return await client.send(request.method, self._address(request), request.body, request.key)
        except (httpx.HTTPError, OSError) as error:
            return Answer(failure=failure_of(error))
        finally:
            client.busy -= 1

    async def close(self) -> None:
        """Close all connections; what is sent afterwards fails as not sent."""
        self._closed = True
        for client in self._clients:
            await client.http.aclose()

    def _address(self, request: Request) -> str:
        if not request.query:
            return self._base + request.path
        return f"{self._base}{request.path}?{urlencode(request.query, quote_via=quote)}"


def failure_of(error: Exception) -> str:
    """The token of protocol.Answer for an exception of the transport.

    A bare TimeoutError is that of the whole request: it ends later than every phase of connecting could.
    """
    if isinstance(error, httpx.PoolTimeout):
        return "pool-timeout"
    if isinstance(error, httpx.ConnectTimeout):
        return "connect-timeout"
    if isinstance(error, httpx.ConnectError):
        return _connect_failure(error)
    return "tls" if refuses_certificate(error) else _sending_failure(error)


def _connect_failure(error: httpx.ConnectError) -> str:
    if fails_hello(error):
        return "tls"
    chain = causes(error)
    if any(isinstance(cause, gaierror) for cause in chain):
        return "dns"
    return "tls-refused" if any(isinstance(cause, _HUNG_UP) for cause in chain) else "connect"


def _sending_failure(error: Exception) -> str:
    if isinstance(error, httpx.WriteTimeout):
        return "write-timeout"
    if isinstance(error, httpx.ReadTimeout | TimeoutError):
        return "read-timeout"
    if isinstance(error, httpx.WriteError):
        return "write"
    return "read" if isinstance(error, httpx.ReadError | OSError) else "protocol"


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ConfigurationError("url: the register's address must be http(s)://host[:port][/path]")
    return url.rstrip("/")


class _Client:
    """One httpx client with the count of requests that are using it."""

    def __init__(self, verify: ssl.SSLContext | bool, timeout: float) -> None:
        connect = min(timeout / 4, _LONGEST_CONNECT)
        self.busy = 0
        self.http = httpx.AsyncClient(
            verify=verify,
            http2=False,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(timeout, connect=connect, pool=connect),
            limits=httpx.Limits(
                max_connections=CONNECTIONS_PER_CLIENT,
                max_keepalive_connections=CONNECTIONS_PER_CLIENT,
                keepalive_expiry=KEEPALIVE,
            ),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "vardbro"},
        )
        self.http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    async def send(self, method: str, url: str, body: bytes | None, key: str | None) -> Answer:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        request = self.http.build_request(method, url, content=body, headers=headers)
        response = await self.http.send(request, stream=True)
        try:
            content = await _content(response)
        finally:
            await response.aclose()
        return Answer(status=response.status_code, headers=_kept(response.headers), body=content)


async def _content(response: httpx.Response) -> bytes:
    content = b""
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) >= LARGEST_ANSWER:
            return content[:LARGEST_ANSWER]
    return content


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in _KEPT_HEADERS}


def _busy(client: _Client) -> int:
    return client.busy
