"""Broken files are told of and passed over; ndjson counts line by line; nothing names a patient."""

import json
from pathlib import Path

import pytest

from adapter.config.model import Config
from adapter.conformance.vendor.survey import Survey
from adapter.conformance.vendor.tally import Counts
from adapter.offline import offline_translator
from adapter.submission.sources import files_of
from adapter.translation import Translator
from tests.conformance_kit.conftest import bundle


@pytest.fixture(scope="module")
def translator() -> Translator:
    return offline_translator(Config())


def _count(translator: Translator, folder: Path, limit: int = 1_000_000) -> Counts:
    counts = Counts(["gvr"], {"gvr"})
    Survey(files_of([folder]), limit).count(translator, counts)
    return counts


def test_each_broken_file_is_a_finding_and_the_others_are_counted(translator, tmp_path) -> None:
    broken = {"a.json": b"", "b.json": b"{", "c.json": b"[1]", "d.json": b'{"a":"\xe5"}', "e.xml": b"<Bundle"}
    for name, raw in broken.items():
        (tmp_path / name).write_bytes(raw)
    (tmp_path / "f.json").write_text(json.dumps(bundle()))
    counts = _count(translator, tmp_path)
    assert counts.bundles == 6
    assert counts.by_register["gvr"] == {"fit": 1, "refused": 5}
    rules = {rule for rule, _ in counts.groups()}
    assert {"FHIR-JSON-NONE", "FHIR-JSON", "FHIR-JSON-OBJECT", "FHIR-JSON-UTF8"} <= rules


def test_a_file_that_is_nested_too_deep_is_a_finding(translator, tmp_path) -> None:
    for depth in (200, 1000, 100_000):
        (tmp_path / f"{depth}.json").write_text('{"a":' * depth + "1" + "}" * depth)
        (tmp_path / f"{depth}b.json").write_text(
            '{"resourceType":"Bundle","a":' + "[" * depth + "]" * depth + "}"
        )
    counts = _count(translator, tmp_path)
    assert counts.unopened == []
    assert counts.by_register["gvr"] == {"refused": 6}


def test_a_file_over_the_size_limit_is_not_read_on(translator, tmp_path) -> None:
    limited = offline_translator(Config.model_validate({"intake": {"max_bytes": 1000}}))
    (tmp_path / "a.json").write_text(json.dumps(bundle()))
    counts = _count(limited, tmp_path, 1000)
    assert [rule for rule, _ in counts.groups()] == ["FHIR-SIZE"]


def test_a_file_that_went_away_is_told_without_its_name(translator, tmp_path) -> None:
    (tmp_path / "Anna Andersson.json").write_text(json.dumps(bundle()))
    survey = Survey(files_of([tmp_path]), 1_000_000)
    (tmp_path / "Anna Andersson.json").unlink()
    counts = Counts(["gvr"], {"gvr"})
    survey.count(translator, counts)
    assert counts.unopened == [("***.json (#1)", "No such file or directory")]
    assert counts.bundles == 0


def test_a_fault_of_ours_costs_one_bundle_and_is_told(translator, tmp_path, monkeypatch) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(bundle(id=name)))
    real, calls = Translator.translate, []

    def fails_once(self, reading, *rest, **more):
        calls.append(1)
        if len(calls) == 1:
            raise KeyError("191212121212")
        return real(self, reading, *rest, **more)

    monkeypatch.setattr(Translator, "translate", fails_once)
    counts = _count(translator, tmp_path)
    assert counts.unopened == [("***.json (#1)", "KeyError")]
    assert counts.bundles == 1


def test_lines_of_ndjson_count_as_bundles_and_loose_resources_by_contact(translator, tmp_path) -> None:
    visit = bundle()
    lines = [json.dumps(bundle(id="one")), json.dumps(bundle(id="two"))]
    (tmp_path / "bundles.ndjson").write_text("\n".join(lines))
    (tmp_path / "loose.ndjson").write_text(
        "\n".join(json.dumps(entry["resource"]) for entry in visit["entry"])
    )
    assert _count(translator, tmp_path).bundles == 3


def test_progress_is_told_for_every_bundle(translator, tmp_path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(bundle(id=name)))
    survey, done = Survey(files_of([tmp_path]), 1_000_000), []
    survey.count(translator, Counts(["gvr"], {"gvr"}), lambda: done.append(1))
    assert len(survey) == len(done) == 2
