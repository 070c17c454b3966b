"""`vardbro rules`."""

import json
from pathlib import Path

import pytest

from adapter.cli.root import run
from adapter.resources import data_folder

BROKEN = """
pack: broken
register: null
edition: "1"
rules:
  - id: X-Y
    severity: error
    source: {document: PMO}
    text: {sv: "Fel.", en: "Wrong."}
"""


def test_the_list_names_editions_and_rules_with_their_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "list", "--json"]) == 0
    packs = json.loads(capsys.readouterr().out)
    rules = [rule for pack in packs for rule in pack["rules"]]
    assert {"common-identity", "common-http"} <= {pack["pack"] for pack in packs}
    assert all(rule["source"]["document"] and rule["source"]["section"] for rule in rules)


def test_the_date_picks_the_editions(capsys: pytest.CaptureFixture[str]) -> None:
    def dated(at: str) -> set[str]:
        run(["rules", "list", "--json", "--register", "gvr", "--at", at])
        return {pack["pack"] for pack in json.loads(capsys.readouterr().out) if pack["register"] == "gvr"}

    assert dated("2025-06-01") != dated("1950-01-01")


def test_a_rule_is_shown_with_its_citation_in_the_language_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["rules", "show", "id-checksum", "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert "check digit" in shown
    assert "SE-BASE" in shown


def test_an_unknown_rule_is_wrong_usage() -> None:
    assert run(["rules", "show", "NO-SUCH"]) == 2


def test_the_shipped_packs_pass_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "check"]) == 0
    assert "0 errors" in capsys.readouterr().out


def test_a_folder_with_a_rule_without_section_fails_and_names_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN, "utf-8")
    assert run(["rules", "check", str(tmp_path)]) == 1
    assert "broken.yaml:8" in capsys.readouterr().out
    assert run(["rules", "list", "--folder", str(tmp_path)]) == 2


def test_without_a_folder_the_shipped_rules_are_meant() -> None:
    assert run(["rules", "check", str(data_folder("mappings") / "rules")]) == 0


def test_the_statements_are_listed_with_what_carries_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "list", "--statements", "--json"]) == 0
    shown = {one["id"]: one for one in json.loads(capsys.readouterr().out)}
    carried, left_out = shown["PMO-90"], shown["PMO-05"]
    assert carried["source"] == {"document": "PMO", "section": "Kommentar"}
    assert "PASIS-KOMMENTAR" in carried["by"]
    assert left_out["by"] == []
    assert left_out["excluded"]


def test_the_statements_are_shown_as_tables_by_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "list", "--statements"]) == 0
    shown = capsys.readouterr().out
    assert all(document in shown for document in ("PMO", "SKR-FAQ", "HLM-REHAB", "VGG", "VGR-FLK"))
