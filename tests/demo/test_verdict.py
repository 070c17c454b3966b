"""Whether a step went as the manifest expects."""

from typing import Any

import pytest

from adapter.demo.manifest import Step
from adapter.demo.observe import Message
from adapter.demo.verdict import Result
from adapter.submission.answer import Remark
from adapter.submission.client import Reply

ACCEPTED = Step(file="a.json", kind="x", status=200, answer="accepted", state="idle")


def message(state: str, lane: str = "idle") -> Message:
    return Message("e", state, lane, None)


def result(**changed: Any) -> Result:
    given: dict[str, Any] = {
        "name": "a.json",
        "step": ACCEPTED,
        "reply": Reply(status=200),
        "remarks": [],
        "messages": [message("accepted")],
        "states": ["idle"],
    }
    return Result(**(given | changed))


def test_what_is_as_expected_has_no_differences() -> None:
    assert result().differences == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reply": Reply(status=422)}, "status 422"),
        ({"reply": Reply(status=None, failure="ConnectError")}, "ConnectError"),
        ({"messages": [message("parked")]}, "rejected, expected accepted"),
        ({"states": ["idle", "parked"]}, "lanes idle, parked"),
        ({"states": []}, "lanes none"),
    ],
)
def test_every_kind_of_difference_is_told(changed: dict[str, Any], said: str) -> None:
    assert any(said in difference for difference in result(**changed).differences)


def test_a_rule_that_was_promised_must_be_named() -> None:
    step = Step(file="a.json", kind="x", status=400, answer="refused", state="none", rules=("ID-CHECKSUM",))
    refused = {"step": step, "reply": Reply(status=400), "messages": [], "states": []}
    assert result(**refused).differences == ["rule ID-CHECKSUM is not named"]
    assert result(**refused, remarks=[Remark("error", "ID-CHECKSUM", "")]).differences == []


@pytest.mark.parametrize(
    ("messages", "rules", "again", "answer"),
    [
        (["accepted"], [], False, "accepted"),
        (["parked"], [], False, "rejected"),
        (["held"], [], False, "held"),
        (["unchanged"], [], False, "unchanged"),
        ([], ["INTAKE-UNCHANGED"], False, "unchanged"),
        ([], ["INTAKE-NOT-REPORTED"], False, "not-reported"),
        ([], [], True, "replayed"),
    ],
)
def test_the_answer_is_read_from_messages_and_rules(
    messages: list[str], rules: list[str], again: bool, answer: str
) -> None:
    found = result(
        messages=[message(state) for state in messages],
        remarks=[Remark("information", rule, "") for rule in rules],
        again=again,
    )
    assert found.answer == answer


def test_of_a_bundle_without_a_promise_only_a_proper_answer_is_asked() -> None:
    assert result(step=None, reply=Reply(status=422)).differences == []
    assert result(step=None, reply=Reply(status=500)).differences == ["no proper answer"]
    assert result(step=None, reply=Reply(status=None)).differences == ["no proper answer"]
