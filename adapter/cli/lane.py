"""``vardbro lane show|retry|remap|settle|discard``: one lane, and what an operator can do about it."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from adapter.cli.access import ledger_view
from adapter.cli.desk import Desk, desk
from adapter.cli.exits import FINE
from adapter.cli.lane_page import print_lane
from adapter.cli.options import ActorOption, ConfigOption, JsonOption, LangOption, ReasonOption
from adapter.config import load_config
from adapter.errors import LedgerError
from adapter.ledger.protocol import LaneFilter
from adapter.output import console, json_line

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="One lane: look and act.")

Json = dict[str, Any]
LaneArgument = Annotated[str, typer.Argument(metavar="LANE", help="The lane's number, or its slot.")]


@app.command()
def show(
    lane: LaneArgument, config: ConfigOption = None, lang: LangOption = "sv", as_json: JsonOption = False
) -> int:
    """Show a lane with its messages, attempts, outcomes and the register's reasons, and its audit entries."""
    with ledger_view(load_config(config)) as view:
        number = _number(lane, lambda slot: view.lanes(LaneFilter(lane=slot)))
        found = view.lane(number)
    if found is None:
        raise _no_lane(lane)
    if as_json:
        json_line(found)
    else:
        print_lane(found, lang)
    return FINE


@app.command()
def retry(lane: LaneArgument, actor: ActorOption, config: ConfigOption = None) -> int:
    """Send a parked message again, or look into an unknown outcome again, at once."""
    return _act(config, lane, "retry", {"actor": actor})


@app.command()
def remap(lane: LaneArgument, reason: ReasonOption, actor: ActorOption, config: ConfigOption = None) -> int:
    """Make the message that stops the lane anew: from the received bytes, with today's rules and tables."""
    return _act(config, lane, "remap", {"reason": reason, "actor": actor})


@app.command()
def settle(
    lane: LaneArgument,
    accepted: Annotated[
        bool, typer.Option("--accepted/--not-accepted", help="The register has done it, or has not.")
    ],
    reason: ReasonOption,
    actor: ActorOption,
    config: ConfigOption = None,
) -> int:
    """Settle an unknown outcome by what you have seen in the register."""
    outcome = "accepted" if accepted else "not-accepted"
    return _act(config, lane, "settle", {"outcome": outcome, "reason": reason, "actor": actor})


@app.command()
def discard(
    lane: LaneArgument,
    reason: ReasonOption,
    actor: ActorOption,
    message: Annotated[
        int | None, typer.Option("--message", metavar="N", help="Another message than the one in front.")
    ] = None,
    config: ConfigOption = None,
) -> int:
    """Give up the message that stops the lane; those behind it go on."""
    return _act(config, lane, "discard", {"reason": reason, "actor": actor, "message": message})


def _act(config: Any, lane: str, what: str, given: Json) -> int:
    with desk(load_config(config)) as through:
        number = _number(lane, lambda slot: _page(through, slot))
        state = through.post(f"/api/lanes/{number}/{what}", given)["state"]
    console().print(f"lane {number} is {state}", markup=False, highlight=False)
    return FINE


def _page(through: Desk, slot: str) -> Json:
    found: Json = through.get("/api/lanes", lane=slot)
    return found


def _number(lane: str, lanes_of: Callable[[str], Json]) -> int:
    """The lane's number. A slot may be that of several lanes, at different registers."""
    if lane.isascii() and lane.isdigit():
        return int(lane)
    found = lanes_of(lane)["lanes"]
    if not found:
        raise _no_lane(lane)
    if len(found) > 1:
        listed = ", ".join(f"{one['id']} ({one['register']} {one['service']})" for one in found)
        raise typer.BadParameter(f"the slot has several lanes, name one by its number: {listed}")
    return int(found[0]["id"])


def _no_lane(lane: str) -> LedgerError:
    return LedgerError(f"there is no lane {lane}", "`vardbro lanes` lists them.")
