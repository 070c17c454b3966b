"""`vardbro rules` with an overlay, and on a ledger that no service has."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.cli.root import run

Printed = Callable[..., Any]
UNIT = "SE2321000016-1HZ3"
RULE = f"""\
pack: region-gvr
edition: region-1
extends: [gvr-vardkontakt-2025]
rules:
  - id: REGION-AKUT
    severity: error
    hold: true
    source: {{document: REGION-ANVISNING, section: "Jour"}}
    when: 'has(event.enhet.vardenhet) && event.enhet.vardenhet == "{UNIT}"'
    require: 'event.kontakt.akut'
    text: {{sv: "Kontakten är inte akut.", en: "The contact is not acute."}}
    todo: {{sv: "Sätt prioritet.", en: "Set the priority."}}
"""


@pytest.fixture
def own(here: Path) -> Path:
    """An overlay with a rule of the user's own, which is not configured."""
    file = here / "own/rules/region.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(RULE, "utf-8")
    return file


@pytest.mark.usefixtures("own")
def test_the_list_tells_which_rules_are_own_and_where_they_stand(printed: Printed) -> None:
    found = printed("rules", "list", "--overlay", "own", "--register", "gvr", "--at", "2025-06-01")
    assert [(rule["rule"], rule["file"]) for pack in found for rule in pack["rules"] if rule["own"]] == [
        ("REGION-AKUT", "own/rules/region.yaml:5")
    ]


def test_an_overlay_is_checked_over_what_is_installed(own: Path, printed: Printed) -> None:
    assert printed("rules", "check", "own")["problems"] == []
    own.write_text(RULE.replace("akut'", "akutt'"), "utf-8")
    (own.parents[1] / "tables").mkdir()
    (own.parents[1] / "tables/codes-kva@1.csv").write_text("kod;from;to\nXS012;snart;\n")
    problems = printed("rules", "check", "own", code=1)["problems"]
    assert [(one["file"], one["line"]) for one in problems] == [
        ("own/rules/region.yaml", 10),
        ("own/tables/codes-kva@1.csv", 2),
    ]


@pytest.mark.usefixtures("own")
def test_a_trial_needs_no_running_service(sent: Callable[..., str], printed: Printed) -> None:
    event = sent()
    found = printed("rules", "try", "--overlay", "own", code=1)
    assert [(one["kind"], one["examples"]) for one in found["kinds"]] == [("newly-held", [event])]
    assert printed("rules", "try", "--overlay", "own", "--until", "2020-01-01")["changes"] == 0


def test_a_configured_overlay_counts_for_map_and_version(own: Path, here: Path, printed: Printed) -> None:
    before = printed("rules", "version")
    (here / "vardbro.toml").write_text('[mappings]\noverlay = "own"\n')
    after = printed("rules", "version")
    assert before["installed"] != after["installed"]
    assert (len(after["folders"]), after["in_use"]) == (2, None)


@pytest.mark.usefixtures("own")
def test_wrong_usage_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "try", "--correct", "v1"]) == 2
    assert "--reason" in capsys.readouterr().err
    assert run(["rules", "try", "--overlay", "absent"]) == 2


@pytest.mark.usefixtures("own")
def test_reload_without_a_service_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "reload"]) == 0
    assert "no service runs" in capsys.readouterr().out


def test_a_map_to_a_code_that_does_not_exist_fails_the_check(here: Path, printed: Printed) -> None:
    file = here / "own/concept-maps/lokal.json"
    file.parent.mkdir(parents=True)
    system = "https://vardbro.example/fhir/CodeSystem/vardkontakttyp"
    text = (
        '{"resourceType": "ConceptMap", "id": "lokal", "group": [{\n'
        f' "source": "http://region.example/typ", "target": "{system}",\n'
        ' "element": [{"code": "H", "target": [\n  {"code": "hembesok", "equivalence": "equal"}]}]}]}'
    )
    file.write_text(text.replace("hembesok", "hembesoket"), "utf-8")
    (problem,) = _of_the_map(printed("rules", "check", "own", code=1))
    assert (problem["file"], problem["line"]) == ("own/concept-maps/lokal.json", 4)
    assert "hembesok'?" in problem["text"]
    file.write_text(text, "utf-8")
    assert _of_the_map(printed("rules", "check", "own")) == []


def _of_the_map(found: Any) -> list[Any]:
    return [one for one in found["problems"] if one["file"].endswith("lokal.json")]
