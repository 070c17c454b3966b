"""What a version brings to each lane, by name and never by value."""

from msgspec.structs import replace

from adapter.edits.consequences import consequences
from adapter.ledger.model import NewEvent, NewMessage
from adapter.ledger.sql.edits import InLane
from tests.support.world import message

LANE = InLane(
    lane_id=7,
    slot=("gvr", "vardkontakt", "e1"),
    state="idle",
    accepted="c0",
    intent="report",
    body=b'{"id": "e1", "n": 0, "patient": "p", "unit": "u1"}',
)


def version(*messages: NewMessage) -> NewEvent:
    return NewEvent(
        event_id="e1", sender="s", identifier="n", version=None, expected_revision=1, status="final",
        content="", messages=messages, decides=("gvr",),
    )  # fmt: skip


def told(event: NewEvent, *lanes: InLane) -> list[tuple[object, ...]]:
    return [(one["lane"], one["what"], one["changed"]) for one in consequences(event, lanes)]


def test_a_report_names_the_fields_that_it_changes() -> None:
    assert told(version(message("e1", 1)), LANE) == [(7, "report", ["n"])]


def test_where_there_is_no_lane_every_field_is_new() -> None:
    assert told(version(message("e1", 1))) == [(None, "report", ["id", "n", "patient", "unit"])]


def test_what_the_register_holds_already_is_not_sent() -> None:
    same = message("e1", 1)
    assert told(version(same), replace(LANE, accepted=same.content)) == [(7, "unchanged", [])]


def test_what_the_register_holds_is_sent_where_something_else_is_open() -> None:
    same = message("e1", 1)
    assert told(version(same), replace(LANE, accepted=same.content, state="parked"))[0][1] == "report"


def test_what_cannot_be_made_is_held_and_says_why() -> None:
    (found,) = consequences(version(message("e1", held="rule:X")), [LANE])
    assert (found["what"], found["held"], found["changed"]) == ("held", "rule:X", [])


def test_what_goes_to_a_register_in_shadow_is_not_sent() -> None:
    assert told(version(message("e1", 1, shadow=True)), LANE) == [(7, "shadow", ["n"])]


def test_a_lane_that_gets_no_message_any_more_gets_a_cancel() -> None:
    assert told(version(), LANE) == [(7, "cancel", [])]
    assert told(version(), replace(LANE, intent="cancel")) == []
    assert told(replace(version(), decides=()), LANE) == []
