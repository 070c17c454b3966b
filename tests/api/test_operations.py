"""The operations API: filters, actions, and who may."""

from typing import Any

import httpx
import pytest

from adapter.api.filters import lane_filter, moment
from adapter.api.guard import OperationsGuard
from adapter.config import Config
from adapter.errors import LedgerBusy, LedgerError, LedgerUnavailable
from adapter.ledger.audit import Verdict
from adapter.ledger.model import LaneState
from adapter.ledger.protocol import LaneFilter

NOW = 1_000_000.0


async def test_the_summary_is_the_ledgers(client: httpx.AsyncClient, services: Any) -> None:
    services.ledger.answers["summary"] = {"lanes": {"idle": 1}, "messages": {}, "registers": {}}
    assert (await client.get("/api/summary")).json()["lanes"] == {"idle": 1}


async def test_filters_reach_the_ledger(client: httpx.AsyncClient, services: Any) -> None:
    services.ledger.answers["lanes"] = {"lanes": [], "next": None}
    query = "state=parked&register=gvr&lane=abc&since=1970-01-02T00:00:00Z&limit=5&after=7"
    assert (await client.get(f"/api/lanes?{query}")).json() == {"lanes": [], "next": None}
    expected = LaneFilter(state="parked", register="gvr", lane="abc", since=86400.0, limit=5, after=7)
    assert services.ledger.calls == [("lanes", expected)]


@pytest.mark.parametrize(
    "query", ["state=lost", "register=nhs", "limit=0", "limit=100000", "since=yesterday", "after=x"]
)
async def test_a_wrong_filter_is_refused_and_not_echoed(client: httpx.AsyncClient, query: str) -> None:
    response = await client.get(f"/api/lanes?{query}")
    assert response.status_code == 422
    assert query.partition("=")[0] in response.text
    assert "yesterday" not in response.text
    assert "nhs" not in response.text


async def test_message_states_are_not_lane_states(client: httpx.AsyncClient, services: Any) -> None:
    services.ledger.answers["messages"] = {"messages": [], "next": None}
    assert (await client.get("/api/messages?state=superseded")).status_code == 200
    assert (await client.get("/api/lanes?state=superseded")).status_code == 422


@pytest.mark.parametrize("path", ["/api/lanes/7", "/api/events/e-1"])
async def test_what_is_not_there_is_404(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_actions_carry_lane_actor_and_reason(client: httpx.AsyncClient, services: Any) -> None:
    states = dict.fromkeys(("retry", "discard", "settle_unknown"), LaneState.WAITING)
    services.ledger.answers |= {"lane": {"id": 7}, **states}
    why = {"reason": "agreed with the unit", "actor": "anna"}
    answers = [
        await client.post("/api/lanes/7/retry", json={}),
        await client.post("/api/lanes/7/discard", json=why),
        await client.post("/api/lanes/7/settle", json={**why, "outcome": "not-accepted"}),
    ]
    assert [answer.json() for answer in answers] == [{"state": "waiting"}] * 3
    assert [call for call in services.ledger.calls if call[0] != "lane"] == [
        ("retry", 7, "operator"),
        ("discard", 7, "agreed with the unit", "anna"),
        ("settle_unknown", 7, "not-accepted", "agreed with the unit", "anna"),
    ]


async def test_an_action_on_a_lane_that_is_not_there_is_404(client: httpx.AsyncClient, services: Any) -> None:
    assert (await client.post("/api/lanes/7/retry", json={})).status_code == 404
    assert services.ledger.calls == [("lane", 7)]


async def test_a_register_is_paused_for_a_reason_and_resumed(
    client: httpx.AsyncClient, services: Any
) -> None:
    paused = await client.post("/api/registers/gvr/pause", json={"reason": "moving house", "actor": "anna"})
    resumed = await client.post("/api/registers/gvr/resume", json={})
    assert (paused.status_code, resumed.status_code) == (204, 204)
    assert services.ledger.calls == [("pause", "gvr", "moving house", "anna"), ("resume", "gvr", "operator")]


async def test_the_audit_trail_can_be_checked(client: httpx.AsyncClient, services: Any) -> None:
    services.ledger.answers["audit_verify"] = Verdict(3, 2, "ab")
    assert (await client.get("/api/audit")).json() == {"entries": 3, "broken_at": 2, "head": "ab"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/lanes/7/discard", {}),
        ("/api/lanes/7/discard", {"reason": ""}),
        ("/api/lanes/7/settle", {"reason": "looked it up"}),
        ("/api/lanes/7/settle", {"reason": "looked it up", "outcome": "maybe"}),
        ("/api/registers/nhs/pause", {}),
    ],
)
async def test_an_action_without_what_it_needs_is_refused(
    client: httpx.AsyncClient, services: Any, path: str, body: dict[str, str]
) -> None:
    assert (await client.post(path, json=body)).status_code == 422
    assert services.ledger.calls == []


