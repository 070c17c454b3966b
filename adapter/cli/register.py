"""``vardbro register show|pause|resume``: how the registers fare, and stopping one."""

import typer

from adapter.cli.access import ledger_view
from adapter.cli.desk import desk
from adapter.cli.exits import FINE
from adapter.cli.listing import shown_time
from adapter.cli.options import ActorOption, ConfigOption, JsonOption, ReasonOption, RegisterArgument
from adapter.config import load_config
from adapter.output import console, json_line, table

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="The registers: look, pause, resume.")

_COLUMNS = ("register", "paused", "cause", "since", "not before", "lanes", "notices")


@app.command()
def show(config: ConfigOption = None, as_json: JsonOption = False) -> int:
    """Show each register that has lanes or was paused."""
    with ledger_view(load_config(config)) as view:
        registers = view.summary()["registers"]
    if as_json:
        json_line({"registers": registers})
        return FINE
    rows = (
        (
            name,
            facts["paused"] or "no",
            facts.get("cause"),
            shown_time(facts.get("since")),
            shown_time(facts.get("not_before")),
            ", ".join(f"{count} {state}" for state, count in sorted(facts["lanes"].items())),
            len(facts["notices"]),
        )
        for name, facts in sorted(registers.items())
    )
    console().print(table(f"{len(registers)} registers", _COLUMNS, rows))
    return FINE


@app.command()
def pause(
    register: RegisterArgument, reason: ReasonOption, actor: ActorOption, config: ConfigOption = None
) -> int:
    """Stop sending to a register: nothing is parked and nothing is spent, its lanes wait."""
    with desk(load_config(config)) as through:
        through.post(f"/api/registers/{register}/pause", {"reason": reason, "actor": actor})
    console().print(f"{register} is paused", markup=False, highlight=False)
    return FINE


@app.command()
def resume(register: RegisterArgument, actor: ActorOption, config: ConfigOption = None) -> int:
    """Send to a register again, whatever has paused it."""
    with desk(load_config(config)) as through:
        through.post(f"/api/registers/{register}/resume", {"actor": actor})
    console().print(f"{register} is resumed", markup=False, highlight=False)
    return FINE
