"""How replays are shown: plans, lanes, progress."""

import sys
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adapter.domain.text import Lang
from adapter.output import console, table

Json = dict[str, Any]

_MOST_FIELDS = 20


class Watch:
    """A progress bar on standard error."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(file=sys.stderr), transient=True)
        self._task = self._progress.add_task("plan", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, replay: Json) -> None:
        """Bring the bar to where the replay stands."""
        if replay["state"] == "planning":
            self._progress.update(self._task, description="plan", completed=replay["total"], total=None)
            return
        ended = replay["done"] + replay["skipped"]
        self._progress.update(self._task, description=replay["kind"], completed=ended, total=replay["total"])


def print_plan(replay: Json, lang: Lang) -> None:
    """What the plan of a replay says, in counts."""
    out = console()
    totals = replay["totals"]
    rows = [(effect, lanes, "") for effect, lanes in _largest(totals["effects"]) if effect != "left"]
    rows += [("left as it is", lanes, _why(replay, why, lang)) for why, lanes in _largest(totals["skipped"])]
    title = f"Replay {replay['id']}: {replay['kind']} of {replay['total']} lanes, {replay['rate']:g} a second"
    out.print(title, markup=False, highlight=False)
    if rows:
        out.print(table("", ("what becomes of it", "lanes", "why"), rows))
    for name, title in (("causes", "held or not told for"), ("fields", "fields that differ")):
        if totals[name]:
            counts = ", ".join(f"{what} ({lanes})" for what, lanes in _largest(totals[name])[:_MOST_FIELDS])
            out.print(f"{title}: {counts}", markup=False, highlight=False)


def print_items(items: list[Json]) -> None:
    """The lanes of a replay."""
    columns = ("lane", "message", "was", "cause", "would be", "cause after", "fields", "state", "became")
    rows = (
        (
            one["lane"],
            one["message"],
            one["effect"]["state"],
            one["effect"]["cause"],
            one["effect"]["effect"],
            one["effect"].get("cause_after"),
            ", ".join(one["effect"].get("fields", ())),
            one["state"],
            one["why"] or one["effect"].get("became"),
        )
        for one in items
    )
    console().print(table(f"{len(items)} lanes", columns, rows))


def print_result(replay: Json, lang: Lang = "sv") -> None:
    """How far a replay has come, and why lanes were skipped."""
    out = console()
    out.print(
        f"replay {replay['id']} is {replay['state']}: {replay['done']} done, {replay['skipped']} skipped,"
        f" {replay['left']} left of {replay['total']}",
        markup=False,
        highlight=False,
    )
    for why, lanes in _largest(replay["totals"]["skipped"]):
        out.print(f"  {lanes} x {why}: {_why(replay, why, lang)}", markup=False, highlight=False)


def _why(replay: Json, why: str, lang: Lang) -> str:
    return str(replay["whys"].get(why, {}).get(lang, why))


def _largest(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
