"""``vardbro demo``: the main job, shown on the sample bundles."""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from adapter.cli.exits import FINDINGS, FINE
from adapter.demo.manifest import load_manifest
from adapter.demo.observe import Observer
from adapter.demo.report import differences, results_table, totals
from adapter.demo.run import Stage, play, stage
from adapter.output import console
from adapter.resources import data_folder

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running until Ctrl-C.")] = False,
) -> int:
    """Start adapter and simulator, submit the samples, print what became of each; exit 0 when as expected."""
    signal.signal(signal.SIGTERM, _leave)
    samples = data_folder("samples")
    steps = load_manifest(samples)
    out = console()
    with stage() as there:
        out.print(f"adapter {there.adapter}, simulator {there.simulator}", markup=False, highlight=False)
        results = []
        with out.status("submitting") as status:
            for result in play(there, samples, steps, _synthea()):
                results.append(result)
                status.update(f"submitted {len(results)}: {result.name}")
        out.print(results_table(results))
        for line in totals(results, _held(there)):
            out.print(line, markup=False, highlight=False)
        wrong = differences(results)
        for line in wrong:
            out.print(f"DIFFERENT  {line}", markup=False, highlight=False)
        out.print("All is as expected." if not wrong else f"{len(wrong)} differences.", highlight=False)
        if keep:
            _stay(there)
    return FINDINGS if wrong else FINE


def _synthea() -> list[Path]:
    """The public Synthea bundles, where they lie beside the checkout."""
    beside = Path(__file__).parents[2].parent / "shared"
    folder = Path(os.environ.get("VARDBRO_SHARED", beside)) / "samples" / "synthea"
    return sorted(folder.glob("*.json"))


def _held(there: Stage) -> dict[str, int]:
    observer = Observer(there.adapter, there.simulator)
    try:
        return observer.held_by_register()
    finally:
        observer.close()


def _stay(there: Stage) -> None:
    sys.stdout.write(
        f"Still running. Operations: {there.adapter}/api/summary  FHIR: {there.adapter}/fhir  "
        f"Simulator: {there.simulator}/_control/log\nCtrl-C ends it.\n"
    )
    sys.stdout.flush()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        sys.stdout.write("\n")


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Unwind on SIGTERM, so that the children are ended."""
    raise SystemExit(FINDINGS)
