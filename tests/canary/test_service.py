"""No identity number and no name leaves the service but to the register: both are planted, and every sink
searched."""

import io
import re
from pathlib import Path

import httpx
import orjson
import pytest

from adapter.fhir.xml.writing import to_xml
from tests.canary.planted import (
    IDENTITY,
    JSON,
    LEAKS,
    cancelled,
    changed,
    everything_shown,
    received,
    sample,
    settled,
    tell,
)


async def test_a_reported_corrected_and_cancelled_contact_leaks_nothing(
    client: httpx.AsyncClient, logs: io.StringIO, simulator: str
) -> None:
    assert IDENTITY.encode() in sample("mottagningsbesok-lakare.json")
    contact = "mottagningsbesok-lakare.json"
    answers = []
    for raw in (sample(contact), sample("rattelse.json"), cancelled(contact)):
        answers.append(await client.post("/fhir", content=raw, headers=JSON))
        await settled(client)
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    shown = [answer.text for answer in answers] + await everything_shown(client)
    assert re.search(rf"DELETE.*{IDENTITY}", received(simulator))
    assert "HTTP Request: DELETE" in logs.getvalue()
    assert not [text for text in shown if LEAKS.search(text)]
    assert not LEAKS.search(logs.getvalue())


@pytest.mark.parametrize(
    "fault",
    [
        "reject",
        "timeout-after-effect",
        "500",
        "malformed-garbage",
        "reset-after-effect",
        "error-body-200",
    ],
)
async def test_a_register_that_fails_makes_nobody_talk(
    client: httpx.AsyncClient, logs: io.StringIO, simulator: str, fault: str
) -> None:
    tell(
        simulator, "faults", {"register": "gvr", "kind": fault, "count": 1, "text": f"Fel patient {IDENTITY}"}
    )
    answer = await client.post("/fhir", content=sample("mottagningsbesok-lakare.json"), headers=JSON)
    await settled(client)
    shown = [answer.text, *await everything_shown(client)]
    assert not [text for text in shown if LEAKS.search(text)]
    assert not LEAKS.search(logs.getvalue())


_MOMENTS = re.compile(r"\d{4}-\d{2}-\d{2}T[0-9:.]+")
"""Times of day may hold any six digits."""


