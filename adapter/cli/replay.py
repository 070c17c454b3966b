"""``vardbro replay``: retry or remap lanes by a plan, and watch, pause or cancel what runs."""

from typing import Annotated, Any, Literal

import typer

from adapter.cli.desk import Desk, desk, is_shared, service_address
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.listing import CauseOption, LaneOption, LimitOption, SinceOption, shown_time
from adapter.cli.options import (
    ActorOption,
    ConfigOption,
    JsonOption,
    LangOption,
    RegisterOption,
)
from adapter.cli.replay_page import Watch, print_items, print_plan, print_result
from adapter.config import Config, load_config
from adapter.domain.text import Lang
from adapter.output import console, json_line, table

Json = dict[str, Any]
AT_WORK = ("planning", "running")
PATIENCE = 0.5
"""Seconds that the service is asked to wait for news before it answers."""

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Retry lanes that wait for somebody, or remap them with today's rules and tables, by a plan.",
)

ReplayArgument = Annotated[int, typer.Argument(metavar="REPLAY", min=1, help="The replay's number.")]


@app.callback(invoke_without_command=True)
def replay(
    ctx: typer.Context,
    actor: ActorOption,
    plan: Annotated[bool, typer.Option("--plan", help="Make and show the plan; do nothing yet.")] = False,
    remap: Annotated[
        bool, typer.Option("--remap", help="Make the messages anew from the received bytes, not only retry.")
    ] = False,
    register: RegisterOption = None,
    state: Annotated[
        Literal["parked", "held", "unknown"] | None, typer.Option("--state", help="One state only.")
    ] = None,
    cause: CauseOption = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="One care unit only.")] = None,
    lane: LaneOption = None,
    since: SinceOption = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many lanes.")] = None,
    rate: Annotated[float, typer.Option("--rate", min=1, max=500, help="Lanes a second.")] = 20,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="TEXT", help="Why, for the audit trail; no patient data."),
    ] = None,
    config: ConfigOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Plan a replay of the lanes that the filters choose, show the plan, and run it.

    Ctrl-C cancels it: what is done stays done. Exit 1 when lanes were left as they are.
    """
    if ctx.invoked_subcommand is not None:
        if config is not None:
            ctx.default_map = {**(ctx.default_map or {}), ctx.invoked_subcommand: {"config": config}}
        return FINE
    if reason is None:
        raise typer.BadParameter(
            "--reason TEXT says why, for the audit trail; or name one of list, show, run"
        )
    new = {
        "kind": "remap" if remap else "retry",
        "filter": _given(
            register=register, state=state, cause=cause, unit=unit, lane=lane, since=since, limit=limit
        ),
        "rate": rate,
        "actor": actor,
        "reason": reason,
    }
    settings = load_config(config)
    here = _is_alone(settings)
    with desk(settings, lang=lang) as through:
        begun = through.post("/api/replays", new)
        planned = _watched(through, begun, actor)
        if not as_json:
            print_plan(planned, lang)
        if plan or planned["state"] != "planned":
            return _ended(planned, lang, as_json=as_json, is_plan=plan)
        running = through.post(f"/api/replays/{planned['id']}/run", {"actor": actor})
        return _ended(_watched(through, running, actor), lang, as_json=as_json, here=here)


@app.command("list")
def list_replays(limit: LimitOption = 20, config: ConfigOption = None, as_json: JsonOption = False) -> int:
    """List replays, the newest first."""
    with desk(load_config(config)) as through:
        found = through.get("/api/replays", limit=min(limit, 1000))["replays"]
    if as_json:
        json_line({"replays": found})
        return FINE
    columns = ("replay", "kind", "state", "made", "actor", "lanes", "done", "skipped", "reason")
    rows = (
        (
            one["id"],
            one["kind"],
            one["state"],
            shown_time(one["made_at"]),
            one["actor"],
            one["total"],
            one["done"],
            one["skipped"],
            one["reason"],
        )
        for one in found
    )
    console().print(table(f"{len(found)} replays", columns, rows))
    return FINE


@app.command()
def show(
    number: ReplayArgument,
    limit: LimitOption = 100,
    config: ConfigOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Show a replay: its plan, how far it has come, and its lanes."""
    with desk(load_config(config), lang=lang) as through:
        found = through.get(f"/api/replays/{number}")
        items = _items(through, number, limit)
    if as_json:
        json_line({**found, "items": items})
        return FINE
    print_plan(found, lang)
    print_items(items)
    print_result(found, lang)
    return FINE


@app.command()
def run(
    number: ReplayArgument,
    actor: ActorOption,
    config: ConfigOption = None,
    lang: LangOption = "sv",
    as_json: JsonOption = False,
) -> int:
    """Run a plan, or go on with a paused replay; Ctrl-C cancels it."""
    settings = load_config(config)
    here = _is_alone(settings)
    with desk(settings, lang=lang) as through:
        running = through.post(f"/api/replays/{number}/run", {"actor": actor})
        return _ended(_watched(through, running, actor), lang, as_json=as_json, here=here)


@app.command()
def pause(number: ReplayArgument, actor: ActorOption, config: ConfigOption = None) -> int:
    """Stop a running replay; `vardbro replay run` goes on with it."""
    return _order(config, number, "pause", actor)


@app.command()
def cancel(number: ReplayArgument, actor: ActorOption, config: ConfigOption = None) -> int:
    """End a replay; the lanes that are left stay as they are."""
    return _order(config, number, "cancel", actor)


def _order(config: Any, number: int, act: str, actor: str) -> int:
    with desk(load_config(config)) as through:
        print_result(through.post(f"/api/replays/{number}/{act}", {"actor": actor}))
    return FINE


def _watched(through: Desk, found: Json, actor: str) -> Json:
    """The replay, when nobody works on it any more. Ctrl-C cancels it."""
    place = f"/api/replays/{found['id']}"
    with Watch() as watch:
        try:
            while found["state"] in AT_WORK:
                watch.show(found)
                found = through.get(place, wait=PATIENCE)
            watch.show(found)
        except KeyboardInterrupt:
            found = through.post(f"{place}/cancel", {"actor": actor})
    return found


def _is_alone(settings: Config) -> bool:
    """Whether the replay is done by this process, since no service has the ledger."""
    return not is_shared(settings) and service_address(settings) is None


def _ended(found: Json, lang: Lang, *, as_json: bool, is_plan: bool = False, here: bool = False) -> int:
    if as_json:
        json_line(found)
    elif not is_plan:
        print_result(found, lang)
        if here and found["done"]:
            console().print("No service runs: the lanes are delivered when one is started.", markup=False)
    if is_plan and found["state"] == "planned":
        return FINE
    return FINE if found["state"] == "done" and not found["skipped"] else FINDINGS


def _items(through: Desk, number: int, limit: int) -> list[Json]:
    items: list[Json] = []
    after: int | None = 0
    while after is not None and len(items) < limit:
        size = min(1000, limit - len(items))
        page = through.get(f"/api/replays/{number}/items", after=after, limit=size)
        items += page["items"]
        after = page["next"]
    return items


def _given(**members: Any) -> Json:
    return {name: value for name, value in members.items() if value is not None}
