"""One webhook's endpoint: a signed POST, answered by its status alone."""

import asyncio
import math
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx

from adapter.hooks.resolving import addresses
from adapter.hooks.signing import headers
from adapter.hooks.target import Target
from adapter.hooks.telling import Heard
from adapter.ledger.hooks import Batch
from adapter.registers.rest import failure_of

TIMEOUT = 10.0
"""Seconds for a POST in all, from the look-up of the name to the status of the answer."""

_GONE = 410


class Endpoint:
    """Implements Listener. Redirects, proxies of the environment and cookies are ignored.

    A connection serves one POST, and of the answer nothing but its head is read: whatever the endpoint does,
    it holds up nothing but its own hook. `say` makes the body.
    """

    def __init__(
        self,
        target: Target,
        say: Callable[[list[dict[str, Any]]], bytes],
        *,
        timeout: float = TIMEOUT,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._target = target
        self._say = say
        self._timeout = timeout
        parts = urlsplit(target.url)
        secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port or (443 if secure else 80)
        self._client = httpx.AsyncClient(
            verify=(trust or ssl.create_default_context()) if secure else False,
            trust_env=False,
            follow_redirects=False,
            timeout=timeout,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
        )

    async def tell(self, batch: Batch) -> Heard:
        """POST the batch. Taken is what is answered with 2xx."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._post(self._say(batch.changes))
        except TimeoutError:
            return Heard(taken=False, cause="timeout")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Heard(taken=False, cause=_token(error))

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()

    async def _post(self, body: bytes) -> Heard:
        failure: Exception = socket.gaierror(socket.EAI_NONAME, "no address")
        for address in await addresses(self._host, self._port):
            try:
                return await self._post_to(address, body)
            except httpx.ConnectError as error:
                failure = error
        raise failure

    async def _post_to(self, address: str, body: bytes) -> Heard:
        """Connect to the address, but speak to the host: by name in the request and in the certificate."""
        url = httpx.URL(self._target.url)
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={
                "Host": url.netloc.decode("ascii"),
                "Content-Type": "application/json",
                "User-Agent": "vardbro",
                "Connection": "close",
                **headers(self._target.key, body, time.time()),
            },
            extensions={"sni_hostname": self._host},
        )
        response = await self._client.send(request, stream=True)
        try:
            return _heard(response)
        finally:
            await response.aclose()


def _heard(response: httpx.Response) -> Heard:
    status = response.status_code
    if 200 <= status < 300:
        return Heard(taken=True)
    asked = _seconds(response.headers.get("retry-after", ""))
    return Heard(taken=False, cause=f"http-{status}", gone=status == _GONE, wait=asked)


def _seconds(asked: str) -> float:
    """Seconds of a Retry-After; a date, or what cannot be read, is no reason to wait longer than planned."""
    try:
        seconds = float(asked)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def _token(error: Exception) -> str:
    """A short token for a failure. Its text may hold the address, whose path can be a secret."""
    return "dns" if isinstance(error, socket.gaierror) else failure_of(error)
