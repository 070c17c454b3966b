"""The vendor's guide does what it says: its bundle, its commands, its answers."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from adapter.cli.root import run
from adapter.resources import data_folder
from adapter.rules import load_packs

GUIDE = Path(__file__).parents[1] / "docs" / "how-to" / "vendors-guide.md"
TEXT = GUIDE.read_text("utf-8")
BUNDLE: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", TEXT, flags=re.DOTALL)[0])


def mapped(bundle: dict[str, Any], folder: Path, capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (folder / "visit.json").write_text(json.dumps(bundle), "utf-8")
    run(["map", "--lang", "en", "--register", "gvr", "--trace", str(folder / "visit.json")])
    document: dict[str, Any] = json.loads(capfd.readouterr().out)
    return document


def test_the_bundle_becomes_a_message_without_a_warning(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    document = mapped(BUNDLE, tmp_path, capfd)
    (message,) = document["messages"]
    assert message["body"]["diagnoser"] == [{"kod": "J189", "ordning": 1}]
    assert [one for one in document["findings"] if one["severity"] != "information"] == []


def test_the_trace_says_what_the_guide_shows(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines = mapped(BUNDLE, tmp_path, capfd)["trace"]
    (line,) = [one for one in lines if one["field"] == "diagnoser[0].kod"]
    assert (line["value"], line["from"][0]) == ("J189", "Bundle.entry[3].resource.code.coding[0].code")


def test_without_the_diagnosis_the_finding_is_the_one_that_the_guide_names(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bundle = json.loads(json.dumps(BUNDLE))
    del bundle["entry"][4]["resource"]["diagnosis"]
    document = mapped(bundle, tmp_path, capfd)
    errors = [one for one in document["findings"] if one["severity"] == "error"]
    assert document["messages"] == []
    assert [(one["rule"], one["expression"][0]) for one in errors] == [
        ("GVR-DIAGNOS-LAKARE", "Bundle.entry[4].resource.diagnosis")
    ]


def test_the_findings_that_the_guide_names_exist() -> None:
    catalogue = load_packs(data_folder("mappings") / "rules").catalogue
    named = set(re.findall(r"`((?:CODE|GVR|KT|CONTACT)-[A-Z0-9-]+)`", TEXT))
    assert named
    assert named <= catalogue.keys()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", TEXT))))
def test_every_link_of_the_guide_leads_somewhere(link: str) -> None:
    assert link.startswith("https://") or (GUIDE.parent / link).exists()
