"""`vardbro conform` as it is typed: exit codes, files, wrong usage."""

import json
from pathlib import Path

import pytest
import yaml

from adapter.cli.root import run
from tests.conformance_kit.conftest import CASE, bundle


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    folder = tmp_path / "kit"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(bundle()))
    manifest = {"conformance": 1, "name": "made", "title": {"sv": "s", "en": "e"}, "cases": [CASE]}
    (folder / "manifest.yaml").write_text(yaml.safe_dump(manifest))
    return folder


@pytest.fixture
def bundles(tmp_path: Path) -> Path:
    folder = tmp_path / "bundles"
    folder.mkdir()
    (folder / "fit.json").write_text(json.dumps(bundle()))
    (folder / "191212121212.json").write_text(json.dumps(bundle(id="b", diagnoses=[])))
    return folder


def test_a_kit_that_passes_exits_0_and_writes_its_files(kit: Path, tmp_path: Path, capsys) -> None:
    files = {name: str(tmp_path / f"out.{name}") for name in ("junit", "html", "testreport", "json")}
    options = [part for name, file in files.items() for part in (f"--{name}", file)]
    assert run(["conform", str(kit), *options]) == 0
    assert " offline: 1 passed, 0 failed, 0 not run" in capsys.readouterr().out
    assert all(Path(file).stat().st_size for file in files.values())


def test_a_manifest_can_be_named_itself(kit: Path) -> None:
    assert run(["conform", str(kit / "manifest.yaml")]) == 0


def test_a_case_that_fails_exits_1_and_says_why(kit: Path, capsys) -> None:
    text = (kit / "manifest.yaml").read_text().replace("accepted", "refused")
    (kit / "manifest.yaml").write_text(text)
    assert run(["conform", str(kit), "--lang", "en"]) == 1
    assert "the outcome is accepted, not refused" in capsys.readouterr().out


def test_bundles_without_a_manifest_give_a_report_that_names_no_patient(
    bundles: Path, tmp_path, capsys
) -> None:
    page, data, history = (tmp_path / name for name in ("r.html", "r.json", "h.ndjson"))
    options = ["--report", str(page), "--json", str(data), "--history", str(history)]
    assert run(["conform", str(bundles), *options]) == 1
    assert run(["conform", str(bundles), *options]) == 1
    shown = capsys.readouterr().out
    assert "GVR-DIAGNOS-LAKARE" in shown
    rules = {one["rule"] for one in json.loads(data.read_bytes())["findings"]}
    assert not rules & {"SIGNE-NYCKEL", "CONTACT-ID-FRESH-KEY"}  # keys are not the vendor's concern
    assert len(history.read_text().splitlines()) == 2
    assert len(json.loads(data.read_bytes())["history"]) == 2
    assert "<svg" in page.read_text("utf-8")
    for text in (shown, page.read_text("utf-8"), data.read_text("utf-8"), history.read_text("utf-8")):
        assert "191212121212" not in text


def test_bundles_that_are_all_fit_exit_0(bundles: Path) -> None:
    assert run(["conform", str(bundles / "fit.json"), "--register", "gvr", "--register", "pasis"]) == 0


def test_a_report_in_the_folder_of_the_bundles_is_not_taken_for_one(bundles: Path, capsys) -> None:
    options = ["--json", str(bundles / "report.json"), "--history", str(bundles / "history.ndjson")]
    for _ in range(2):
        run(["conform", str(bundles), *options])
    assert json.loads((bundles / "report.json").read_bytes())["bundles"] == 2
    capsys.readouterr()


def test_the_grid_is_printed_and_nothing_is_run(kit: Path, capsys) -> None:
    assert run(["conform", str(kit), "--grid"]) == 0
    shown = capsys.readouterr().out
    assert "1 cases" in shown
    assert "KT-MOTTAGNING" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone"], "gone is not there"),
        (["{kit}", "{bundles}"], "not both at once"),
        (["{kit}", "--report", "r.html"], "--report has no meaning with a manifest"),
        (["{kit}", "--register", "gvr"], "--register has no meaning with a manifest"),
        (["{kit}", "{kit}", "--html", "r.html"], "one manifest at a time"),
        (["{bundles}", "--junit", "j.xml"], "--junit has no meaning with bundles"),
        (["{bundles}", "--url", "http://127.0.0.1:1"], "--url has no meaning with bundles"),
        (["{bundles}", "--register", "gvrr"], "registers: gvr, pasis"),
        (["{bundles}", "--report", "nowhere/r.html"], "nowhere is no folder"),
        (["{bundles}", "--history", "{bundles}/fit.json"], "no history"),
        (["{empty}"], "there are no bundles"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_is_wrong(arguments, said, kit, bundles, tmp_path, capsys) -> None:
    (tmp_path / "empty").mkdir()
    places = {"kit": kit, "bundles": bundles, "empty": tmp_path / "empty"}
    assert run(["conform", *(one.format(**places) for one in arguments)]) == 2
    assert said in capsys.readouterr().err.replace("\n", " ")


def test_a_manifest_that_is_wrong_exits_2_and_names_file_and_member(kit: Path, capsys) -> None:
    (kit / "manifest.yaml").write_text(
        (kit / "manifest.yaml").read_text().replace("error: none", "error: odd")
    )
    assert run(["conform", str(kit)]) == 2
    assert "manifest.yaml: Invalid enum value 'odd'" in capsys.readouterr().err


def test_settings_that_do_not_exist_exit_2_and_name_the_case(kit: Path, capsys) -> None:
    case = {**CASE, "settings": {"registers": {"gvr": {"default_tax": "01"}}}}
    manifest = {"conformance": 1, "name": "made", "title": {"sv": "s", "en": "e"}, "cases": [case]}
    (kit / "manifest.yaml").write_text(yaml.safe_dump(manifest))
    assert run(["conform", str(kit)]) == 2
    assert "visit: settings: registers.gvr.default_tax" in capsys.readouterr().err


def test_an_adapter_that_is_away_fails_the_kit(kit: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("adapter.submission.client.TRIES", 1)
    assert run(["conform", str(kit), "--url", "http://127.0.0.1:9", "--lang", "en"]) == 1
    shown = capsys.readouterr().out
    assert "no answer from the adapter" in shown
    assert "0 passed, 0 failed, 1 not run" in shown
