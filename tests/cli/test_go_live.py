"""`vardbro shadow`, `cutover` and `completeness` on a ledger that no service has."""

import asyncio
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.cli.root import run
from adapter.composition import Application
from adapter.config import Config
from adapter.mapping.context import Sender
from tests.shadow.conftest import UNIT, identifier, visit

PERIOD = ["--unit", UNIT, "--from", "2025-03-01", "--to", "2025-03-31", "--sender", "default"]


@pytest.fixture
def shadow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A ledger in the working folder with three shadow messages; gives their bodies."""
    monkeypatch.chdir(tmp_path)
    Path("vardbro.toml").write_text("[registers.gvr]\nshadow = true\n")
    return asyncio.run(_fill())


async def _fill() -> list[dict[str, Any]]:
    application = Application.build(Config(registers={"gvr": {"shadow": True}}))
    bodies = []
    for number in (1, 2, 3):
        raw = orjson.dumps(visit(number))
        await application.intake.submit(raw, sender=Sender(), key=None, lang="en")
    for row in await application.ledger.read(lambda db: db.execute("SELECT id FROM messages").fetchall()):
        found = await application.ledger.write(lambda tx, row=row: tx.lanes.body(row[0], 0))
        bodies.append(orjson.loads(found))
    await application.ledger.close()
    return bodies


def printed(capfd: pytest.CaptureFixture[str], code: int, *arguments: str) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == code
    found: dict[str, Any] = json.loads(capfd.readouterr().out)
    return found


def write(name: str, *records: dict[str, Any]) -> str:
    Path(name).write_text("".join(json.dumps(record) + "\n" for record in records))
    return name


def test_shadow_compare_prints_writes_a_page_and_exits_1_when_the_systems_differ(
    shadow: list[dict[str, Any]], capfd: pytest.CaptureFixture[str]
) -> None:
    same = write("same.ndjson", *shadow)
    asked = ["shadow", "compare", "--register", "gvr", "--against"]
    assert printed(capfd, 0, *asked, same)["counts"]["equal"] == 3
    write("other.ndjson", {**shadow[0], "taxa": "99"}, {"no": "contact"}, shadow[1])
    Path("other.ndjson").write_text(Path("other.ndjson").read_text() + "no json\n")
    found = printed(capfd, 1, *asked, "other.ndjson", "--html", "report.html")
    assert found["fields"][0]["field"] == "taxa"
    assert found["unnamed"]["at"] == ["other.ndjson:2"]
    assert found["bad"] == [{"at": "other.ndjson:4", "why": "no JSON"}]
    assert "191212121212" not in Path("report.html").read_text()
    assert run([*asked, "other.ndjson"]) == 1
    shown = capfd.readouterr().out
    assert "taxa" in shown
    assert "191212121212" not in shown


def test_a_folder_of_csv_is_compared_too(
    shadow: list[dict[str, Any]], capfd: pytest.CaptureFixture[str]
) -> None:
    Path("theirs").mkdir()
    for number, body in enumerate(shadow):
        cells = {
            "patientId": body["patientId"],
            "enhet": "".join(body["enhet"].values()),
            "datum": body["datum"],
            "tid": body["tid"],
        }
        Path(f"theirs/{number}.csv").write_text(f"{';'.join(cells)}\n{';'.join(cells.values())}\n")
    found = printed(capfd, 1, "shadow", "compare", "--register", "gvr", "--against", "theirs")
    assert found["counts"]["different"] == 3


@pytest.mark.usefixtures("shadow")
@pytest.mark.parametrize(
    "arguments",
    [
        ["shadow", "compare", "--register", "gvr", "--against", "none.ndjson"],
        ["shadow", "compare", "--register", "nhs", "--against", "vardbro.toml"],
        ["shadow", "compare", "--register", "gvr", "--against", "vardbro.toml", "--since", "soon"],
        ["cutover", "load", "none.csv", "--register", "gvr", "--sender", "default"],
        ["completeness", *PERIOD],
        ["completeness", *PERIOD, "--count", "1", "vardbro.toml"],
        ["completeness", *PERIOD, "--count", "1", "--to", "2025-01-01"],
        ["completeness", *PERIOD, "--count", "1", "--unit", "here"],
    ],
)
def test_wrong_usage_gives_2_and_no_traceback(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert "Traceback" not in capfd.readouterr().err


def test_from_the_list_to_the_gaps(shadow: list[dict[str, Any]], capfd: pytest.CaptureFixture[str]) -> None:
    Path("list.csv").write_text(
        f"identifier;handelseId\n{identifier(1)};OLD-1\n{identifier(4)};\n{identifier(1)};\nx;\n;y\n"
    )
    load = ["cutover", "load", "list.csv", "--register", "gvr", "--sender", "default"]
    rehearsed = printed(capfd, 1, *load, "--dry-run")
    assert (rehearsed["counts"]["accepted"], rehearsed["counts"]["listed"]) == (1, 1)
    assert printed(capfd, 0, "cutover", "list")["contacts"] == []
    loaded = printed(capfd, 1, *load)
    assert loaded["counts"] == rehearsed["counts"]
    assert (loaded["duplicates"], loaded["own_ids"]) == (1, 1)
    assert sorted(one["at"] for one in loaded["bad"]) == ["list.csv:5", "list.csv:6"]
    assert len(printed(capfd, 0, "cutover", "list")["contacts"]) == 2
    waiting = printed(capfd, 0, "cutover", "list", "--waiting")["contacts"]
    assert [one["identifier"] for one in waiting] == [identifier(4)]

    release = ["shadow", "release", "--register", "gvr"]
    assert run(release) == 1
    assert "shadow mode" in capfd.readouterr().err
    Path("vardbro.toml").write_text("")
    assert printed(capfd, 0, *release, "--dry-run")["released"] == 2
    assert printed(capfd, 0, *release)["released"] == 2

    Path("said.txt").write_text("".join(f"{identifier(number)}\n" for number in (1, 2, 9)))
    gaps = printed(capfd, 1, "completeness", *PERIOD, "said.txt")
    assert gaps["counts"] == {"accepted": 1, "never-received": 1, "waiting": 1}
    assert gaps["unlisted"] == [identifier(3)]
    write("said.ndjson", {"identifier": "N1"})
    assert printed(capfd, 0, "completeness", *PERIOD, "said.ndjson")["complete"]
    assert run(["completeness", *PERIOD, "--count", "7"]) == 1
    assert "missing" in capfd.readouterr().out
