"""How the conformance kit's results and the vendor report are shown on a terminal."""

from collections.abc import Iterable
from typing import Any

from adapter.conformance.grid import COLUMNS, cells, rows
from adapter.conformance.manifest import Case
from adapter.conformance.running import Results
from adapter.conformance.vendor.fitness import DEGREES
from adapter.conformance.vendor.words import WORDS
from adapter.domain.text import Lang
from adapter.output import console, table

_MOST = 20


def print_grid(cases: Iterable[Case]) -> None:
    """The cell of every case."""
    listed = [cells(row) for row in rows(cases)]
    console().print(table(f"{len(listed)} cases", COLUMNS, listed))


def print_results(results: Results, lang: Lang) -> None:
    """What failed, then the counts."""
    out = console()
    failed = [
        (one.case.id, one.case.title.to(lang), "\n".join(text.to(lang) for text in one.complaints))
        for one in results.cases
        if one.verdict == "failed"
    ]
    if failed:
        out.print(table("failed", ("case", "title", "why"), failed))
    unseen = sorted({name for one in results.cases for name in one.unseen})
    if unseen:
        out.print(f"not observable on {results.on}: {', '.join(unseen)}", markup=False, highlight=False)
    reasons = sorted({one.why.to(lang) for one in results.cases if one.why is not None})
    if reasons:
        out.print(f"not run: {'; '.join(reasons)}", markup=False, highlight=False)
    counts = f"{results.count('passed')} passed, {results.count('failed')} failed, "
    out.print(
        f"{results.kit.manifest.name} on {results.on}: {counts}{results.count('not-run')} not run",
        markup=False,
        highlight=False,
    )


def print_report(document: dict[str, Any], lang: Lang) -> None:
    """The receivers, and the commonest things to change."""

    def word(name: str) -> str:
        return WORDS[name].to(lang)

    out = console()
    degrees = [
        (one["register"], _percent(one["score"]), *(one[degree] for degree in DEGREES))
        for one in document["registers"]
    ]
    heads = (word("receiver"), word("score"), *(word(degree) for degree in DEGREES))
    out.print(table(f"{word('bundles')}: {document['bundles']}", heads, degrees))
    wrong = [one for one in document["findings"] if one["severity"] != "information"][:_MOST]
    if wrong:
        lines = (
            (one["rule"], word(one["severity"]), one["bundles"], _place(one["example"]), _said(one, lang))
            for one in wrong
        )
        columns = (word("rule"), "", word("bundles"), word("where"), word("what"))
        out.print(table(word("change"), columns, lines))
    if document["not_opened"]:
        lost = [(one["file"], one["why"]) for one in document["not_opened"][:_MOST]]
        out.print(table(word("not_opened"), (word("file"), word("why")), lost))
    out.print(f"{word('score')}: {_percent(document['score'])}", markup=False, highlight=False)


def _said(finding: dict[str, Any], lang: Lang) -> str:
    todo = finding["todo"]
    return str(finding["text"][lang]) if todo is None else f"{finding['text'][lang]} {todo[lang]}"


def _place(example: dict[str, Any]) -> str:
    return f"{example['file']}\n{example['expression']}" if example["expression"] else str(example["file"])


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value} %"
