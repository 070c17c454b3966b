"""Real kills: the service gets SIGKILL while it pushes. The receiver may hear twice, but never of a gap."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def start(module: str, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, cwd=ROOT)


def end(child: "subprocess.Popen[bytes]") -> None:
    child.kill()
    child.communicate(timeout=10)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The receiver's address and its log of bodies."""
    log = tmp_path / "heard.ndjson"
    child = start("tests.support.listener", str(log))
    assert child.stdout is not None
    yield f"http://127.0.0.1:{int(child.stdout.readline())}/hook", log
    end(child)


def finish(ledger: Path, url: str) -> list[str]:
    """Let what is left be pushed; the cursors of all changes, in order."""
    child = start("tests.support.pushing", str(ledger), url, "end")
    said, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    cursors: list[str] = json.loads(said.splitlines()[1])
    return cursors


def wait_for_more(log: Path, bodies: int) -> None:
    """Wait until so many bodies more have come."""
    before = lines(log)
    for _ in range(6000):
        if lines(log) >= before + bodies:
            return
        time.sleep(0.005)
    raise AssertionError("nothing comes")


def lines(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def heard(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line)["data"] for line in log.read_text("utf-8").splitlines()]


def check(log: Path, made: list[str]) -> int:
    """Every change was heard, at first in order; what was heard again was a whole batch. How many were."""
    batches = [[change["cursor"] for change in data["changes"]] for data in heard(log)]
    news: list[str] = []
    doubles = 0
    for batch in batches:
        if news[-len(batch) :] == batch:
            doubles += 1
        else:
            news += batch
    assert news == made
    return doubles


def test_a_kill_between_the_answer_and_its_record_sends_the_same_batch_again(
    receiver: tuple[str, Path], tmp_path: Path
) -> None:
    url, log = receiver
    for _ in range(2):
        child = start("tests.support.pushing", str(tmp_path / "ledger.db"), url, "die")
        child.communicate(timeout=30)
        assert child.returncode == -9
    made = finish(tmp_path / "ledger.db", url)
    assert made
    assert check(log, made) == 2


def test_kills_at_random_moments_leave_no_gap(receiver: tuple[str, Path], tmp_path: Path) -> None:
    url, log = receiver
    chance = random.Random()
    for _ in range(4):
        child = start("tests.support.pushing", str(tmp_path / "ledger.db"), url, "send")
        wait_for_more(log, chance.randrange(1, 20))
        time.sleep(chance.uniform(0, 0.02))
        end(child)
    made = finish(tmp_path / "ledger.db", url)
    assert made
    check(log, made)