@pytest.mark.parametrize(
    ("error", "status"), [(LedgerBusy("x"), 429), (LedgerUnavailable("x"), 503), (LedgerError("x"), 409)]
)
async def test_what_the_ledger_refuses_has_its_status_and_code(
    client: httpx.AsyncClient, services: Any, error: LedgerError, status: int
) -> None:
    services.ledger.answers |= {"lane": {"id": 7}, "retry": error}
    response = await client.post("/api/lanes/7/retry", json={})
    assert response.status_code == status
    assert response.json()["error"]["code"] == error.code


async def test_a_page_of_another_name_cannot_read_the_api(client: httpx.AsyncClient) -> None:
    for name in ("evil.example", "evil.example:8080", "10.0.0.1:8080", ""):
        assert (await client.get("/api/summary", headers={"host": name})).status_code == 403
        assert (await client.get("/metrics", headers={"host": name})).status_code == 403


@pytest.mark.parametrize("name", ["localhost", "localhost:8080", "127.0.0.1", "[::1]:8080", "[::1]"])
async def test_loopback_names_are_served(client: httpx.AsyncClient, services: Any, name: str) -> None:
    services.ledger.answers["summary"] = {"lanes": {}, "messages": {}, "registers": {}}
    assert (await client.get("/api/summary", headers={"host": name})).status_code == 200


class TestWithToken:
    @pytest.fixture
    def config(self) -> Config:
        return Config(operations={"token": "0123456789abcdef"})

    async def test_the_token_is_needed_whatever_the_name(
        self, client: httpx.AsyncClient, services: Any
    ) -> None:
        services.ledger.answers["summary"] = {"lanes": {}, "messages": {}, "registers": {}}
        for path in ("/api/summary", "/metrics"):
            assert (await client.get(path)).status_code == 401
            wrong = {"authorization": "Bearer 0123456789abcdex"}
            assert (await client.get(path, headers=wrong)).status_code == 401
            right = {"authorization": "Bearer 0123456789abcdef", "host": "vardbro.example"}
            assert (await client.get(path, headers=right)).status_code == 200

    async def test_health_needs_none(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/health/live")).status_code == 200


def test_a_guard_is_made_without_secrets_in_its_representation() -> None:
    assert "0123456789abcdef" not in repr(vars(OperationsGuard(b"0123456789abcdef")))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2h", NOW - 7200), ("1970-01-01T00:10:00+00:00", 600.0), ("2026-01-01", 1767222000.0)],
)
def test_since_is_a_moment_or_a_duration_ago(text: str, seconds: float) -> None:
    assert moment(text, NOW) == seconds


def test_no_filter_is_any() -> None:
    assert lane_filter(LaneState, now=NOW) == LaneFilter()


@pytest.mark.parametrize("written", ["19440807-9475", "194408079475", "440807-9475"])
async def test_an_identity_number_in_an_operators_words_is_masked(
    client: httpx.AsyncClient, services: Any, written: str
) -> None:
    services.ledger.answers["lane"] = {"id": 1}
    services.ledger.answers["discard"] = "idle"
    words = {"reason": f"fel patient {written}", "actor": f"Eva {written}"}
    await client.post("/api/lanes/1/discard", json=words)
    assert written not in str(services.ledger.calls)
    assert "fel patient ***" in str(services.ledger.calls)
