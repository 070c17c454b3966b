"""What became of many submissions."""

from adapter.submission.answer import Remark
from adapter.submission.journal import Outcome
from adapter.submission.summary import Summary


def outcome(number: int, status: int | None, *remarks: Remark) -> Outcome:
    return Outcome(name=f"{number}.json", key=f"{number}:1", status=status, remarks=remarks)


def test_findings_are_counted_once_per_submission_with_the_first_as_example() -> None:
    summary = Summary()
    warning = Remark("warning", "W", "Varning.", "Bundle.entry[1]")
    summary.add(outcome(1, 200, warning, Remark("warning", "W", "Varning.", "Bundle.entry[2]")))
    summary.add(outcome(2, 422, Remark("error", "E", "Fel.", "Bundle.entry[0]"), warning))
    summary.add(outcome(3, None))
    document = summary.document()
    assert [(one["rule"], one["submissions"]) for one in document["findings"]] == [("E", 1), ("W", 2)]
    assert (document["findings"][1]["source"], document["findings"][1]["place"]) == (
        "1.json",
        "Bundle.entry[1]",
    )
    assert (document["submissions"], document["taken"], document["refused"], document["unanswered"]) == (
        3,
        1,
        1,
        1,
    )


def test_of_what_was_taken_nothing_is_kept_but_numbers() -> None:
    summary = Summary()
    for number in range(1000):
        summary.add(outcome(number, 200))
    assert summary.failed == []
    assert summary.answers == {"200": 1000}
