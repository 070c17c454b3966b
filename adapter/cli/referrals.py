"""``vardbro referrals list|link|dismiss``: calls that may have led to a visit on the same day."""

from typing import Annotated, Literal

import typer

from adapter.cli.desk import desk
from adapter.cli.exits import FINE
from adapter.cli.listing import LimitOption, shown_time
from adapter.cli.options import ActorOption, ConfigOption, JsonOption, ReasonOption
from adapter.config import load_config
from adapter.output import console, json_line, table

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="Calls that may have led to a visit.")

ContactArgument = Annotated[str, typer.Argument(metavar="CONTACT", help="Event id of the earlier contact.")]
VisitArgument = Annotated[str, typer.Argument(metavar="VISIT", help="Event id of the visit.")]


@app.command("list")
def list_suggestions(
    state: Annotated[
        Literal["open", "linked", "dismissed", "closed"], typer.Option("--state", help="Which ones.")
    ] = "open",
    limit: LimitOption = 100,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """List calls and visits of one patient, unit and day that nothing links."""
    with desk(load_config(config)) as at:
        found = at.get("/api/referrals/suggestions", state=state, limit=limit)
    if as_json:
        json_line(found)
        return FINE
    rows = [
        (one["contact"], one["visit"], one["unit"], one["date"], shown_time(one["since"]))
        for one in found["suggestions"]
    ]
    console().print(table(f"suggestions, {state}", ("contact", "visit", "unit", "date", "since"), rows))
    return FINE


@app.command()
def link(
    contact: ContactArgument,
    visit: VisitArgument,
    reason: ReasonOption,
    actor: ActorOption,
    config: ConfigOption = None,
) -> int:
    """Say that the call led to the visit: the call becomes triage, and what was sent is corrected."""
    return _decide("link", contact, visit, reason, actor, config)


@app.command()
def dismiss(
    contact: ContactArgument,
    visit: VisitArgument,
    reason: ReasonOption,
    actor: ActorOption,
    config: ConfigOption = None,
) -> int:
    """Say that they do not belong together: it is not suggested again."""
    return _decide("dismiss", contact, visit, reason, actor, config)


def _decide(what: str, contact: str, visit: str, reason: str, actor: str, config: ConfigOption) -> int:
    asked = {"contact": contact, "visit": visit, "reason": reason, "actor": actor}
    with desk(load_config(config)) as at:
        at.post(f"/api/referrals/{what}", asked)
    return FINE
