"""What of a sender's recorded bundles nothing was made from: counted, bounded, without patient data."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from adapter.composition import Application
from adapter.config.model import Config
from adapter.mapping.context import Sender
from adapter.resources import data_folder

Json = dict[str, Any]
SECRET = "Hemligsson"


def bundle(number: int, **encounter: Any) -> bytes:
    """An ordinary visit with an identifier of its own, and more elements in its Encounter."""
    raw: Json = orjson.loads((data_folder("samples") / "mottagningsbesok-lakare.json").read_bytes())
    raw["identifier"] = {"system": "urn:test", "value": str(number)}
    for entry in raw["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            entry["resource"]["identifier"][0]["value"] = f"VK-{number}"
            entry["resource"] |= encounter
    return orjson.dumps(raw)


@pytest.fixture
async def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Application]:
    """A service with an empty ledger."""
    monkeypatch.chdir(tmp_path)
    found = Application.build(Config())
    yield found
    await found.stop()


async def submit(application: Application, *bundles: bytes, sender: str = "default") -> None:
    for raw in bundles:
        answer = await application.intake.submit(raw, sender=Sender(name=sender), key=None, lang="en")
        assert answer.status in (200, 400, 422)


async def asked(application: Application, path: str, **params: Any) -> httpx.Response:
    transport = httpx.ASGITransport(application.create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get(path, params=params, headers={"accept-language": "en"})


REASON = [{"text": SECRET}]


async def test_elements_are_counted_over_the_senders_bundles(application: Application) -> None:
    await submit(application, bundle(1, reasonCode=REASON), bundle(2, reasonCode=REASON * 2), bundle(3))
    found = (await asked(application, "/api/senders/default/unused")).json()
    assert (found["bundles"], found["not_read"], found["more"]) == (3, 0, False)
    assert found["unused"][0] == {
        "element": "Encounter.reasonCode", "bundles": 2, "places": 3, "left_out": False,
    }  # fmt: skip
    names = [one for one in found["unused"] if one["element"] == "Patient.name"]
    assert names[0]["left_out"] is True
    assert "never forwarded" in names[0]["reason"]


async def test_nothing_of_what_stands_there_is_told(application: Application) -> None:
    await submit(application, bundle(1, reasonCode=REASON))
    answer = (await asked(application, "/api/senders/default/unused")).text
    assert SECRET not in answer
    assert "Tolvansson" not in answer


async def test_another_senders_bundles_do_not_count(application: Application) -> None:
    await submit(application, bundle(1, reasonCode=REASON), sender="other")
    found = (await asked(application, "/api/senders/default/unused")).json()
    assert (found["bundles"], found["unused"]) == (0, [])


async def test_a_refused_bundle_does_not_count(application: Application) -> None:
    await submit(application, bundle(1, status="invented"))
    assert (await asked(application, "/api/senders/default/unused")).json()["bundles"] == 0


@pytest.mark.parametrize(("limit", "more"), [(1, True), (24, True), (25, False), (26, False)])
async def test_only_the_newest_are_counted_and_it_says_so(
    application: Application, limit: int, more: bool
) -> None:
    await submit(application, *(bundle(number) for number in range(24)), bundle(24, reasonCode=REASON))
    found = (await asked(application, "/api/senders/default/unused", limit=limit)).json()
    assert (found["bundles"], found["more"]) == (min(limit, 25), more)
    assert found["unused"][0]["element"] == "Encounter.reasonCode"


async def test_what_was_received_before_the_period_does_not_count(application: Application) -> None:
    await submit(application, bundle(1))
    later = f"@{time.time() + 60}"
    assert (await asked(application, "/api/senders/default/unused", since=later)).json()["bundles"] == 0
    assert (await asked(application, "/api/senders/default/unused", since="1h")).json()["bundles"] == 1


@pytest.mark.parametrize("params", [{"since": "soon"}, {"limit": 0}, {"limit": 1001}])
async def test_a_question_that_makes_no_sense_is_refused(
    application: Application, params: dict[str, Any]
) -> None:
    assert (await asked(application, "/api/senders/default/unused", **params)).status_code == 422


async def test_a_bundle_that_is_not_kept_any_longer_is_told(application: Application) -> None:
    await submit(application, bundle(1), bundle(2))
    await application.ledger.write(
        lambda tx: tx.db.execute("UPDATE receipts SET payload = NULL WHERE id = 1")
    )
    found = (await asked(application, "/api/senders/default/unused")).json()
    assert (found["bundles"], found["not_read"]) == (1, 1)
