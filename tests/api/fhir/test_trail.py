"""AuditEvent and Provenance: a sender's own, without patient data, valid R4."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle

from adapter.composition import Application
from adapter.config import load_config
from adapter.fhir.read import validate
from adapter.simulator.server import running
from tests.api.conftest import shipped_catalogue
from tests.api.fhir.conftest import rules
from tests.support.stores import STORES, new_database
from tests.test_intake import resource, sample

TOKENS = {"acme": "0123456789abcdef", "beta": "fedcba9876543210"}
SETTINGS = """
[registers.gvr]
enabled = true
url = "{register}/gvr"
[senders.acme]
token = "0123456789abcdef"
scopes = ["system/Encounter.cruds", "system/AuditEvent.rs", "system/Provenance.rs"]
[senders.beta]
token = "fedcba9876543210"
scopes = ["system/*.cruds"]
[senders.gamma]
token = "00112233445566778899"
"""


@pytest.fixture
def register() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture(params=STORES)
async def application(
    request: pytest.FixtureRequest, tmp_path: Path, register: str
) -> AsyncIterator[Application]:
    url = f"sqlite:///{tmp_path / 'ledger.db'}" if request.param == "sqlite" else new_database()
    file = tmp_path / "vardbro.toml"
    file.write_text(f'[ledger]\nurl = "{url}"\n' + SETTINGS.format(register=register))
    made = Application.build(load_config(file))
    await made.start()
    yield made
    await made.stop()


async def ask(face: httpx.AsyncClient, path: str, sender: str = "acme", **params: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {TOKENS[sender]}"}
    return await face.get(f"/fhir/{path}", params=params or None, headers=headers)


async def send(face: httpx.AsyncClient, name: str, sender: str = "acme") -> str:
    """Send a contact; its event."""
    bundle = sample("mottagningsbesok-lakare")
    del bundle["identifier"]
    resource(bundle, "Encounter")["identifier"][0]["value"] = name
    headers = {"authorization": f"Bearer {TOKENS[sender]}"}
    answer = await face.post("/fhir", content=orjson.dumps(bundle), headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["entry"][0]["response"]["location"].rpartition("/")[2])


async def forwarded(face: httpx.AsyncClient, event: str, sender: str = "acme") -> None:
    """Wait until the event has been accepted."""
    for _ in range(200):
        found = (await ask(face, "Provenance", sender, target=event)).json().get("entry", ())
        if [e["resource"]["activity"]["coding"][0]["code"] for e in found] == ["accepted"]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never accepted")


def found(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    Bundle.model_validate(answer.json())
    wrong = [f for f in validate(answer.content, shipped_catalogue()) if f.severity == "error"]
    assert wrong == []
    return [e["resource"] for e in answer.json().get("entry", ())]


async def test_each_forwarded_message_has_one_provenance(face: httpx.AsyncClient) -> None:
    event = await send(face, "a-1")
    await forwarded(face, event)
    (one,) = found(await ask(face, "Provenance"))
    assert one["target"][0]["reference"].endswith(f"/api/events/{event}")
    assert one["policy"][0].rpartition("/")[2].startswith("gvr-vardkontakt")
    assert one["entity"][0]["role"] == "source"
    assert one["agent"][0]["who"]["display"] == "vardbro"
    assert (await ask(face, f"Provenance/{one['id']}")).json() | {"meta": 0, "recorded": 0} == one | {
        "meta": 0,
        "recorded": 0,
    }


async def test_the_trail_tells_what_was_done(face: httpx.AsyncClient) -> None:
    event = await send(face, "a-1")
    await forwarded(face, event)
    whole = found(await ask(face, "AuditEvent"))
    kinds = [one["subtype"][0]["code"] for one in whole]
    assert {"received", "arrived", "attempted", "settled"} <= set(kinds)
    of_event = found(await ask(face, "AuditEvent", entity=event))
    assert {"arrived", "attempted"} <= {one["subtype"][0]["code"] for one in of_event}
    assert (await ask(face, f"AuditEvent/{whole[0]['id']}")).json() == whole[0]


async def test_a_sender_sees_its_own_and_no_others(face: httpx.AsyncClient) -> None:
    event = await send(face, "a-1")
    await forwarded(face, event)
    (audit, *_), (made,) = found(await ask(face, "AuditEvent")), found(await ask(face, "Provenance"))
    assert found(await ask(face, "AuditEvent", "beta")) == []
    assert found(await ask(face, "Provenance", "beta")) == []
    for path in (f"AuditEvent/{audit['id']}", f"Provenance/{made['id']}"):
        assert (await ask(face, path, "beta")).status_code == 404
    assert found(await ask(face, "Provenance", "beta", target=event)) == []
    assert found(await ask(face, "AuditEvent", "beta", entity=event)) == []


async def test_who_has_not_the_right_sees_nothing(face: httpx.AsyncClient) -> None:
    headers = {"authorization": "Bearer 00112233445566778899"}
    for path in ("AuditEvent", "Provenance", "AuditEvent/post-1", "Provenance/meddelande-1"):
        answer = await face.get(f"/fhir/{path}", headers=headers)
        assert (answer.status_code, rules(answer)) == (403, ["HTTP-SCOPE"])


async def test_no_patient_data_is_in_them(face: httpx.AsyncClient) -> None:
    await forwarded(face, await send(face, "a-1"))
    patient = resource(sample("mottagningsbesok-lakare"), "Patient")
    texts = (await ask(face, "AuditEvent")).text + (await ask(face, "Provenance")).text
    assert patient["identifier"][0]["value"] not in texts
    assert patient["name"][0]["family"] not in texts


async def test_pages_lead_to_each_other_and_hold_everything_once(face: httpx.AsyncClient) -> None:
    for number in range(3):
        await forwarded(face, await send(face, f"a-{number}"))
    for kind in ("AuditEvent", "Provenance"):
        whole = {one["id"] for one in found(await ask(face, kind))}
        seen: list[str] = []
        answer = await ask(face, kind, _count="2")
        while True:
            page = found(answer)
            assert len(page) <= 2
            seen += [one["id"] for one in page]
            links = {link["relation"]: link["url"] for link in answer.json()["link"]}
            if "next" not in links:
                break
            answer = await ask(face, f"{kind}?{httpx.URL(links['next']).query.decode()}")
        assert sorted(seen) == sorted(whole)


DATES = (
    (["ge2020-01-01"], True),
    (["gt2020-01-01T10:00:00Z", "lt2100-01-01"], True),
    (["2020-01-01"], False),
    (["le2020-01-01T10:00:00.5+01:00"], False),
    (["ge2100-01-01"], False),
    (["ge9999-12-31"], False),
    (["ne2020"], True),
    (["ge2020-02", "ne2020-03-01T10:15", "lt2100"], True),
    (["2020,ge2021-01-01T00:00:00"], True),
    (["2020,2021-02"], False),
)


async def test_they_are_found_by_time(face: httpx.AsyncClient) -> None:
    await forwarded(face, await send(face, "a-1"))
    headers = {"authorization": f"Bearer {TOKENS['acme']}"}
    for path in ("AuditEvent?date", "AuditEvent?_lastUpdated", "Provenance?recorded"):
        kind, _, name = path.partition("?")
        for dates, is_found in DATES:
            answer = await face.get(f"/fhir/{kind}", params=[(name, one) for one in dates], headers=headers)
            assert bool(found(answer)) is is_found, (path, dates)


SENSELESS = (
    "_lastUpdated=x",
    "_lastUpdated=ap2020-01-01",
    "_lastUpdated:exact=2020",
    "_id=x&_id=y",
    "_lastUpdated=2020-13-01",
    "_count=-1",
    "_after=x",
    "_after=1&_after=2",
)


async def test_a_question_that_makes_no_sense_is_refused(face: httpx.AsyncClient) -> None:
    for kind in ("AuditEvent", "Provenance"):
        for query in SENSELESS:
            answer = await ask(face, f"{kind}?{query}")
            assert (answer.status_code, rules(answer)) == (400, ["HTTP-PARAMETER"]), query


async def test_what_is_not_known_is_ignored_or_refused_as_is_wanted(face: httpx.AsyncClient) -> None:
    answer = await ask(face, "Provenance", horse="x")
    assert rules(answer.json()["entry"][0]["resource"]) == ["FHIR-SEARCH-IGNORED"]
    headers = {"authorization": f"Bearer {TOKENS['acme']}", "prefer": "handling=strict"}
    assert (await face.get("/fhir/Provenance?horse=x", headers=headers)).status_code == 400


async def test_what_is_not_there_is_not_found(face: httpx.AsyncClient) -> None:
    for number in ("post-x", "x", "post-99999999999999999999", "post-99999", "meddelande-0"):
        for kind in ("AuditEvent", "Provenance"):
            assert (await ask(face, f"{kind}/{number}")).status_code == 404


async def test_one_is_found_by_its_id(face: httpx.AsyncClient) -> None:
    event = await send(face, "a-1")
    await forwarded(face, event)
    for kind, reference in (("AuditEvent", "entity"), ("Provenance", "target")):
        whole = found(await ask(face, kind))
        number = whole[-1]["id"]
        assert [one["id"] for one in found(await ask(face, kind, _id=number))] == [number]
        assert len(found(await ask(face, kind, _id=",".join(one["id"] for one in whole)))) == len(whole)
        assert found(await ask(face, kind, "beta", _id=number)) == []
        assert found(await ask(face, kind, _id=number, _lastUpdated="lt2020")) == []
        assert found(await ask(face, kind, **{"_id": number, reference: "x"})) == []
        assert found(await ask(face, kind, _id="x")) == []


async def test_they_are_counted_where_no_page_is_wanted(face: httpx.AsyncClient) -> None:
    event = await send(face, "a-1")
    await forwarded(face, event)
    for kind, reference in (("AuditEvent", "entity"), ("Provenance", "target")):
        for asked in ({}, {reference: event}, {"_lastUpdated": "lt2020"}):
            there = len(found(await ask(face, kind, **asked)))
            for wish in ({"_summary": "count"}, {"_count": "0"}):
                answer = await ask(face, kind, **asked, **wish)
                assert (found(answer), answer.json()["total"]) == ([], there)
        assert "total" not in (await ask(face, kind, _summary="false")).json()
