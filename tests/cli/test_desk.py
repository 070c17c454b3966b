"""The desk: to the service that holds the ledger, or to the application in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.cli.desk import Refusal, WrongRequest, desk
from adapter.cli.root import run
from adapter.config import Config, load_config
from adapter.demo.children import child
from adapter.errors import ConfigurationError, LedgerUnavailable
from adapter.ledger.sqlite import SqliteLedger
from adapter.ledger.sqlite.file import holder

LEDGER = Path("vardbro.db")


def test_without_a_service_the_application_answers_here(here: Path) -> None:
    with desk(Config(), make=True) as through:
        assert through.get("/api/lanes", state="parked", register=None) == {"lanes": [], "next": None}
        assert through.post("/api/registers/gvr/pause", {"reason": "moving", "actor": None}) is None
        assert through.get("/api/summary")["registers"]["gvr"]["paused"] == "operator"
        assert holder(LEDGER) is not None
    assert holder(LEDGER) is None


def test_what_is_due_waits_for_a_service(sent: Callable[..., str]) -> None:
    sent()
    with desk(Config()) as through:
        (message,) = through.get("/api/messages")["messages"]
    assert (message["state"], message["attempts"]) == ("waiting", 0)


def test_a_refusal_carries_what_the_api_says_and_the_ledger_is_let_go(here: Path) -> None:
    with pytest.raises(Refusal) as refused, desk(Config(), make=True) as through:
        through.get("/api/lanes/7")
    assert (refused.value.status, str(refused.value)) == (404, "there is no such lane")
    assert holder(LEDGER) is None


def test_a_wrong_request_is_wrong_usage(here: Path) -> None:
    with pytest.raises(WrongRequest) as refused, desk(Config(), make=True) as through:
        through.post("/api/lanes/1/discard", {})
    assert (refused.value.status, str(refused.value)) == (422, "wrong or missing: reason")
    assert isinstance(refused.value, ConfigurationError)


def test_a_ledger_is_made_only_where_that_is_asked_for(here: Path) -> None:
    with pytest.raises(LedgerUnavailable), desk(Config()):
        pass
    assert not LEDGER.exists()


def test_a_token_of_its_own_opens_what_needs_one(sent: Callable[..., str]) -> None:
    event = sent()
    for config in (Config(), Config(operations={"token": "0123456789abcdef"})):
        with desk(config) as through:
            assert through.get(f"/api/events/{event}/source")["revision"] == 1


@pytest.mark.parametrize(("lang", "word"), [("sv", "ändrat"), ("en", "edited")])
def test_texts_come_in_the_language_that_is_asked_for(sent: Callable[..., str], lang: str, word: str) -> None:
    event = sent()
    with desk(Config(), lang=lang) as through:
        bundle = through.get(f"/api/events/{event}/source")["bundle"]
        with pytest.raises(WrongRequest) as refused:
            through.post(f"/api/events/{event}/edits", {"bundle": bundle, "based_on": 1, "reason": "none"})
    assert word in refused.value.document["findings"][0]["details"]["text"]


def test_a_holder_that_answers_no_http_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = SqliteLedger.open(LEDGER, reserve=0)
    assert run(["lane", "retry", "1"]) == 1
    assert "without answering HTTP" in capsys.readouterr().err
    ledger.announce("http://127.0.0.1:9")
    assert run(["lane", "retry", "1"]) == 1
    assert "does not answer" in capsys.readouterr().err
    ledger._close()


def test_a_running_service_is_asked_with_its_token(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("vardbro.toml").write_text(
        '[http]\nport = 0\n[operations]\ntoken = "0123456789abcdef"\n[registers.gvr]\nenabled = false\n'
    )
    with child("serve", ["serve"], here):
        assert run(["register", "pause", "gvr", "--reason", "moving house", "--actor", "anna"]) == 0
        with desk(load_config()) as through:
            assert through.get("/api/summary")["registers"]["gvr"]["paused"] == "operator"
            with pytest.raises(Refusal):
                through.get("/api/edits/1")
        assert run(["register", "show"]) == 0
        assert "operator" in capsys.readouterr().out
        monkeypatch.setenv("VARDBRO_OPERATIONS__TOKEN", "wrong-wrong-wrong")
        assert run(["register", "resume", "gvr"]) == 2
        assert "token" in capsys.readouterr().err
