"""The FHIR server that contacts are fetched from: searched page by page, patiently, never led elsewhere."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import orjson

from adapter.errors import VardbroError
from adapter.submission.client import FHIR_JSON, RESEND, TRIES, is_own_machine, retry_after

Resource = dict[str, Any]
MOST_BYTES = 64 * 1024 * 1024
"""The longest answer that is read."""


class SourceError(VardbroError):
    """The server that is pulled from does not answer, or not with what was asked for."""

    code = "source"
    hint = "What was fetched before is kept; run the command again when the server answers."


class NotOffered(SourceError):
    """The server does not know this type or this search (400, 403, 404, 405, 501)."""

    code = "source-not-offered"


class Source:
    """Reads one FHIR R4 server. `url` is its base, without a slash at the end."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base = url.rstrip("/")
        headers = {"Accept": FHIR_JSON}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(
            headers=headers,
            timeout=60.0,
            follow_redirects=False,
            trust_env=not is_own_machine(url),
            transport=transport,
            verify=verify,
        )
        self._sleep = sleep

    def __enter__(self) -> "Source":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def pages(self, kind: str, parameters: Mapping[str, str]) -> Iterator[list[Resource]]:
        """The resources of each page of a search, with what the server included. Raises SourceError."""
        address: str | None = str(httpx.URL(f"{self.base}/{kind}", params=dict(parameters)))
        seen: set[str] = set()
        while address is not None:
            if address in seen:
                raise SourceError("the pages of a search go round in a circle")
            seen.add(address)
            bundle = self._get(address)
            if bundle.get("resourceType") != "Bundle":
                raise SourceError("the answer to a search is no Bundle")
            yield [entry["resource"] for entry in bundle.get("entry", ()) if _is_resource(entry)]
            address = self._next(bundle)

    def read(self, kind: str, number: str) -> Resource | None:
        """One resource, None when the server does not give it. Raises SourceError."""
        try:
            found = self._get(f"{self.base}/{kind}/{number}")
        except NotOffered:
            return None
        return found if found.get("resourceType") == kind else None

    def _next(self, bundle: Resource) -> str | None:
        links = [link.get("url") for link in bundle.get("link", ()) if link.get("relation") == "next"]
        if not links or not isinstance(links[0], str):
            return None
        address = urljoin(f"{self.base}/", links[0])
        if _origin(address) != _origin(self.base):
            # our token would go there too
            raise SourceError("the next page is said to be at another server")
        return address

    def _get(self, address: str) -> Resource:
        for number in range(1, TRIES + 1):
            wait = min(10.0, 0.25 * 2**number)
            try:
                status, headers, content = self._fetch(address)
            except httpx.TransportError as error:
                problem = type(error).__name__
            else:
                if status == 200:
                    return _object(content)
                if status in (400, 403, 404, 405, 410, 501):
                    raise NotOffered(f"the server answered {status}")
                if status not in RESEND:
                    raise SourceError(f"the server answered {status}")
                problem, wait = str(status), retry_after(headers, wait)
            if number < TRIES:
                self._sleep(wait)
        raise SourceError(f"the server did not answer: {problem}")

    def _fetch(self, address: str) -> tuple[int, httpx.Headers, bytes]:
        with self._http.stream("GET", address) as response:
            parts, size = [], 0
            for part in response.iter_bytes():
                size += len(part)
                if size > MOST_BYTES:
                    raise SourceError("an answer is longer than 64 MB", "Ask for smaller pages: --count.")
                parts.append(part)
            return response.status_code, response.headers, b"".join(parts)


def _is_resource(entry: Any) -> bool:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    return isinstance(resource, dict) and resource.get("resourceType") != "OperationOutcome"


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _object(content: bytes) -> Resource:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise SourceError("the answer is no JSON") from None
    if not isinstance(value, dict):
        raise SourceError("the answer is no JSON object")
    return value
