"""The suite itself is tested: builds that are broken on purpose must make the lane machine's test fail."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from adapter.ledger import claiming, settlement
from adapter.ledger import lane as machine
from adapter.ledger.lane import effects, leasing, planning, resolving, settling, standing
from adapter.ledger.lane.leasing import doubt as real_doubt
from adapter.ledger.model import MessageState
from adapter.ledger.sql import lanes as lane_tables
from adapter.ledger.sqlite.writer import Writer

Break = Callable[[pytest.MonkeyPatch], None]


def settles_without_the_token(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settlement, "holds", lambda standing, work: bool(standing.open))


def forgets_attempts_that_were_not_committed_first(patch: pytest.MonkeyPatch) -> None:
    """A service that sends before it commits finds nothing after a crash, and sends again."""

    def take_over(before: Any, attempt: Any, abilities: Any, now: float) -> Any:
        return machine.withdraw(before, attempt, now)

    patch.setattr(claiming.machine, "take_over", take_over)


def resends_blindly_what_is_unknown(patch: pytest.MonkeyPatch) -> None:
    def doubt(turn: Any, message: Any, cause: str) -> Any:
        moved = real_doubt(turn, message, cause)
        return turn.move(moved, MessageState.WAITING)

    patch.setattr(settling, "doubt", doubt)


def supersedes_what_is_unknown(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standing, "NO_EFFECT", standing.NO_EFFECT | {MessageState.UNKNOWN})


def believes_in_absence_at_once(patch: pytest.MonkeyPatch) -> None:
    for module in (planning, resolving):
        patch.setattr(module, "quiet_at", lambda attempt, abilities: 0.0)


def lets_messages_past_an_unknown_outcome(patch: pytest.MonkeyPatch) -> None:
    """A cancel behind it is closed as needless, and what comes then is created a second time."""

    def pass_by(turn: Any) -> bool:
        front = turn.front
        if front is None or front.state is not MessageState.UNKNOWN or not turn.behind(front):
            return False
        turn.move(front, MessageState.SKIPPED)
        turn._finish_needless()
        return True

    patch.setattr(standing.Turn, "_pass_by", pass_by)


def leases_a_lane_that_stays_due(patch: pytest.MonkeyPatch) -> None:
    real = leasing.claim

    def claim(before: Any, plan: Any, attempt: Any, owner: str, until: float, now: float) -> Any:
        step = real(before, plan, attempt, owner, until, now)
        return standing.Step(
            standing.replace(step.lane, due_at=now), step.messages, step.facts, step.attempts
        )

    patch.setattr(claiming.machine, "claim", claim)


def sends_the_newest_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lane_tables, "_OPEN", lane_tables._OPEN.replace("ORDER BY seq", "ORDER BY seq DESC"))


def says_done_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    """An acknowledgement that overtakes its commit is a lie when the process dies in between."""
    real, batches = Writer.work, [0]

    def work(self: Writer, batch: Any) -> None:
        batches[0] += 1
        if batches[0] % 7:
            real(self, batch)
            return
        self._db.execute("BEGIN IMMEDIATE")
        for job in batch:
            self._run(job)
        self._roll_back()

    patch.setattr(Writer, "work", work)


def forgets_what_was_accepted(patch: pytest.MonkeyPatch) -> None:
    real = effects.takes_effect

    def takes_effect(turn: Any, message: Any, attempt: Any) -> None:
        real(turn, message, attempt)
        turn.change(accepted=None)

    for module in (settling, resolving):
        patch.setattr(module, "takes_effect", takes_effect)


@pytest.mark.parametrize(
    "broken",
    [
        settles_without_the_token,
        forgets_attempts_that_were_not_committed_first,
        resends_blindly_what_is_unknown,
        supersedes_what_is_unknown,
        lets_messages_past_an_unknown_outcome,
        leases_a_lane_that_stays_due,
        sends_the_newest_first,
        says_done_before_the_commit,
        forgets_what_was_accepted,
    ],
)
def test_a_broken_build_is_caught(broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    lanes = _machine()
    broken(monkeypatch)
    with pytest.raises(Exception):  # noqa: B017, PT011  (whichever check finds it first)
        run_state_machine_as_test(
            lanes,
            settings=settings(
                max_examples=300,
                stateful_step_count=30,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )


async def test_belief_in_absence_at_once_is_caught(worlds: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance seldom finds this one; the named test always does."""
    rules = _module("test_rules.py")
    believes_in_absence_at_once(monkeypatch)
    with pytest.raises(AssertionError):
        await rules.test_absence_is_believed_only_when_the_request_can_no_longer_arrive(worlds)


def _machine() -> Any:
    return _module("test_machine.py").Lanes


def _module(name: str) -> Any:
    path = Path(__file__).with_name(name)
    spec = importlib.util.spec_from_file_location(f"{path.stem}_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
