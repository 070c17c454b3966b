"""The numbers of a vendor report over a folder that was counted by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapter.config.model import Config
from adapter.conformance.vendor.document import document, point
from adapter.conformance.vendor.fitness import told_of_contacts
from adapter.conformance.vendor.survey import Survey
from adapter.conformance.vendor.tally import Counts
from adapter.offline import offline_translator
from adapter.submission.sources import files_of
from adapter.translation import Translator
from tests.conformance_kit.conftest import bundle

REGISTERS = ("gvr", "pasis", "signe", "listning")

# By hand, in the order gvr, pasis, signe, listning (f fit, r remarks, h held, x refused, - not told):
FOLDER: dict[str, Any] = {
    "01-visit.json": bundle(),  #                                                           f f f -
    "02-visit.json": bundle(id="second", kva=["AV034"]),  #                                 f f f -
    "03-home.json": bundle(id="third", **{"class": "HH"}),  # no form of housing: warning   f r f -
    "04-no-diagnosis.json": bundle(id="fourth", diagnoses=[]),  #                           x x f -
    "05-no-kombika.json": bundle(id="fifth", unit="SE2321000016-0000", kombika=None),  #    h f f -
    "06-call.json": bundle(id="sixth", type=["telefonsamtal"], **{"class": "VR"}),  #       - f - -
    "07-comment.json": bundle(id="seventh", type=["kommentar"], diagnoses=[], **{"class": "VR"}),  # - - - -
    "08-no-type.json": bundle(id="eighth", **{"class": "VR"}),  #                           x x x -
    "09-broken.json": b'{"resourceType": "Bundle", "type": "coll',  #                       x x x -
    "10-patient.json": {"resourceType": "Patient", "id": "1"},  #                           x x x -
}
BY_HAND = {
    "gvr": {"fit": 3, "remarks": 0, "held": 1, "refused": 4, "not-told": 2, "score": 37.5},
    "pasis": {"fit": 4, "remarks": 1, "held": 0, "refused": 4, "not-told": 1, "score": 55.6},
    "signe": {"fit": 5, "remarks": 0, "held": 0, "refused": 3, "not-told": 2, "score": 62.5},
    "listning": {"fit": 0, "remarks": 0, "held": 0, "refused": 0, "not-told": 10, "score": None},
}
SCORE = round(100 * (3 + 5 + 5) / (8 + 9 + 8), 1)


@pytest.fixture(scope="module")
def translator() -> Translator:
    return offline_translator(Config(registers={"signe": {"pseudonym_key": "a key of the tests alone"}}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FOLDER.items():
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        (tmp_path / name).write_bytes(raw)
    return tmp_path


def _report(translator: Translator, folder: Path, registers: tuple[str, ...] = REGISTERS) -> dict[str, Any]:
    counts = Counts(registers, told_of_contacts(translator))
    Survey(files_of([folder]), 1_000_000).count(translator, counts)
    return document(counts, translator.catalogue, [point(counts, "2025-03-04T08:00:00+00:00", "r1")])


def test_the_fitness_of_every_bundle_at_every_register_is_as_counted_by_hand(translator, folder) -> None:
    report = _report(translator, folder)
    for one in report["registers"]:
        assert {name: one[name] for name in BY_HAND[one["register"]]} == BY_HAND[one["register"]]
    assert report["bundles"] == 10
    assert report["contacts"] == 8
    assert report["score"] == SCORE
    assert report["history"][-1]["registers"]["gvr"] == 37.5


def test_findings_are_grouped_by_rule_with_their_number_and_an_example(translator, folder) -> None:
    found = {one["rule"]: one for one in _report(translator, folder)["findings"]}
    assert found["GVR-DIAGNOS-LAKARE"]["bundles"] == 1
    assert found["GVR-DIAGNOS-LAKARE"]["registers"] == ["gvr"]
    assert found["GVR-DIAGNOS-LAKARE"]["example"] == {
        "file": "04-no-diagnosis.json",
        "expression": "Bundle.entry[4].resource.diagnosis",
    }
    assert found["GVR-KOMBIKA"]["severity"] == "error"
    assert "kombika" in found["GVR-KOMBIKA"]["todo"]["sv"]
    assert found["KT-KANAL-SAKNAS"]["places"] == 3  # once for each register that it stops
    assert found["KT-KANAL-SAKNAS"]["bundles"] == 1
    assert found["FHIR-JSON"]["example"] == {"file": "***.json (#9)", "expression": None}
    assert found["FHIR-NOT-BUNDLE"]["example"]["file"] == "10-patient.json"


def test_the_gravest_and_commonest_findings_come_first(translator, folder) -> None:
    findings = _report(translator, folder)["findings"]
    gravity = [("error", "warning", "information").index(one["severity"]) for one in findings]
    assert gravity == sorted(gravity)
    errors = [one["bundles"] for one in findings if one["severity"] == "error"]
    assert errors == sorted(errors, reverse=True)


def test_why_a_register_is_not_told_is_counted(translator, folder) -> None:
    untold = {
        (one["register"], one["rule"]): one["bundles"] for one in _report(translator, folder)["not_told"]
    }
    assert untold[("gvr", "GVR-DISTANS-ERSATTER-EJ")] == 1
    assert untold[("pasis", "PASIS-KOMMENTAR")] == 1
    assert untold[("listning", "LISTNING-ANNAN-HANDELSE")] == 8


def test_elements_that_nothing_was_made_from_are_listed(translator, tmp_path) -> None:
    visit = bundle(encounter={"reasonCode": [{"text": "hosta"}]})
    (tmp_path / "a.json").write_text(json.dumps(visit))
    listed = {one["element"]: one for one in _report(translator, tmp_path)["never_read"]}
    assert listed["Encounter.reasonCode"]["bundles"] == 1


def test_only_the_registers_that_are_asked_for_are_looked_at(translator, folder) -> None:
    report = _report(translator, folder, ("pasis",))
    assert [one["register"] for one in report["registers"]] == ["pasis"]
    assert report["score"] == 55.6
    assert not any(one["rule"].startswith(("GVR-", "SIGNE-")) for one in report["findings"])
    assert {one["register"] for one in report["not_told"]} == {"pasis"}


def test_a_bundle_that_is_refused_for_one_contact_is_refused_with_all(translator, tmp_path) -> None:
    whole = bundle()
    other = bundle(id="other", **{"class": "VR"})
    whole["entry"] += [
        one for one in other["entry"] if one["resource"]["resourceType"] in ("Encounter", "Condition")
    ]
    (tmp_path / "a.json").write_text(json.dumps(whole))
    (gvr,) = [one for one in _report(translator, tmp_path)["registers"] if one["register"] == "gvr"]
    assert (gvr["refused"], gvr["fit"]) == (1, 0)


def test_nothing_to_report_gives_no_score(translator, tmp_path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(FOLDER["07-comment.json"]))
    assert _report(translator, tmp_path)["score"] is None
