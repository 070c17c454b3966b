"""What ``vardbro submit`` shows when it is done."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from adapter.output import console, table
from adapter.registers.masking import mask_text
from adapter.submission.journal import Outcome
from adapter.submission.sources import Pile
from adapter.submission.summary import Summary

_MOST_SHOWN = 50


def show(summary: Summary, total: int, lonely: int, journal: Path | None) -> None:
    """What was not taken, the findings by rule, and the count. `journal` is set after an interruption."""
    out = console()
    if summary.failed:
        shown = summary.failed[:_MOST_SHOWN]
        rows = [(one.name, one.status or one.failure, _errors(one)) for one in shown]
        out.print(table("Not taken", ("source", "answer", "why"), rows))
        if len(summary.failed) > len(shown):
            out.print(f"... and {len(summary.failed) - len(shown)} more", markup=False)
    if summary.findings:
        found = [
            (one.severity, one.rule, one.submissions, one.text, f"{one.source} {one.place}".strip())
            for one in summary.findings
        ]
        out.print(table("Findings", ("severity", "rule", "bundles", "text", "for example"), found))
    counts = ", ".join(f"{count} x {answer}" for answer, count in sorted(summary.answers.items()))
    out.print(f"{summary.taken} of {total} taken ({counts or 'nothing to send'})", markup=False)
    if lonely:
        out.print(f"{lonely} resources belong to no contact and were not sent", markup=False)
    if summary.sent < total:
        again = f"with --journal {journal}" if journal else "from the beginning, which is safe"
        out.print(f"Stopped after {summary.sent}. Run it again {again}.", markup=False)


def tell_doubts(pile: Pile) -> None:
    """The lines of an export that contradict each other, and how much was not sent for them."""
    out = console()
    for lines in pile.doubts:
        out.print(mask_text(f"The same id with another content: {lines}"), markup=False)
    if pile.doubts:
        out.print(
            f"{pile.left_out} contacts were not sent: nobody can tell which content holds (meta.lastUpdated)",
            markup=False,
        )


def results(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Each submission for machines."""
    return [
        {
            "source": one.name,
            "status": one.status,
            "failure": one.failure or None,
            "rules": sorted({remark.rule for remark in one.remarks}),
        }
        for one in outcomes
    ]


def _errors(outcome: Outcome) -> str:
    return "\n".join(
        f"{item.rule}: {item.text}" for item in outcome.remarks if item.severity in ("error", "fatal")
    )
