"""No name and no number in what commands print, write or name: reports, journals, checkpoints, file names."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapter.cli.root import run
from tests.canary.planted import FAMILY, IDENTITY, LEAKS, changed, sample
from tests.cli.test_pull import listening
from tests.pull.world import FhirServer

CONTACT = "mottagningsbesok-lakare.json"


@pytest.fixture
def bundles(tmp_path: Path) -> Path:
    """A good contact, a refused one, two that are no FHIR, one as XML; two files bear the number as name."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / f"{IDENTITY}.json").write_bytes(sample(CONTACT))
    (folder / f"{IDENTITY[:8]}-{IDENTITY[8:]} refused.json").write_bytes(changed(CONTACT, type=[], period={}))
    (folder / "broken.json").write_bytes(b'{"resourceType":"Bundle","' + IDENTITY.encode() + b'":"' + b"x")
    (folder / "wrong.json").write_bytes(changed(CONTACT, status=IDENTITY))
    (folder / "odd.xml").write_bytes(f'<Bundle xmlns="http://hl7.org/fhir"><{FAMILY}/></Bundle>'.encode())
    return folder


@pytest.fixture
def adapter() -> Iterator[str]:
    def answer(request: httpx.Request) -> httpx.Response:
        refused = b"refused" in request.content
        return httpx.Response(422 if refused else 200, json={"resourceType": "OperationOutcome"})

    with listening(answer) as url:
        yield url


def said(capfd: pytest.CaptureFixture[str]) -> str:
    out, err = capfd.readouterr()
    return out + err


def written(folder: Path, but: Path) -> str:
    """The names and contents of all files below `folder`, those in `but` left out."""
    files = [file for file in folder.rglob("*") if file.is_file() and but not in file.parents]
    return "\n".join(
        f"{file.relative_to(folder)}\n{file.read_bytes().decode('utf-8', 'replace')}" for file in files
    )


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_validate_tells_nothing(bundles: Path, capfd: pytest.CaptureFixture[str], lang: str) -> None:
    assert run(["validate", *map(str, sorted(bundles.iterdir())), "--lang", lang]) == 1
    told = said(capfd)
    assert "OperationOutcome" in told
    assert not LEAKS.search(told)


def test_map_shows_the_number_in_the_message_alone_and_the_name_nowhere(
    bundles: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(["map", *map(str, sorted(bundles.iterdir())), "--trace", "--lang", "en"])
    out, err = capfd.readouterr()
    documents = [json.loads(line) for line in out.splitlines()]
    for document in documents:
        del document["source"]  # the name of the user's own file
        for message in document["messages"]:
            message["body"].pop("patientId", None)
        document["trace"] = [line for line in document["trace"] if line["field"] != "patientId"]
    assert not LEAKS.search(json.dumps(documents, ensure_ascii=False))
    assert not LEAKS.search(err)


def test_the_list_of_what_was_not_read_names_elements_and_no_values(
    bundles: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(["map", "--unused", *map(str, sorted(bundles.iterdir()))])
    unused = [json.loads(line).get("unused") for line in capfd.readouterr().out.splitlines()]
    assert any(unused)
    assert not LEAKS.search(json.dumps(unused, ensure_ascii=False))


def test_the_vendor_report_names_no_patient(
    bundles: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = {name: tmp_path / f"report.{name}" for name in ("html", "json", "jsonl")}
    run(
        [
            "conform",
            str(bundles),
            "--report",
            str(files["html"]),
            "--json",
            str(files["json"]),
            "--history",
            str(files["jsonl"]),
        ]
    )
    assert not LEAKS.search(said(capfd))
    assert all(file.exists() for file in files.values())
    assert not LEAKS.search(written(tmp_path, bundles))


def test_the_results_of_the_kit_name_no_patient(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ["--junit", "j.xml", "--html", "h.html", "--testreport", "t.json", "--json", "r.json"]
    run(["conform", *(one if one.startswith("--") else str(tmp_path / one) for one in arguments)])
    assert len(list(tmp_path.iterdir())) == 4
    assert not LEAKS.search(said(capfd))
    assert not LEAKS.search(written(tmp_path, tmp_path / "none"))


def test_submit_keeps_a_journal_without_them(
    bundles: Path, adapter: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(["submit", str(bundles), "--url", adapter, "--journal", str(tmp_path / "journal")])
    run(["submit", str(bundles), "--url", adapter, "--json"])
    assert not LEAKS.search(said(capfd))
    assert not LEAKS.search(written(tmp_path, bundles))


def test_pull_keeps_a_checkpoint_without_them(
    adapter: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    entries = json.loads(sample(CONTACT))["entry"]
    resources = [
        {"id": str(number), **entry["resource"], "meta": {"lastUpdated": "2026-01-02T12:00:00Z"}}
        for number, entry in enumerate(entries)
    ]
    with listening(FhirServer(*resources)) as url:
        run(
            [
                "pull",
                f"{url}/r4",
                "--checkpoint",
                str(tmp_path / "mark"),
                "--since",
                "2026-01-01",
                "--url",
                adapter,
            ]
        )
    assert (tmp_path / "mark").exists()
    assert not LEAKS.search(said(capfd))
    assert not LEAKS.search(written(tmp_path, tmp_path / "none"))


def test_a_fault_of_our_own_does_not_quote_the_input(
    bundles: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError(f"{IDENTITY} {FAMILY}")

    monkeypatch.setattr("adapter.fhir.read.parse_object", fail)
    assert run(["validate", *map(str, sorted(bundles.iterdir()))]) == 1
    told = said(capfd)
    assert "internal fault: OperationalError" in told
    assert not LEAKS.search(told)
