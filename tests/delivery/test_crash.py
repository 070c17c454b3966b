"""Real kills: the service gets SIGKILL at random moments under load; then the register's log is compared."""

import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The register's address and its log of effects."""
    log = tmp_path / "effects.ndjson"
    child = start("tests.support.stub_register", str(log), "7")
    assert child.stdout is not None
    yield f"http://127.0.0.1:{int(child.stdout.readline())}", log
    kill(child)


def start(module: str, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, cwd=ROOT)


def kill(child: "subprocess.Popen[bytes]") -> None:
    child.kill()
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


def kill_at_random(folder: Path, url: str, kills: int) -> tuple[list[dict[str, Any]], Any]:
    """Start the service, kill it, again and again; then let it come to an end: lanes' states and audit."""
    arguments = (str(folder / "ledger.db"), url, str(folder / "acknowledged"))
    chance = random.Random()
    for _ in range(kills):
        child = start("tests.support.service", *arguments, "send")
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        time.sleep(chance.uniform(0.02, 0.2))
        time.sleep(chance.uniform(0.02, 0.2))
        kill(child)
    ending = start("tests.support.service", *arguments, "end")
    output, _ = ending.communicate(timeout=60)
    up, lanes, broken_at = output.splitlines()
    assert (up, ending.returncode) == (b"up", 0)
    return json.loads(lanes), json.loads(broken_at)


def effects_of(log: Path) -> dict[str, list[tuple[str, int]]]:
    """What took effect at the register, by event; fails when something was created twice or out of order."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for line in log.read_text().splitlines():
        method, event_id, n, was_there = json.loads(line)
        assert not (method == "POST" and was_there), f"{event_id} was created twice"
        if method != "DELETE":
            assert all(n >= seen for other, seen in found[event_id] if other != "DELETE"), (
                f"{event_id} reordered"
            )
        found[event_id].append((method, n))
    return found


def newest_acknowledged(path: Path) -> dict[str, int]:
    """The newest version of each event whose commit was acknowledged."""
    found = (json.loads(line) for line in path.read_text().splitlines())
    return {event_id: n for event_id, n, _ in found}


def check_lane(lane: dict[str, Any], effects: list[tuple[str, int]]) -> None:
    """A lane at rest: the register holds its newest version, or nothing after a cancel."""
    ends_with = effects[-1] if effects else ("DELETE", 0)
    if lane["intent"] == "cancel":
        assert ends_with[0] == "DELETE", f"{lane['event']} was cancelled and is still there"
    else:
        assert ends_with[0] != "DELETE", f"{lane['event']} is not there"
        assert ends_with[1] == lane["n"], f"{lane['event']}: version {lane['n']} never arrived"


@pytest.mark.failure(
    part="worker",
    fault="killed while it sends",
    sender="Nothing: it had its answer.",
    operator="After the start lanes are `unknown` for a moment, cause `cut-off`.",
    kept="Every acknowledged version, and each attempt, committed before its first byte was sent.",
    recovers="Looked up at the start; everything arrives once and in order.",
)
def test_after_kills_every_acknowledged_contact_is_at_the_register_once_and_in_order(
    stub: tuple[str, Path], tmp_path: Path
) -> None:
    url, log = stub
    lanes, broken_at = kill_at_random(tmp_path, f"{url}?lookup", kills=6)

    effects = effects_of(log)
    acknowledged = newest_acknowledged(tmp_path / "acknowledged")
    assert len(acknowledged) > 10
    assert broken_at is None
    newest = {lane["event"]: lane["n"] for lane in lanes}
    assert all(newest[event_id] >= n for event_id, n in acknowledged.items())
    assert {lane["state"] for lane in lanes} == {"idle"}
    for lane in lanes:
        check_lane(lane, effects[lane["event"]])


@pytest.mark.failure(part="register", fault="an outcome that nothing can settle")
def test_a_register_that_cannot_be_asked_gets_nothing_twice_and_doubts_are_flagged(
    stub: tuple[str, Path], tmp_path: Path
) -> None:
    url, log = stub
    lanes, broken_at = kill_at_random(tmp_path, url, kills=4)

    effects = effects_of(log)
    acknowledged = newest_acknowledged(tmp_path / "acknowledged")
    assert broken_at is None
    newest = {lane["event"]: lane["n"] for lane in lanes}
    assert all(newest[event_id] >= n for event_id, n in acknowledged.items())
    assert {lane["state"] for lane in lanes} <= {"idle", "unknown"}
    for lane in lanes:
        if lane["state"] == "idle":
            check_lane(lane, effects[lane["event"]])
