"""Waiting until nothing moves by itself any more, whatever happens between two questions."""

from collections.abc import Iterator
from typing import Any

import httpx

from adapter.demo.observe import Observer

UNKNOWN = {"lanes": {"idle": 1, "unknown": 1}}
RESTS = {"lanes": {"idle": 2}}


def observer(answers: Iterator[dict[str, Any]]) -> Observer:
    """One whose adapter gives these answers, in order."""
    made = Observer("http://adapter.example", "http://simulator.example")
    made.close()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=next(answers)))
    made._adapter = httpx.Client(base_url="http://adapter.example", transport=transport)
    return made


def test_a_lane_that_leaves_doubt_between_two_questions_is_waited_for() -> None:
    answers = iter([UNKNOWN, {"lanes": []}, {"lanes": {"leased": 1}}, RESTS])
    observer(answers).settle()
    assert list(answers) == []


def test_an_outcome_that_only_somebody_can_settle_is_not_waited_for() -> None:
    answers = iter([UNKNOWN, {"lanes": [{"due_at": None}]}])
    observer(answers).settle()
    assert list(answers) == []


def test_a_look_up_that_is_due_is_waited_for() -> None:
    answers = iter([UNKNOWN, {"lanes": [{"due_at": 1.0}]}, RESTS])
    observer(answers).settle()
    assert list(answers) == []
