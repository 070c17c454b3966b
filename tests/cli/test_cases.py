"""`vardbro rules cases`."""

import json
from pathlib import Path

import pytest

from adapter.cli.root import run

SHIPPED = Path(__file__).parents[1] / "cases"
MAP = """
{"resourceType": "ConceptMap", "id": "lokala-kontakttyper", "status": "active", "group": [{
  "source": "https://journal.example/kontakttyp",
  "target": "https://vardbro.example/fhir/CodeSystem/vardkontakttyp",
  "element": [{"code": "TEL", "target": [{"code": "telefonsamtal", "equivalence": "equivalent"}]}]}]}
"""
LOCAL = """
cases:
  - name: our code for a call
    contact: {class: VR, type: ["https://journal.example/kontakttyp|TEL"]}
    expect: {pasis: {messages: [{vardkontakt: Telefonsamtal}]}}
"""


def test_cases_that_come_out_as_expected_are_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "cases", str(SHIPPED / "pasis" / "uppgifter.yaml")]) == 0
    assert "0 come out otherwise" in capsys.readouterr().out


def test_a_case_that_comes_out_otherwise_says_in_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(
        "cases: [{name: a visit, expect: {pasis: {messages: [{vardkontakt: Hembesök}]}}}]", "utf-8"
    )
    assert run(["rules", "cases", str(file), "--json"]) == 1
    (case,) = json.loads(capsys.readouterr().out)
    assert case["complaints"] == ["pasis: 0 messages, not 1"]


def test_a_local_code_counts_with_the_overlay_that_maps_it(tmp_path: Path) -> None:
    maps = tmp_path / "overlay" / "concept-maps"
    maps.mkdir(parents=True)
    (maps / "lokala-kontakttyper.json").write_text(MAP, "utf-8")
    file = tmp_path / "cases.yaml"
    file.write_text(LOCAL, "utf-8")
    assert run(["rules", "cases", str(file)]) == 1
    assert run(["rules", "cases", str(file), "--overlay", str(tmp_path / "overlay")]) == 0


@pytest.mark.parametrize(
    "text",
    [
        "cases: [{name: x, expects: {}}]",
        "cases: [{name: x, contact: {klass: AMB}}]",
        "cases: [{name: x, settings: {gvr: {nonsense: 1}}}]",
        "cases: [{name: x, bundle: gone.json}]",
        "cases: [{name: x, also: [{id: boende}]}]",
        "cases: [{name: x, also: [{resourceType: Location}]}]",
        "cases: [",
    ],
)
def test_a_file_that_is_none_is_wrong_usage(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(text, "utf-8")
    assert run(["rules", "cases", str(file)]) == 2
    assert "cases.yaml" in capsys.readouterr().err
