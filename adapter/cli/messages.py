"""``vardbro messages``: register messages with their state and cause."""

import typer

from adapter.cli.access import ledger_view
from adapter.cli.exits import FINE
from adapter.cli.listing import (
    CauseOption,
    LaneOption,
    LimitOption,
    SinceOption,
    StateOption,
    chosen_by,
    collect,
    shown_time,
)
from adapter.cli.options import ConfigOption, JsonOption, RegisterOption
from adapter.config import load_config
from adapter.ledger.model import MessageState
from adapter.output import console, json_line, table

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def messages(
    state: StateOption = None,
    register: RegisterOption = None,
    lane: LaneOption = None,
    cause: CauseOption = None,
    since: SinceOption = None,
    limit: LimitOption = 100,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """List messages, oldest first."""
    chosen = chosen_by(MessageState, state=state, register=register, lane=lane, cause=cause, since=since)
    with ledger_view(load_config(config)) as view:
        found = collect(view.messages, "messages", chosen, limit)
    if as_json:
        json_line({"messages": found})
        return FINE
    columns = ("message", "register", "service", "event", "no", "intent", "state", "made", "cause")
    rows = (
        (
            one["id"],
            one["register"],
            one["service"],
            one["event_id"],
            one["seq"],
            one["intent"],
            one["state"],
            shown_time(one["created_at"]),
            one["cause"],
        )
        for one in found
    )
    console().print(table(f"{len(found)} messages", columns, rows))
    return FINE
