"""`vardbro map` and `vardbro validate`: offline, one line per file."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from adapter.cli.root import run
from adapter.resources import data_folder

SAMPLES = data_folder("samples")
VISIT = str(SAMPLES / "mottagningsbesok-lakare.json")
WRONG = str(SAMPLES / "fel-kontrollsiffra.json")
CALL = str(SAMPLES / "telefonsamtal.json")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def documents(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    assert run([*arguments]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_file_gives_one_line_in_the_order_given(capsys: pytest.CaptureFixture[str]) -> None:
    found = documents(capsys, "map", VISIT, CALL)
    assert [one["source"] for one in found] == ["mottagningsbesok-lakare.json", "telefonsamtal.json"]
    assert set(found[0]) == {"source", "messages", "findings", "not_reported"}


def test_a_visit_gives_its_message_and_a_call_the_rule_that_keeps_it_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    visit, call = documents(capsys, "map", VISIT, CALL, "--register", "gvr")
    (message,) = visit["messages"]
    assert (message["register"], message["service"], message["operation"]) == ("gvr", "vardkontakt", "create")
    assert message["body"]["handelseId"] == message["event"]
    assert call["messages"] == []
    assert call["not_reported"][0]["register"] == "gvr"


def test_an_error_gives_1_and_names_rule_place_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    (document,) = documents(capsys, "map", WRONG, "--lang", "en", "--register", "gvr", code=1)
    (finding,) = [one for one in document["findings"] if one["rule"] == "ID-CHECKSUM"]
    assert finding["severity"] == "error"
    assert "check digit" in finding["text"]
    assert finding["expression"][0].startswith("Bundle.entry[")
    assert finding["source"]["section"]


def test_the_trace_is_added_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    (document,) = documents(capsys, "map", VISIT, "--trace")
    lines = {line["field"]: line for line in document["trace"]}
    assert lines["diagnoser[0].kod"]["value"] == "J189"
    assert lines["diagnoser[0].kod"]["from"][0].startswith("Bundle.entry[")


def test_the_date_picks_the_edition(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(SAMPLES / "video-ersatter-ej-besok.json")
    (now,) = documents(capsys, "map", file)
    assert run(["map", file, "--at", "1950-01-01"]) in (0, 1)
    then = json.loads(capsys.readouterr().out)
    assert now["not_reported"] != then["not_reported"] or now["findings"] != then["findings"]


def test_a_bundle_can_come_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = (SAMPLES / "mottagningsbesok-lakare.json").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    (document,) = documents(capsys, "map", "-")
    assert document["messages"]


def test_xml_is_one_document_with_the_events_of_all_files(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["map", VISIT, CALL, "--format", "xml"]) == 0
    root = etree.fromstring(capsysbinary.readouterr().out)
    assert root.tag == "ERSMOIndata"
    assert len(root) == 1


def test_what_the_document_has_no_form_for_is_left_out_and_told(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    coordination = str(SAMPLES / "rehabkoordinering.json")
    assert run(["map", VISIT, coordination, "--format", "xml"]) == 1
    printed = capsysbinary.readouterr()
    assert len(etree.fromstring(printed.out)) == 1
    said = "utelämnas: GVR:s händelsedokument har ingen form för en koordineringsinsats"
    assert said in printed.err.decode()
    assert b"191212121212" not in printed.err


def test_what_is_left_out_is_told_in_the_language_that_is_asked_for(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert run(["map", str(SAMPLES / "rehabkoordinering.json"), "--format", "xml", "--lang", "en"]) == 1
    err = capsysbinary.readouterr().err
    assert b"left out: GVR's event document has no form for a koordineringsinsats" in err


def test_a_stay_is_one_event_of_the_document(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["map", str(SAMPLES / "slutenvard-avslutad.json"), "--format", "xml"]) == 0
    (handelse,) = etree.fromstring(capsysbinary.readouterr().out)
    assert (handelse.get("Startdatum"), handelse.get("Slutdatum")) == ("2025-03-03", "2025-03-07")


@pytest.mark.parametrize(
    "arguments",
    [
        ["map", "none.json"],
        ["map", "."],
        ["map", VISIT, "--register", "nhs"],
        ["map", VISIT, "--at", "soon"],
        ["map", VISIT, "--format", "csv"],
        ["map", VISIT, "--lang", "de"],
        ["validate", "none.json"],
    ],
)
def test_wrong_usage_is_2_and_prints_nothing(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[]", b"null", b'{"resourceType":"Patient"}'])
def test_what_is_no_bundle_is_a_finding_not_a_crash(
    raw: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.json").write_bytes(raw)
    (document,) = documents(capsys, "map", "odd.json", code=1)
    assert document["messages"] == []


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[]", b"null", b'{"resourceType":"Katalog"}'])
def test_what_is_no_resource_is_an_error_of_validate(
    raw: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.json").write_bytes(raw)
    (outcome,) = documents(capsys, "validate", "odd.json", code=1)
    assert outcome["issue"][0]["severity"] == "error"


def test_validate_gives_an_outcome_per_file_and_1_for_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    well, wrong = documents(capsys, "validate", VISIT, WRONG, code=1)
    assert well["resourceType"] == "OperationOutcome"
    assert not [issue for issue in well["issue"] if issue["severity"] == "error"]
    assert [issue for issue in wrong["issue"] if issue["severity"] == "error"]
    documents(capsys, "validate", VISIT, code=0)


def test_validate_judges_a_resource_that_stands_alone_by_its_own_structure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = {"resourceType": "Encounter", "status": "completed", "class": {"code": "AMB"}}
    (tmp_path / "alone.json").write_text(json.dumps(alone))
    (outcome,) = documents(capsys, "validate", "alone.json", code=1)
    assert [issue["expression"] for issue in outcome["issue"]] == [["Encounter.status"]]
    (tmp_path / "alone.json").write_text(json.dumps(alone | {"status": "finished"}))
    documents(capsys, "validate", "alone.json", code=0)
