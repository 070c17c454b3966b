"""A process is killed at every step of a batch: a whole batch comes of it, once, or nothing."""

import os
import signal
import sys

import pytest

from tests.registers.files.conftest import Folder, ask, deliver

STEPS = frozenset({"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.scandir", "os.listdir"})
KEYS = ("a", "b", "c")


def killed_at(folder: Folder, step: int) -> bool:
    """Let a child deliver and be killed before its nth step on the disk; False when it came to its end."""
    child = os.fork()
    if child == 0:
        seen = [0]

        def count(event: str, given: tuple[object, ...]) -> None:
            if event in STEPS and str(folder.path) in str(given[0]):
                seen[0] += 1
                if seen[0] == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(count)
            folder.new_desk().serve([deliver(key) for key in KEYS])
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def states(folder: Folder) -> set[int | None]:
    return {answer.status for answer in folder.new_desk().serve([ask(key) for key in KEYS])}


def test_whatever_step_it_is_killed_at_all_records_of_a_batch_are_there_or_none(tmp_path):
    outcomes, step = [], 0
    while True:
        step += 1
        place = tmp_path / str(step)
        place.mkdir()
        folder = Folder(place)
        was_killed = killed_at(folder, step)
        assert all((folder.path / one["file"]).exists() for one in folder.manifests()), step
        found = states(folder)
        assert found in ({200}, {404}), step
        assert folder.left_over() == [], step
        published = found == {200}
        assert [line["kontaktId"] for line in folder.lines()] == list(KEYS if published else ()), step
        assert len(folder.files()) == (2 if published else 0), step
        outcomes.append(published)
        if not was_killed:
            break
    assert outcomes == sorted(outcomes), "once it was committed, no later step takes it back"
    assert outcomes.count(False) > 5
    assert outcomes.count(True) > 5


@pytest.mark.parametrize("step", [12, 20, 24])
def test_a_second_kill_while_the_first_one_is_mended_changes_nothing(tmp_path, step):
    for second in range(1, 25):
        place = tmp_path / str(second)
        place.mkdir()
        folder = Folder(place)
        folder.serve(deliver("before"))
        killed_at(folder, step)
        killed_at(folder, second)
        folder.serve(*(deliver(key, "PUT") for key in KEYS if folder.serve(ask(key))[0].status == 404))
        lines = [line["kontaktId"] for line in folder.lines()]
        assert lines[0] == "before"
        assert set(lines[1:]) == set(KEYS)
        assert folder.left_over() == []
        batches = [tuple(manifest["records"]) for manifest in folder.manifests()]
        assert set(batches) <= {("before",), KEYS}
