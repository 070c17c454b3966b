"""``vardbro conform``: the conformance kit, and the first report of a vendor's bundles."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from adapter.cli.conform_kit import Door, Outputs, try_kits
from adapter.cli.conform_report import report_on
from adapter.cli.conform_tables import print_grid
from adapter.cli.exits import FINE
from adapter.cli.options import ConfigOption, LangOption
from adapter.cli.submit import CaOption, CertOption, KeyOption, TokenOption
from adapter.config import load_config
from adapter.config.model import REGISTERS
from adapter.conformance.loading import load_kit, manifest_of
from adapter.conformance.own import own_kit

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _registers(names: list[str]) -> list[str]:
    unknown = [name for name in names if name not in REGISTERS]
    if unknown:
        raise typer.BadParameter(f"registers: {', '.join(REGISTERS)}")
    return names


@app.command()
def conform(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH...]", help="A folder with a manifest, or bundles; without: our own cases."
        ),
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="Try the cases on a running adapter.")] = None,
    token_file: TokenOption = None,
    client_cert: CertOption = None,
    client_key: KeyOption = None,
    ca: CaOption = None,
    show_grid: Annotated[
        bool, typer.Option("--grid", help="Print the cell of every case, and run none.")
    ] = False,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Results as JUnit XML.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Results as a page.")] = None,
    testreport: Annotated[
        Path | None, typer.Option("--testreport", metavar="FILE", help="Results as a FHIR TestReport.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Bundles without manifest: the report as a page."),
    ] = None,
    history: Annotated[
        Path | None, typer.Option("--history", metavar="FILE", help="File of earlier scores, which grows.")
    ] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Results or report as JSON.")
    ] = None,
    register: Annotated[
        list[str] | None,
        typer.Option(
            "--register",
            metavar="NAME",
            callback=lambda names: _registers(names or []),
            help="Only these registers (of a report); can be repeated.",
        ),
    ] = None,
    lang: LangOption = "sv",
    config: ConfigOption = None,
) -> int:
    """Try cases and tell which come out otherwise; or report on bundles of which nothing is expected yet."""
    manifests = [manifest_of(path) for path in paths or ()]
    missing = next((path for path in paths or () if not path.exists()), None)
    if missing is not None:
        raise typer.BadParameter(f"{missing} is not there")
    if any(manifests) and not all(manifests):
        raise typer.BadParameter("give folders with manifests, or bundles, and not both at once")
    _require_folders(junit, html, testreport, report, history, as_json)
    kits = [load_kit(file) for file in manifests if file is not None] if paths else [own_kit()]
    if kits:
        _refuse({"--report": report, "--history": history, "--register": register or None}, "a manifest")
        if show_grid:
            print_grid([case for kit in kits for case in kit.cases])
            return FINE
        outputs = Outputs(junit=junit, html=html, testreport=testreport, json=as_json)
        settings = None if config is None else load_config(config)
        door = (
            None if url is None else Door(url=url, token=token_file, cert=client_cert, key=client_key, ca=ca)
        )
        return try_kits(kits, settings, outputs, lang, door)
    wrong = {
        "--url": url,
        "--junit": junit,
        "--html": html,
        "--testreport": testreport,
        "--grid": show_grid or None,
    }
    _refuse(wrong, "bundles without a manifest")
    return report_on(
        paths or [],
        load_config(config),
        register or list(REGISTERS),
        lang,
        page_file=report,
        json_file=as_json,
        history_file=history,
    )


def _refuse(options: Mapping[str, object], where: str) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise typer.BadParameter(f"{given[0]} has no meaning with {where}")


def _require_folders(*files: Path | None) -> None:
    """A mistyped folder is told before the work and not after it."""
    for file in files:
        if file is not None and not file.absolute().parent.is_dir():
            raise typer.BadParameter(f"{file.parent} is no folder")
