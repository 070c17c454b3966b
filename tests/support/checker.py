"""What must hold of lanes and of the register's log, whatever happened. Raises AssertionError."""

from collections import defaultdict
from typing import Any

from adapter.ledger.protocol import LaneFilter
from tests.support.register import FakeRegister
from tests.support.world import World

LAST_STATES = {
    "waiting", "sending", "unknown", "parked", "held",
    "accepted", "closed", "unchanged", "skipped", "discarded", "shadow",
}  # fmt: skip


def check_register(register: FakeRegister) -> None:
    """Nothing is created twice, and versions of one event take effect in their order."""
    assert register.created_twice == 0, "created twice"
    latest: dict[str, int] = defaultdict(int)
    for method, body in register.effects:
        if method == "DELETE":
            continue
        assert body["n"] >= latest[body["id"]], f"{body['id']}: version {body['n']} came after a newer one"
        latest[body["id"]] = body["n"]


async def check_ledger(world: World) -> None:
    """No lane has lost its newest message, the counts agree and the audit trail is whole."""
    found = await world.ledger.lanes(LaneFilter(limit=1000))
    states: dict[str, int] = defaultdict(int)
    for row in found["lanes"]:
        lane = await world.ledger.lane(row["id"])
        assert lane is not None
        check_lane(lane)
        for message in lane["messages"]:
            states[message["state"]] += 1
    counted = (await world.ledger.summary())["messages"]
    assert counted == dict(states), "the tally is wrong"
    assert (await world.ledger.audit_verify()).broken_at is None, "the audit trail is broken"


def check_lane(lane: dict[str, Any]) -> None:
    """The lane's state follows from its messages, and its newest message is not lost."""
    messages = lane["messages"]
    open_messages = [
        one for one in messages if one["state"] in ("waiting", "sending", "unknown", "parked", "held")
    ]
    assert not messages or messages[-1]["state"] in LAST_STATES, "the newest message was replaced by nothing"
    assert [one["seq"] for one in messages] == list(range(1, len(messages) + 1)), (
        "a sequence number is missing"
    )
    for one in open_messages[1:]:
        assert one["state"] in ("waiting", "held"), "something behind the front is under way"
    front = open_messages[0]["state"] if open_messages else "idle"
    if lane["state"] == "leased":
        assert front in ("sending", "unknown"), "leased for nothing"
        assert [a for a in lane["attempts"] if a["ended_at"] is None], "leased without a recorded attempt"
    else:
        assert lane["state"] == front, f"the lane is {lane['state']}, its front is {front}"
        assert not [a for a in lane["attempts"] if a["ended_at"] is None], "an attempt was left open"
    if lane["state"] == "waiting":
        assert lane["due_at"] is not None, "waits without being due"


async def check_outcome(world: World, expected: dict[str, dict[str, Any] | None]) -> None:
    """Everything has come to rest, and the register holds the newest version of each event."""
    for event_id, body in expected.items():
        lane = await world.lane(event_id)
        assert lane["state"] == "idle", f"{event_id} is {lane['state']}"
        assert world.register.holds.get(event_id) == body, f"{event_id}: the register holds something else"