def message(name: str) -> bytes:
    """The sample as a message."""
    bundle = orjson.loads(sample(name))
    encounter = next(
        one["fullUrl"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Encounter"
    )
    header = {
        "resourceType": "MessageHeader",
        "id": "m1",
        "eventCoding": {
            "system": "https://vardbro.example/fhir/CodeSystem/meddelandetyp",
            "code": "rapportera-vardkontakt",
        },
        "source": {"endpoint": "https://ehr.example/fhir"},
        "focus": [{"reference": encounter}],
    }
    for entry in bundle["entry"]:
        entry.pop("request", None)
    entries = [{"fullUrl": "urn:uuid:6f1c2a1e-0d0b-4f5e-9a53-1d2f3a4b5c6d", "resource": header}]
    return orjson.dumps(
        {**bundle, "id": "b1", "type": "message", "timestamp": "2025-03-03T12:00:00Z"}
        | {"entry": entries + bundle["entry"]}
    )


def lines(name: str) -> bytes:
    """The resources of the sample, one a line."""
    entries = orjson.loads(sample(name))["entry"]
    numbered = [{"id": str(number), **entry["resource"]} for number, entry in enumerate(entries)]
    return b"\n".join(orjson.dumps(resource) for resource in numbered)


CONTACT = "mottagningsbesok-lakare.json"
WAYS = {
    "as XML": ("/fhir", "application/fhir+xml", lambda: to_xml(sample(CONTACT))),
    "as broken XML": ("/fhir", "application/fhir+xml", lambda: b"<Bundle><id value='191212121212'/"),
    "as XML with an odd element": (
        "/fhir",
        "application/fhir+xml",
        lambda: to_xml(sample(CONTACT)).replace(b"<status", b"<Kanariefagel191212121212/><status"),
    ),
    "as a message": ("/fhir/$process-message", JSON["content-type"], lambda: message(CONTACT)),
    "to be validated": ("/fhir/Bundle/$validate", JSON["content-type"], lambda: sample(CONTACT)),
    "to be validated, wrong": (
        "/fhir/Bundle/$validate",
        JSON["content-type"],
        lambda: changed(CONTACT, status=IDENTITY, period={"start": IDENTITY}),
    ),
    "as lines": ("/fhir/$import-ndjson", "application/fhir+ndjson", lambda: lines(CONTACT)),
    "as a broken line": (
        "/fhir/$import-ndjson",
        "application/fhir+ndjson",
        lambda: b'{"a' + IDENTITY.encode(),
    ),
    "as a code to translate": (
        "/fhir/ConceptMap/$translate",
        JSON["content-type"],
        lambda: orjson.dumps(
            {
                "resourceType": "Parameters",
                "parameter": [{"name": "code", "valueCode": IDENTITY}, {"name": IDENTITY}],
            }
        ),
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_no_way_in_leaks_anything(
    client: httpx.AsyncClient, logs: io.StringIO, way: str, tmp_path: Path
) -> None:
    path, kind, body = WAYS[way]
    for lang in ("sv", "en"):
        for accept in ("application/fhir+json", "application/fhir+xml"):
            headers = {"content-type": kind, "accept-language": lang, "accept": accept}
            answer = await client.post(path, content=body(), headers=headers)
            assert answer.status_code < 500
            await settled(client)
            for text in (answer.text, str(answer.headers), logs.getvalue(), *await everything_shown(client)):
                assert not LEAKS.search(text)
    assert not LEAKS.search(_stored(tmp_path))


async def test_what_is_kept_is_not_readable_in_the_file(client: httpx.AsyncClient, tmp_path: Path) -> None:
    for raw in (
        sample(CONTACT),
        sample("rattelse.json"),
        cancelled(CONTACT),
        b'{"n":"%b"' % IDENTITY.encode(),
    ):
        await client.post("/fhir", content=raw, headers=JSON)
        await settled(client)
    stored = _stored(tmp_path)
    assert len(stored) > 50_000
    assert not LEAKS.search(stored)


def _stored(folder: Path) -> str:
    """Every file of the ledger and beside it, with its name."""
    return "".join(
        f"{file}\n{file.read_bytes().decode('latin-1')}" for file in folder.rglob("*") if file.is_file()
    )


@pytest.mark.parametrize("member", ["client_id", "client_assertion", "scope", "grant_type", "X"])
async def test_a_request_for_a_token_is_echoed_nowhere(
    client: httpx.AsyncClient, logs: io.StringIO, member: str
) -> None:
    form = {"grant_type": "client_credentials", member: f"{IDENTITY}.{IDENTITY}.{IDENTITY}"}
    answer = await client.post("/auth/token", data=form)
    assert 400 <= answer.status_code < 500
    for text in (answer.text, str(answer.headers), logs.getvalue(), *await everything_shown(client)):
        assert not LEAKS.search(text)


def broken_bodies() -> dict[str, bytes]:
    """Bodies with the number in places where careless code would quote it."""
    good = orjson.loads(sample("mottagningsbesok-lakare.json"))
    return {
        "not json": b'{"resourceType":"Bundle","' + IDENTITY.encode(),
        "a bare number": IDENTITY.encode(),
        "invalid utf-8": b'{"resourceType":"Bundle","id":"' + IDENTITY.encode() + b'\xff"}',
        "as resource type": orjson.dumps({"resourceType": IDENTITY}),
        "as bundle type": orjson.dumps({**good, "type": IDENTITY}),
        "as element name": orjson.dumps({**good, IDENTITY: IDENTITY}),
        "as nested resource type": orjson.dumps(
            {**good, "entry": [{"resource": {"resourceType": IDENTITY}}]}
        ),
        "as everything": re.sub(
            rb'"(status|gender|birthDate|start|code|reference|method|url|system)": *"[^"]*"',
            rb'"\1": "' + IDENTITY.encode() + rb'"',
            orjson.dumps(good),
        ),
        "with a hyphen": orjson.dumps(good).replace(IDENTITY.encode(), b"19121212-1213"),
        "as a number": orjson.dumps(good).replace(b'"' + IDENTITY.encode() + b'"', IDENTITY.encode()),
        "twice as key": b'{"resourceType":"Bundle","%b":1,"%b":2}' % (IDENTITY.encode(), IDENTITY.encode()),
        "deep": b'{"a":' * 300 + IDENTITY.encode() + b"}" * 300,
    }


@pytest.mark.parametrize("kind", broken_bodies())
async def test_a_refused_body_is_echoed_nowhere(
    client: httpx.AsyncClient, logs: io.StringIO, kind: str
) -> None:
    for lang in ("sv", "en"):
        headers = {**JSON, "accept-language": lang}
        answer = await client.post("/fhir", content=broken_bodies()[kind], headers=headers)
        assert 400 <= answer.status_code < 500
        assert answer.json()["resourceType"] == "OperationOutcome"
        for text in (answer.text, logs.getvalue(), *await everything_shown(client)):
            assert not LEAKS.search(text)
            assert "121212" not in _MOMENTS.sub("", text)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", f"/fhir/Patient/{IDENTITY}", {}),
        ("GET", f"/fhir/Patient?identifier={IDENTITY}", {}),
        ("DELETE", f"/fhir/{IDENTITY}", {}),
        ("POST", f"/fhir/{IDENTITY}", JSON),
        ("GET", f"/{IDENTITY}", {}),
        ("GET", f"/api/lanes/{IDENTITY}", {}),
        ("GET", f"/api/events/{IDENTITY}", {}),
        ("GET", f"/api/lanes?state={IDENTITY}&since={IDENTITY}", {}),
        ("POST", f"/api/lanes/{IDENTITY}/retry", {"content-type": "application/json"}),
        ("POST", "/fhir", {"content-type": IDENTITY}),
        ("POST", "/fhir", {**JSON, "content-encoding": IDENTITY}),
        ("POST", "/fhir", {**JSON, "idempotency-key": f"{IDENTITY} x"}),
        ("POST", "/fhir", {**JSON, "idempotency-key": IDENTITY}),
        ("POST", "/fhir", {**JSON, "x-request-id": IDENTITY}),
        ("POST", "/fhir", {**JSON, "authorization": f"Bearer {IDENTITY}"}),
        ("POST", "/fhir", {**JSON, "accept": f"application/{IDENTITY}"}),
    ],
)
async def test_addresses_and_headers_are_echoed_nowhere(
    client: httpx.AsyncClient, logs: io.StringIO, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await client.request(method, path, headers=headers, content=b"{}" if method == "POST" else None)
    assert 400 <= answer.status_code < 500
    for text in (answer.text, str(answer.headers), logs.getvalue(), *await everything_shown(client)):
        assert not LEAKS.search(text)
