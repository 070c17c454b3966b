"""The cut-over and the release of a lane, as pure transitions."""

import pytest
from msgspec.structs import replace

from adapter.errors import NotPossible
from adapter.ledger.lane import Standing, cut_over, is_untold, release
from adapter.ledger.model import Accepted, Lane, LaneState, Message, MessageState

NOW = 100.0
LANE = Lane(id=1, register="gvr", service="vardkontakt", slot="e1", seq=2)


def message(seq: int, state: MessageState, **members: object) -> Message:
    made = Message(
        id=10 + seq,
        lane_id=1,
        seq=seq,
        event_id="e1",
        receipt_id=1,
        intent="report",
        state=state,
        content=f"c{seq}",
        identity="p/u",
        unit="u",
        edition="2025",
        care_date="2025-03-03",
        created_at=1.0,
    )
    return replace(made, **members)


def test_what_another_system_has_reported_is_accepted_and_nothing_is_due() -> None:
    shadow = message(2, MessageState.SHADOW)
    step = cut_over(Standing(LANE, (shadow,)), shadow, "anna", NOW)
    assert [(one.state, one.flag) for one in step.messages] == [(MessageState.ACCEPTED, "cut-over")]
    assert (step.lane.state, step.lane.due_at) == (LaneState.IDLE, None)
    assert step.lane.accepted == Accepted(message_id=12, event_id="e1", content="c2", identity="p/u")
    assert [(fact.kind, fact.detail["actor"]) for fact in step.facts] == [("cut-over", "anna")]


def test_what_the_list_does_not_vouch_for_is_there_but_may_differ() -> None:
    shadow = message(2, MessageState.SHADOW)
    step = cut_over(Standing(LANE, (shadow,)), shadow, "anna", NOW, vouched=False, known_as='{"id":"x"}')
    assert step.lane.accepted is not None
    assert step.lane.accepted.content == ""
    assert step.lane.known_as == '{"id":"x"}'


def test_an_older_message_that_could_not_be_made_gives_way() -> None:
    held, shadow = message(1, MessageState.HELD, cause="rule:X"), message(2, MessageState.SHADOW)
    lane = replace(LANE, state=LaneState.HELD, cause="rule:X")
    step = cut_over(Standing(lane, (held, shadow)), shadow, "anna", NOW)
    assert [one.state for one in step.messages] == [MessageState.SUPERSEDED, MessageState.ACCEPTED]
    assert (step.lane.state, step.lane.cause) == (LaneState.IDLE, None)


def test_a_newer_message_that_could_not_be_made_goes_on_waiting_for_somebody() -> None:
    shadow, held = message(1, MessageState.SHADOW), message(2, MessageState.HELD, cause="rule:X")
    lane = replace(LANE, state=LaneState.HELD, cause="rule:X")
    step = cut_over(Standing(lane, (shadow, held)), shadow, "anna", NOW)
    assert [one.state for one in step.messages] == [MessageState.ACCEPTED, MessageState.HELD]
    assert (step.lane.state, step.lane.cause) == (LaneState.HELD, "rule:X")


def test_a_message_that_stands_for_the_other_systems_takes_the_next_number() -> None:
    held = message(2, MessageState.HELD, cause="rule:X")
    step = cut_over(Standing(LANE, (held,)), message(3, MessageState.WAITING), "anna", NOW)
    assert [one.state for one in step.messages] == [MessageState.HELD, MessageState.ACCEPTED]
    assert step.lane.seq == 3


@pytest.mark.parametrize(
    "standing",
    [
        Standing(replace(LANE, state=LaneState.LEASED), (message(2, MessageState.SENDING),)),
        Standing(replace(LANE, state=LaneState.UNKNOWN), (message(2, MessageState.UNKNOWN),)),
        Standing(replace(LANE, state=LaneState.PARKED), (message(2, MessageState.PARKED, attempted=True),)),
        Standing(replace(LANE, accepted=Accepted(message_id=9, event_id="e1", content="c", identity="p/u"))),
    ],
    ids=["a worker holds it", "its outcome is unknown", "it was refused", "something was accepted"],
)
def test_a_lane_that_the_register_was_asked_for_cannot_be_cut_over(standing: Standing) -> None:
    assert not is_untold(standing)
    with pytest.raises(NotPossible):
        cut_over(standing, message(3, MessageState.SHADOW), "anna", NOW)


def test_a_released_message_waits_to_be_sent_at_once() -> None:
    shadow = message(2, MessageState.SHADOW)
    step = release(Standing(LANE, (shadow,)), shadow, "anna", NOW)
    assert [one.state for one in step.messages] == [MessageState.WAITING]
    assert (step.lane.state, step.lane.due_at) == (LaneState.WAITING, NOW)
    assert [fact.kind for fact in step.facts] == ["released"]


def test_a_released_correction_goes_after_what_the_cut_over_counts_as_accepted() -> None:
    accepted = Accepted(message_id=11, event_id="e1", content="c1", identity="p/u")
    shadow = message(2, MessageState.SHADOW)
    step = release(Standing(replace(LANE, accepted=accepted), (shadow,)), shadow, "anna", NOW)
    assert (step.lane.state, step.lane.accepted) == (LaneState.WAITING, accepted)


def test_a_released_report_of_what_is_accepted_already_ends_unsent() -> None:
    accepted = Accepted(message_id=11, event_id="e1", content="c2", identity="p/u")
    shadow = message(2, MessageState.SHADOW)
    step = release(Standing(replace(LANE, accepted=accepted), (shadow,)), shadow, "anna", NOW)
    assert [one.state for one in step.messages] == [MessageState.UNCHANGED]
    assert step.lane.state is LaneState.IDLE


def test_a_released_cancel_of_what_was_never_told_is_closed() -> None:
    shadow = message(2, MessageState.SHADOW, intent="cancel")
    step = release(Standing(LANE, (shadow,)), shadow, "anna", NOW)
    assert [one.state for one in step.messages] == [MessageState.CLOSED]
    assert step.lane.state is LaneState.IDLE


@pytest.mark.parametrize("shadow", [message(1, MessageState.SHADOW), message(2, MessageState.ACCEPTED)])
def test_only_the_newest_message_in_shadow_can_be_released(shadow: Message) -> None:
    with pytest.raises(NotPossible):
        release(Standing(LANE, (shadow,)), shadow, "anna", NOW)
