"""`vardbro replay` on a ledger that no service has: this process plans and runs by itself."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.cli import replay as command
from adapter.cli.desk import Desk
from adapter.cli.root import run
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sqlite import SqliteLedger
from adapter.mapping.terminology import load_kombika
from tests.replay.conftest import UNIT, Office, contact
from tests.support.stores import store

NAME = "ledger.db"


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger in the working folder with three held contacts; the installed table knows their unit now."""
    monkeypatch.chdir(tmp_path)
    asyncio.run(_fill(tmp_path))
    Path("vardbro.toml").write_text(f'[ledger]\nurl = "sqlite:///{NAME}"\n')
    tables = tmp_path / "mended"
    tables.mkdir()
    (tables / "kombika.csv").write_text(f"kombika;hsaId;from;to\n30220315001;{UNIT};2015-01-01;\n")
    monkeypatch.setattr("adapter.offline.load_kombika", lambda _: load_kombika(tables))


async def _fill(folder: Path) -> None:
    office = Office(folder, store("sqlite", folder))
    for number in range(3):
        await office.send(contact(number))
    await office.close()


def states() -> list[str]:
    async def look() -> list[str]:
        ledger = SqliteLedger.open(NAME)
        found = (await ledger.messages(LaneFilter()))["messages"]
        await ledger.close()
        return [message["state"] for message in found]

    return asyncio.run(look())


@pytest.mark.usefixtures("held")
def test_a_plan_is_shown_and_nothing_is_done(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", "--plan", "--remap", "--reason", "table mended", "--json"]) == 0
    plan = json.loads(capfd.readouterr().out)
    assert (plan["state"], plan["totals"]["effects"]) == ("planned", {"create": 3})
    assert states() == ["held"] * 3


@pytest.mark.usefixtures("held")
def test_without_a_service_this_process_runs_the_replay_to_its_end(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", "--remap", "--rate", "500", "--reason", "table mended"]) == 0
    shown = capfd.readouterr().out
    assert "replay 1 is done: 3 done, 0 skipped, 0 left of 3" in shown
    assert "No service runs" in shown
    assert states() == ["waiting"] * 3


@pytest.mark.usefixtures("held")
def test_a_plan_is_listed_shown_and_run_later(capfd: pytest.CaptureFixture[str]) -> None:
    run(["replay", "--plan", "--remap", "--cause", "rule:GVR-KOMBIKA", "--limit", "2", "--reason", "mended"])
    assert run(["replay", "list", "--json"]) == 0
    assert run(["replay", "run", "1"]) == 0
    capfd.readouterr()
    assert run(["replay", "show", "1", "--json"]) == 0
    shown = json.loads(capfd.readouterr().out)
    assert (shown["state"], shown["total"], [item["state"] for item in shown["items"]]) == (
        "done",
        2,
        ["done", "done"],
    )


@pytest.mark.usefixtures("held")
def test_a_plan_can_be_cancelled_and_is_then_not_run(capfd: pytest.CaptureFixture[str]) -> None:
    run(["replay", "--plan", "--remap", "--reason", "table mended"])
    assert run(["replay", "cancel", "1"]) == 0
    assert run(["replay", "run", "1"]) == 1
    assert "cancelled" in capfd.readouterr().err
    assert states() == ["held"] * 3


@pytest.mark.usefixtures("held")
def test_lanes_that_are_left_as_they_are_give_exit_1_and_the_reason(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("adapter.offline.load_kombika", lambda _: load_kombika(tmp_path))
    assert run(["replay", "--remap", "--reason", "table mended", "--lang", "en"]) == 1
    assert "3 x still-held: The message still cannot be made" in capfd.readouterr().out


@pytest.mark.usefixtures("held")
def test_ctrl_c_cancels_the_replay_and_what_is_done_stays_done(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "get", _interrupted(Desk.get))
    monkeypatch.setattr(command, "PATIENCE", 0.05)
    assert run(["replay", "--remap", "--rate", "1", "--reason", "table mended"]) == 1
    assert "replay 1 is cancelled: 1 done, 0 skipped, 2 left of 3" in capfd.readouterr().out
    assert sorted(states()) == ["held", "held", "waiting"]


def _interrupted(get: Callable[..., Any]) -> Callable[..., Any]:
    """Ctrl-C comes when one lane is done."""

    def look(self: Desk, path: str, **params: Any) -> Any:
        found = get(self, path, **params)
        if found["state"] == "running" and found["done"] == 1:
            raise KeyboardInterrupt
        return found

    return look


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--reason", "x"],
        ["--reason", "mended", "--state", "idle"],
        ["--reason", "mended", "--remap", "--state", "unknown"],
        ["--reason", "mended", "--rate", "501"],
        ["--reason", "mended", "--since", "yesterday"],
        ["--reason", "mended", "--register", "nowhere"],
    ],
)
def test_wrong_usage_is_exit_2_in_one_line(options: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", *options]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("held")
def test_a_configuration_before_the_verb_is_the_verbs(capfd: pytest.CaptureFixture[str]) -> None:
    Path("vardbro.toml").rename("other.toml")
    for before, after in ((["--config", "other.toml"], []), ([], ["--config", "other.toml"])):
        assert run([*before, "replay", *after, "list", "--json"]) == 0
        assert json.loads(capfd.readouterr().out) == {"replays": []}
