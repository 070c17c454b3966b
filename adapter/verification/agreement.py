"""Whether the ledger agrees with itself: states of lanes follow from messages, counts from both. Pure."""

from collections import Counter, defaultdict
from typing import Any

import msgspec

_OPEN = frozenset({"waiting", "sending", "unknown", "parked", "held"})
_FRONTS = {"leased": {"sending", "unknown"}}
_SHOWN = 3


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What the operations API lists: lanes, messages, and the summary's counts."""

    lanes: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    counted: dict[str, Any]


def disagreements(listing: Listing) -> list[str]:
    """What does not fit, one line each; empty when all is well."""
    return [*_of_counts(listing), *_of_lanes(listing)]


def _of_counts(listing: Listing) -> list[str]:
    found = []
    for what, rows in (("lanes", listing.lanes), ("messages", listing.messages)):
        there = dict(Counter(row["state"] for row in rows))
        counted = {state: n for state, n in listing.counted[what].items() if n}
        if there != counted:
            found.append(f"the ledger counts {what} as {counted} and lists {there}")
    return found


def _of_lanes(listing: Listing) -> list[str]:
    by_lane: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for message in listing.messages:
        by_lane[message["lane_id"]].append(message)
    found = []
    for lane in listing.lanes:
        messages = sorted(by_lane[lane["id"]], key=lambda message: message["seq"])
        wrong = _of_lane(lane, messages)
        if wrong:
            found.append(f"lane {lane['id']}: {wrong}")
    return found if len(found) <= _SHOWN else [*found[:_SHOWN], f"and {len(found) - _SHOWN} more lanes"]


def _of_lane(lane: dict[str, Any], messages: list[dict[str, Any]]) -> str | None:
    if [message["seq"] for message in messages] != list(range(1, len(messages) + 1)):
        return "a sequence number is missing"
    waiting = [message["state"] for message in messages if message["state"] in _OPEN]
    front = waiting[0] if waiting else "idle"
    if front not in _FRONTS.get(lane["state"], {lane["state"]}):
        return f"it is {lane['state']}, its front message is {front}"
    if any(state not in ("waiting", "held") for state in waiting[1:]):
        return "something behind the front message is under way"
    if messages and messages[-1]["state"] == "superseded":
        return "its newest message was superseded by nothing"
    if lane["state"] == "waiting" and lane["due_at"] is None:
        return "it waits without being due"
    return None
