"""The page of failures is what the marked tests say, and every fault that it must name has its proof."""

import json
import subprocess
import sys

import pytest

from tests.support.failure_page import PAGE, PARTS, REQUIRED, ROOT, Proof, doubled, missing, page, proof_of

TEXTS = {"sender": "503", "operator": "a log line", "kept": "all", "recovers": "by itself"}


@pytest.fixture(scope="module")
def proofs() -> list[Proof]:
    """What the marked tests say, collected in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.failure_page", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Proof(part, fault, test, tuple(texts)) for part, fault, test, texts in json.loads(done.stdout)]


def test_the_committed_page_is_what_the_marked_tests_say(proofs: list[Proof]) -> None:
    assert PAGE.read_text("utf-8") == page(proofs), "run `python -m tests.support.failure_page`"


def test_every_required_fault_has_a_test_that_proves_it(proofs: list[Proof]) -> None:
    assert missing(proofs) == []


def test_no_fault_is_described_twice(proofs: list[Proof]) -> None:
    assert doubled(proofs) == []


def test_every_part_has_required_faults() -> None:
    assert REQUIRED.keys() == PARTS.keys()


def test_a_fault_without_a_proof_is_missing() -> None:
    fault = REQUIRED["disk"][0]
    described = Proof("disk", fault, "t", tuple(TEXTS.values()))
    assert f"disk: {fault}" not in missing([described])
    assert f"disk: {fault}" in missing([described._replace(texts=())])
    assert f"disk: {fault}" in missing([])


def test_a_further_test_of_a_fault_stands_in_the_same_row() -> None:
    first = Proof("disk", "nearly full", "a.py::one", tuple(TEXTS.values()))
    rows = page([Proof("disk", "nearly full", "b.py::two", ()), first]).splitlines()
    (row,) = [row for row in rows if "nearly full" in row]
    assert row.endswith("| `a.py::one`<br>`b.py::two` |")
    assert "| 503 | a log line | all | by itself |" in row


@pytest.mark.parametrize(
    "said",
    [
        {"fault": "x", **TEXTS},
        {"part": "moon", "fault": "x", **TEXTS},
        {"part": "disk", **TEXTS},
        {"part": "disk", "fault": "x", "sender": "503"},
        {"part": "disk", "fault": "x", "colour": "red", **TEXTS},
    ],
)
def test_a_mark_that_is_not_whole_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="failure"):
        proof_of("a.py::one", said)


def test_two_descriptions_of_one_fault_are_found() -> None:
    first = Proof("disk", "x", "a", tuple(TEXTS.values()))
    assert doubled([first, first._replace(test="b")]) == ["disk: x"]
    assert doubled([first, first._replace(test="b", texts=())]) == []
