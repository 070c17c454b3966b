"""Reports on a vendor's bundles of which nothing is expected yet."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from adapter.cli.conform_tables import print_report
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.writing import at, progress_bar, write_json
from adapter.config.model import Config
from adapter.conformance.offline import Offline
from adapter.conformance.vendor.document import document, point
from adapter.conformance.vendor.fitness import told_of_contacts
from adapter.conformance.vendor.history import append, read_history
from adapter.conformance.vendor.page import page
from adapter.conformance.vendor.survey import Survey
from adapter.conformance.vendor.tally import Counts
from adapter.domain.text import Lang
from adapter.submission.sources import files_of


def report_on(
    paths: list[Path],
    settings: Config,
    registers: list[str],
    lang: Lang,
    *,
    page_file: Path | None,
    json_file: Path | None,
    history_file: Path | None,
) -> int:
    """Go through all bundles, print what came of them and write the files that are asked for.

    Files that an earlier report left in the same folder are not taken for bundles.
    """
    earlier = read_history(history_file) if history_file else []
    own = {file.resolve() for file in (page_file, json_file, history_file) if file is not None}
    survey = Survey(
        (file for file in files_of(paths) if file.resolve() not in own), settings.intake.max_bytes
    )
    if not len(survey):
        raise typer.BadParameter("there are no bundles: .json, .xml, .ndjson")
    translator = Offline(settings).translator()
    counts = Counts(registers, told_of_contacts(translator))
    with progress_bar() as progress:
        task = progress.add_task("conform", total=len(survey))
        survey.count(translator, counts, lambda: progress.advance(task))
    newest = point(counts, at(datetime.now(UTC)), translator.version)
    made = document(counts, translator.catalogue, [*earlier, newest])
    if page_file:
        page_file.write_text(page(made, lang), "utf-8")
    if json_file:
        write_json(json_file, made)
    if history_file:
        append(history_file, newest)
    print_report(made, lang)
    unfit = counts.unopened or any(one["refused"] or one["held"] for one in made["registers"])
    return FINDINGS if unfit else FINE
