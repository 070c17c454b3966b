"""How ``vardbro lane show`` prints a lane: its messages, its attempts with their reasons, what happened."""

from collections.abc import Iterable
from typing import Any

from adapter.cli.listing import shown_time
from adapter.domain.text import Lang
from adapter.output import console, table

Json = dict[str, Any]


def print_lane(lane: Json, lang: Lang) -> None:
    """Print one lane as the operations API gives it."""
    out = console()
    for line in _head(lane):
        out.print(line, markup=False, highlight=False)
    columns = ("no", "message", "event", "intent", "state", "made", "tries", "cause", "remarks")
    out.print(table("messages", columns, map(_message, lane["messages"])))
    columns = ("attempt", "message", "what", "began", "ended", "outcome", "cause", "field", "reason")
    out.print(table("attempts", columns, (_attempt(one, lang) for one in lane["attempts"])))
    out.print(table("audit", ("at", "what", "message", "detail"), map(_fact, lane["causes"])))


def _head(lane: Json) -> Iterable[str]:
    yield f"lane {lane['id']}: {lane['register']} {lane['service']}, slot {lane['slot']}"
    since, due = shown_time(lane["since"]), shown_time(lane["due_at"])
    yield f"state {lane['state']} since {since}" + (f", due {due}" if due else "")
    if lane["cause"]:
        yield f"cause {lane['cause']}"
    accepted = lane["accepted_message"]
    yield "the register holds nothing of it" if accepted is None else f"accepted is message {accepted}"


def _message(message: Json) -> tuple[object, ...]:
    return (
        message["seq"],
        message["id"],
        message["event_id"],
        message["intent"],
        message["state"],
        shown_time(message["created_at"]),
        message["attempts"],
        message["cause"],
        "; ".join(_remarks(message)),
    )


def _remarks(message: Json) -> Iterable[str]:
    edit = message.get("edit")
    if edit is not None:
        yield f"edit of revision {edit['based_on']} by {edit['actor']}: {edit['reason']}"
    if message["flag"]:
        yield message["flag"]
    if message["ambiguous"]:
        yield "an outcome was in doubt"


def _attempt(attempt: Json, lang: Lang) -> tuple[object, ...]:
    outcome = attempt["outcome"] or {}
    reason = outcome.get("reason")
    return (
        attempt["number"],
        attempt["message_id"],
        f"{attempt['kind']} {attempt['operation']}",
        shown_time(attempt["started_at"]),
        shown_time(attempt["ended_at"]),
        attempt["found"] or outcome.get("kind"),
        outcome.get("cause"),
        outcome.get("field"),
        reason and reason[lang],
    )


def _fact(fact: Json) -> tuple[object, ...]:
    detail = ", ".join(f"{name} {value}" for name, value in fact["detail"].items() if value is not None)
    return shown_time(fact["at"]), fact["kind"], fact["message_id"], detail
