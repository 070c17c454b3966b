"""The planted patient, the bundles that carry it, and where to look for it."""

import asyncio
import re
from collections.abc import Iterable
from typing import Any

import httpx
import orjson

from adapter.resources import data_folder

IDENTITY = "191212121212"
FAMILY, GIVEN, STREET, PHONE = "Kanariefågel", "Zebrafinkia", "Burvägen 7", "0701740605"
_NAMES = f"{FAMILY}|Kanarief|{GIVEN}|{STREET.split(maxsplit=1)[0]}|{PHONE}"
LEAKS = re.compile(rf"1212121212|121212[-+ ]?1212|{_NAMES}", re.IGNORECASE)
JSON = {"content-type": "application/fhir+json"}
ADDRESS = "http://127.0.0.1:8080"


def tell(simulator: str, what: str, how: dict[str, Any] | None = None) -> None:
    httpx.post(f"{simulator}/_control/{what}", json=how, trust_env=False).raise_for_status()


def received(simulator: str) -> str:
    return httpx.get(f"{simulator}/_control/log?full=true", trust_env=False).text


def sample(name: str) -> bytes:
    """A sample whose patient has a name, an address and a telephone, and whose codes speak of them."""
    bundle = orjson.loads((data_folder("samples") / name).read_bytes())
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Patient":
            resource["name"] = [{"family": FAMILY, "given": [GIVEN], "text": f"{GIVEN} {FAMILY}"}]
            resource["address"] = [{"line": [STREET], "city": "Solna"}]
            resource["telecom"] = [{"system": "phone", "value": PHONE}]
        if "subject" in resource:
            resource["subject"]["display"] = f"{GIVEN} {FAMILY}"
        for coding in _codings(resource.get("code", [])):
            coding["display"] = f"{coding.get('display', '')} ({FAMILY})"
    return orjson.dumps(bundle)


def _codings(code: Any) -> Iterable[dict[str, Any]]:
    codes = code if isinstance(code, list) else [code]
    return [coding for one in codes for coding in one.get("coding", [])]


def changed(name: str, **members: Any) -> bytes:
    """The sample with members of its Encounter changed, as a new submission."""
    bundle = orjson.loads(sample(name))
    bundle["identifier"]["value"] += "-changed"
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            entry["resource"].update(members)
    return orjson.dumps(bundle)


def cancelled(name: str) -> bytes:
    """The sample with its Encounter cancelled, as a new submission."""
    return changed(name, status="cancelled")


async def settled(client: httpx.AsyncClient) -> None:
    for _ in range(200):
        lanes = (await client.get("/api/summary")).json()["lanes"]
        if not set(lanes) & {"waiting", "leased"}:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"lanes are still busy: {lanes}")


async def everything_shown(client: httpx.AsyncClient) -> list[str]:
    """Every page without patient data that an operator, a sender or the platform can see, found by the list
    of routes: a page that is added is looked at too."""
    paths = list(_plain_pages(client))
    assert {"/fhir/metadata", "/fhir/AuditEvent", "/api/summary", "/api/audit", "/metrics"} <= {*paths}
    lanes = (await client.get("/api/lanes")).json()["lanes"]
    messages = (await client.get("/api/messages")).json()["messages"]
    paths += [f"/api/lanes/{lane['id']}" for lane in lanes]
    paths += [f"/api/events/{message['event_id']}" for message in messages]
    return [(await client.get(path)).text for path in paths]


def _plain_pages(client: httpx.AsyncClient) -> Iterable[str]:
    """The addresses that GET answers without a parameter in the path."""
    app = client._transport.app  # type: ignore[attr-defined]
    yield from (path for path, at in app.openapi()["paths"].items() if "get" in at and "{" not in path)
    for route in app.routes:
        if "GET" in (getattr(route, "methods", None) or ()) and "{" not in route.path:
            yield route.path
