"""/api/replays on a real ledger: what is asked, what is answered, what is refused."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.api.app import create_app
from adapter.config import Config
from tests.api.conftest import ADDRESS, FakeServices
from tests.replay.conftest import UNIT, Office, contact
from tests.support.stores import store

NEW = {"kind": "remap", "reason": "table mended", "actor": "anna", "rate": 500}


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Two held contacts; the table knows the unit of the first one now."""
    made = Office(tmp_path, store("sqlite", tmp_path))
    await made.send(contact(1))
    await made.send(contact(2, unit="SE2321000016-8YYY"))
    await made.mend(f"30220315001;{UNIT};2015-01-01;")
    yield made
    await made.close()


@pytest.fixture
async def client(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    services: Any = FakeServices(Config())
    services.replays = office.desk
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        yield client


async def planned(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/api/replays", json=NEW | changes)
    assert answer.status_code == 202
    return (await client.get(f"/api/replays/{answer.json()['id']}", params={"wait": 20})).json()


async def test_a_plan_is_made_shown_run_and_shown_again(client: httpx.AsyncClient, office: Office) -> None:
    plan = await planned(client)
    assert (plan["state"], plan["total"], plan["left"], plan["totals"]["effects"]) == (
        "planned",
        2,
        1,
        {"create": 1, "left": 1},
    )
    running = (await client.post(f"/api/replays/{plan['id']}/run", json={"actor": "anna"})).json()
    assert (running["state"], running["eta"]) == ("running", 1 / 500)

    done = (await client.get(f"/api/replays/{plan['id']}", params={"wait": 20})).json()

    assert (done["state"], done["done"], done["skipped"], done["eta"]) == ("done", 1, 1, None)
    items = (await client.get(f"/api/replays/{plan['id']}/items")).json()
    assert [(one["state"], one["effect"].get("became"), one["why"]) for one in items["items"]] == [
        ("done", "waiting", None),
        ("skipped", None, "still-held"),
    ]
    assert (await client.get("/api/replays")).json()["replays"][0]["id"] == plan["id"]
    assert await office.states() == ["waiting", "held"]


async def test_items_come_in_pages(client: httpx.AsyncClient) -> None:
    plan = await planned(client)
    place = f"/api/replays/{plan['id']}/items"
    first = (await client.get(place, params={"limit": 1})).json()
    second = (await client.get(place, params={"limit": 1, "after": first["next"]})).json()
    assert [first["items"][0]["n"], second["items"][0]["n"]] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"kind": "resend"}, "kind"),
        ({"rate": 501}, "rate"),
        ({"rate": 0.5}, "rate"),
        ({"reason": "x"}, "reason"),
        ({"filter": {"state": "idle"}}, "state"),
        ({"filter": {"state": "unknown"}}, "state"),
        ({"kind": "retry", "filter": {"state": "held"}}, "state"),
        ({"filter": {"register": "nowhere"}}, "register"),
        ({"filter": {"since": "yesterday"}}, "since"),
        ({"filter": {"lane": "191212121212"}}, "lane"),
        ({"filter": {"lane": "a b"}}, "lane"),
        ({"filter": {"unit": "x" * 41}}, "unit"),
        ({"filter": {"limit": 0}}, "limit"),
        ({"filter": {"patient": "x"}}, "patient"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(
    client: httpx.AsyncClient, changes: dict[str, Any], named: str
) -> None:
    answer = await client.post("/api/replays", json=NEW | changes)
    assert answer.status_code == 422
    assert named in answer.json()["error"]["text"]
    assert "191212121212" not in answer.text


async def test_a_replay_that_is_not_there_is_404(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/replays/7")).status_code == 404
    assert (await client.get("/api/replays/7/items")).status_code == 404
    for act in ("run", "pause", "cancel"):
        assert (await client.post(f"/api/replays/{7}/{act}", json={})).status_code == 404
    assert (await client.post("/api/lanes/7/remap", json={"reason": "mended"})).status_code == 404


async def test_what_does_not_fit_the_state_is_409(client: httpx.AsyncClient) -> None:
    plan = await planned(client)
    answer = await client.post(f"/api/replays/{plan['id']}/pause", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not-possible")


async def test_one_lane_is_remapped_or_says_what_stands_in_the_way(
    client: httpx.AsyncClient, office: Office
) -> None:
    first, second = (lane["id"] for lane in await office.lanes())
    done = (await client.post(f"/api/lanes/{first}/remap", json={"reason": "mended"})).json()
    assert (done["state"], done["effect"]["effect"]) == ("waiting", "create")
    refused = await client.post(f"/api/lanes/{second}/remap", json={"reason": "mended"})
    assert refused.status_code == 409
    assert "still cannot be made" in refused.json()["error"]["text"]


async def test_no_answer_holds_anything_of_a_patient(client: httpx.AsyncClient) -> None:
    plan = await planned(client, reason="asked by 19121212-1212 herself")
    await client.post(f"/api/replays/{plan['id']}/run", json={})
    shown = [
        (await client.get(place, params={"wait": 20} if place.endswith("1") else {})).text
        for place in (f"/api/replays/{plan['id']}", "/api/replays", f"/api/replays/{plan['id']}/items")
    ]
    for text in shown:
        for hidden in ("191212121212", "19121212-1212", "121212", "Tolvan"):
            assert hidden not in text


async def test_the_routes_are_in_the_openapi_document(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    assert {
        "/api/replays",
        "/api/replays/{replay_id}",
        "/api/replays/{replay_id}/items",
        "/api/replays/{replay_id}/run",
        "/api/replays/{replay_id}/pause",
        "/api/replays/{replay_id}/cancel",
        "/api/lanes/{lane_id}/remap",
    } <= paths.keys()
