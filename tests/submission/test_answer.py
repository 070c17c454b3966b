"""Reading answers."""

from typing import Any

from adapter.submission.answer import Remark, event_ids, remarks


def outcome(*rules: str) -> dict[str, Any]:
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {"severity": "error", "details": {"coding": [{"code": rule}], "text": "Fel."}} for rule in rules
        ],
    }


def test_an_outcome_gives_its_issues() -> None:
    assert remarks(outcome("ID-CHECKSUM")) == [Remark("error", "ID-CHECKSUM", "Fel.")]


def test_a_response_bundle_gives_the_issues_and_events_of_its_entries_once() -> None:
    body = {
        "resourceType": "Bundle",
        "entry": [
            {"response": {"status": "201 Created", "location": "/api/events/e1", "outcome": outcome("A-B")}},
            {
                "response": {
                    "status": "200 OK",
                    "location": "/api/events/e1",
                    "outcome": outcome("A-B", "C-D"),
                }
            },
            {"response": {"status": "200 OK"}},
        ],
    }
    assert [remark.rule for remark in remarks(body)] == ["A-B", "C-D"]
    assert event_ids(body) == ["e1"]


def test_an_answer_of_another_shape_gives_nothing() -> None:
    assert remarks({}) == []
    assert event_ids({"resourceType": "OperationOutcome"}) == []
