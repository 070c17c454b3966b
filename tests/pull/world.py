"""A small FHIR server and a small adapter, in memory, for the tests of pulling."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson

from adapter.pull.source import Source
from adapter.submission.client import Client

BASE = "http://127.0.0.1:1/r4"


def resource(kind: str, number: str, day: int = 1, **members: Any) -> dict[str, Any]:
    return {
        "resourceType": kind,
        "id": number,
        "meta": {"lastUpdated": f"2026-01-{day:02d}T12:00:00Z"},
        **members,
    }


def to(target: str) -> dict[str, str]:
    return {"reference": target}


class FhirServer:
    """Searches by `_lastUpdated`, by a reference parameter, and reads; sorted and paged as told."""

    def __init__(self, *resources: dict[str, Any], page: int = 2, is_sorted: bool = True) -> None:
        self.resources = list(resources)
        self.page = page
        self.is_sorted = is_sorted
        self.unknown: set[str] = set()
        self.asked: list[str] = []
        self.elsewhere = False
        self.tokens: set[str | None] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        address = urlsplit(str(request.url))
        self.asked.append(f"{address.path}?{address.query}")
        self.tokens.add(request.headers.get("authorization"))
        kind, _, number = address.path.removeprefix("/r4/").partition("/")
        if kind in self.unknown:
            return httpx.Response(404)
        if number:
            found = [one for one in self.resources if (one["resourceType"], one["id"]) == (kind, number)]
            return httpx.Response(200, json=found[0]) if found else httpx.Response(404)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        return self._search(kind, asked, str(request.url))

    def source(self) -> Source:
        return Source(BASE, "their-token", transport=httpx.MockTransport(self), sleep=lambda _: None)

    def _search(self, kind: str, asked: dict[str, str], url: str) -> httpx.Response:
        found = [one for one in self.resources if one["resourceType"] == kind]
        since = asked.get("_lastUpdated", "").removeprefix("ge")
        found = [one for one in found if one["meta"]["lastUpdated"] >= since]
        for name, member in (
            ("encounter", "encounter"),
            ("context", "context"),
            ("part-of", "partOf"),
            ("practitioner", "practitioner"),
        ):
            if name in asked:
                wanted = asked[name].split(",")
                found = [one for one in found if one.get(member, {}).get("reference") in wanted]
        if self.is_sorted and "_sort" in asked:
            found.sort(key=lambda one: one["meta"]["lastUpdated"])
        start = int(asked.get("start", 0))
        bundle: dict[str, Any] = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": one} for one in found[start : start + self.page]],
        }
        if start + self.page < len(found):
            base = "http://elsewhere.example" if self.elsewhere else url.split("?", maxsplit=1)[0]
            rest = {**asked, "start": str(start + self.page)}
            bundle["link"] = [{"relation": "next", "url": str(httpx.URL(base, params=rest))}]
        return httpx.Response(200, json=bundle)


class Adapter:
    """Takes everything until `status` says otherwise; keeps what it got."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[list[str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.status == 200:
            entries = orjson.loads(request.content)["entry"]
            self.got.append([f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in entries])
        return httpx.Response(self.status, json={"resourceType": "OperationOutcome"})

    def client(self) -> Client:
        return Client("http://127.0.0.1:2", transport=httpx.MockTransport(self), sleep=lambda _: None)
