"""``vardbro validate FILE...``: an OperationOutcome per bundle."""

from pathlib import Path
from typing import Annotated

import typer

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.files import contents
from adapter.cli.options import ConfigOption, LangOption
from adapter.config import load_config
from adapter.fhir.outcome import operation_outcome
from adapter.offline import offline_translator
from adapter.output import json_line

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def validate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Bundles as JSON; - is standard input.")
    ],
    config: ConfigOption = None,
    lang: LangOption = "sv",
) -> int:
    """Print one OperationOutcome per file, one per line; exit 1 when any has an error."""
    translator = offline_translator(load_config(config))
    failed = False
    for _, raw in contents(files):
        findings = translator.translate(translator.read(raw)).all_findings
        failed = failed or any(finding.severity == "error" for finding in findings)
        json_line(operation_outcome(findings, translator.catalogue, lang))
    return FINDINGS if failed else FINE
