"""A ledger that contradicts itself is found out."""

from typing import Any

import pytest

from adapter.verification.agreement import Listing, disagreements


def listing(state: str, *messages: str, **changes: Any) -> Listing:
    """One lane with its messages in order, counted as they are."""
    counts: dict[str, int] = {}
    for message in messages:
        counts[message] = counts.get(message, 0) + 1
    return Listing(
        lanes=[{"id": 1, "state": state, "due_at": 1.0, **changes}],
        messages=[{"lane_id": 1, "seq": seq, "state": one} for seq, one in enumerate(messages, start=1)],
        counted={"lanes": {state: 1}, "messages": counts},
    )


@pytest.mark.parametrize(
    ("state", "messages"),
    [
        ("idle", ("accepted", "superseded", "accepted")),
        ("waiting", ("accepted", "waiting")),
        ("leased", ("sending", "waiting")),
        ("leased", ("unknown",)),
        ("unknown", ("unknown", "waiting", "held")),
        ("parked", ("parked", "waiting")),
        ("held", ("closed", "held")),
    ],
)
def test_a_ledger_that_agrees_with_itself_is_left_alone(state: str, messages: tuple[str, ...]) -> None:
    assert disagreements(listing(state, *messages)) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (listing("idle", "waiting"), "front message is waiting"),
        (listing("waiting", "accepted"), "front message is idle"),
        (listing("unknown", "unknown", "sending"), "behind the front"),
        (listing("idle", "superseded"), "superseded by nothing"),
        (listing("waiting", "waiting", due_at=None), "without being due"),
    ],
)
def test_a_lane_that_does_not_follow_from_its_messages_is_named(wrong: Listing, said: str) -> None:
    (found,) = disagreements(wrong)
    assert found.startswith("lane 1: ")
    assert said in found


def test_a_gap_in_the_numbers_of_a_lane_is_named() -> None:
    whole = listing("idle", "accepted", "accepted")
    whole.messages[1]["seq"] = 3
    assert disagreements(whole) == ["lane 1: a sequence number is missing"]


def test_counts_that_differ_from_what_is_listed_are_named() -> None:
    whole = listing("idle", "accepted")
    wrong = Listing(
        lanes=whole.lanes, messages=whole.messages, counted={"lanes": {"parked": 1}, "messages": {}}
    )
    assert len(disagreements(wrong)) == 2
