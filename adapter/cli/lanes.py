"""``vardbro lanes``: lanes with their state and cause."""

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
from adapter.ledger.model import LaneState
from adapter.output import console, json_line, table

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def lanes(
    state: StateOption = None,
    register: RegisterOption = None,
    lane: LaneOption = None,
    cause: CauseOption = None,
    since: SinceOption = None,
    limit: LimitOption = 100,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """List lanes: one slot each, that is one event at one register."""
    chosen = chosen_by(LaneState, state=state, register=register, lane=lane, cause=cause, since=since)
    with ledger_view(load_config(config)) as view:
        found = collect(view.lanes, "lanes", chosen, limit)
    if as_json:
        json_line({"lanes": found})
        return FINE
    columns = ("lane", "register", "service", "slot", "state", "since", "due", "tries", "cause")
    rows = (
        (
            one["id"],
            one["register"],
            one["service"],
            one["slot"],
            one["state"],
            shown_time(one["since"]),
            shown_time(one["due_at"]),
            one["tries"],
            one["cause"],
        )
        for one in found
    )
    console().print(table(f"{len(found)} lanes", columns, rows))
    return FINE
