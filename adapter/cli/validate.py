"""``vardbro validate FILE...``: an OperationOutcome per bundle, or per resource that stands alone."""

import time
from pathlib import Path
from typing import Annotated

import typer

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.files import contents
from adapter.cli.options import ConfigOption, LangOption
from adapter.config import load_config
from adapter.domain.finding import Finding
from adapter.fhir.outcome import operation_outcome
from adapter.fhir.read import validate as validate_alone
from adapter.offline import offline_translator
from adapter.output import json_line
from adapter.translation import Translator

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def validate(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Bundles or resources as JSON or XML; - is standard input."),
    ],
    config: ConfigOption = None,
    lang: LangOption = "sv",
) -> int:
    """Print one OperationOutcome per file, one per line; exit 1 when any has an error."""
    translator = offline_translator(load_config(config))
    failed = False
    for _, raw in contents(files):
        findings = _findings(translator, raw)
        failed = failed or any(finding.severity == "error" for finding in findings)
        json_line(operation_outcome(findings, translator.catalogue, lang))
    return FINDINGS if failed else FINE


def _findings(translator: Translator, raw: bytes) -> list[Finding]:
    """A bundle is judged as a sender's would be; another resource by R4 and the profiles that it claims."""
    reading = translator.read(raw)
    if any(finding.rule == "FHIR-NOT-BUNDLE" for finding in reading.findings):
        return validate_alone(raw, translator.catalogue, profiles=translator.profiles)
    return translator.translate(reading, arrived=time.time()).all_findings
