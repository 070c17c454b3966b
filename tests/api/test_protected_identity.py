"""Patients with a protected identity: their bundles go to those with the right, and every look is told."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.composition import Application
from adapter.config import Config
from adapter.resources import data_folder

OPERATOR = {"authorization": "Bearer 0123456789abcdef"}
TRUSTED = {"authorization": "Bearer fedcba9876543210"}


@pytest.fixture
async def application(tmp_path: Path) -> AsyncIterator[Application]:
    config = Config(
        ledger={"url": f"sqlite:///{tmp_path}/ledger.db"},
        operations={"token": "0123456789abcdef", "protected_token": "fedcba9876543210"},
    )
    made = Application.build(config)
    yield made
    await made.stop()


@pytest.fixture
async def client(application: Application) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application.create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


async def sent(client: httpx.AsyncClient, sample: str = "skyddad-identitet") -> str:
    raw = (data_folder("samples") / f"{sample}.json").read_bytes()
    answer = await client.post("/fhir", content=raw, headers={"content-type": "application/fhir+json"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["entry"][0]["response"]["location"].rpartition("/")[2])


async def told(application: Application) -> list[tuple[str, Any]]:
    """The entries of the audit trail on looks."""
    rows = await application.ledger.read(
        lambda db: db.execute("SELECT kind, detail_json FROM audit ORDER BY id").fetchall()
    )
    return [(kind, detail) for kind, detail in rows if "source" in kind or "edit" in kind]


async def test_a_protected_bundle_is_refused_to_operators_and_the_look_is_told(
    client: httpx.AsyncClient, application: Application
) -> None:
    event = await sent(client)
    answer = await client.get(f"/api/events/{event}/source?actor=anna", headers=OPERATOR)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "protected-identity")
    ((kind, detail),) = await told(application)
    assert kind == "source-read-refused"
    assert '"anna"' in detail


async def test_it_is_shown_by_the_other_token_and_the_look_is_told(
    client: httpx.AsyncClient, application: Application
) -> None:
    event = await sent(client)
    answer = await client.get(f"/api/events/{event}/source?actor=bo", headers=TRUSTED)
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)
    assert [kind for kind, _ in await told(application)] == ["source-read"]


async def test_the_other_token_opens_the_rest_too(client: httpx.AsyncClient) -> None:
    event = await sent(client, "mottagningsbesok-lakare")
    for headers in (OPERATOR, TRUSTED):
        assert (await client.get(f"/api/events/{event}/source", headers=headers)).status_code == 200
    assert (await client.get(f"/api/events/{event}/source")).status_code == 401


async def test_neither_a_trial_nor_the_difference_of_an_edit_shows_a_protected_bundle(
    client: httpx.AsyncClient,
) -> None:
    event = await sent(client)
    source = (await client.get(f"/api/events/{event}/source", headers=TRUSTED)).json()
    source["bundle"]["entry"][0]["resource"].setdefault("language", "sv")
    edit = {"based_on": 1, "bundle": source["bundle"], "actor": "anna", "reason": "wrong code"}
    tried = await client.post(f"/api/events/{event}/edits", headers=OPERATOR, json={**edit, "dry_run": True})
    assert tried.status_code == 403
    made = await client.post(f"/api/events/{event}/edits", headers=OPERATOR, json=edit)
    assert made.status_code == 201, made.text
    number = made.json()["id"]
    assert (await client.get(f"/api/edits/{number}", headers=OPERATOR)).status_code == 403
    assert (await client.get(f"/api/edits/{number}", headers=TRUSTED)).status_code == 200


async def test_a_cancellation_that_does_not_say_so_leaves_it_protected(client: httpx.AsyncClient) -> None:
    event = await sent(client)
    source = (await client.get(f"/api/events/{event}/source", headers=TRUSTED)).json()["bundle"]
    encounter = next(one for one in source["entry"] if one["resource"]["resourceType"] == "Encounter")
    identifier = encounter["resource"]["identifier"][0]
    delete = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "request": {
                    "method": "DELETE",
                    "url": f"Encounter?identifier={identifier['system']}|{identifier['value']}",
                }
            }
        ],
    }
    answer = await client.post("/fhir", json=delete, headers={"content-type": "application/fhir+json"})
    assert answer.status_code == 200, answer.text
    refused = await client.get(f"/api/events/{event}/source", headers=OPERATOR)
    assert refused.status_code == 403
