"""Tries the cases of conformance kits and writes what came of them."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typer

from adapter.cli.conform_tables import print_results
from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.submit import token_in
from adapter.cli.writing import at, progress_bar, write_json
from adapter.config.model import Config
from adapter.conformance.junit import junit
from adapter.conformance.live import Live
from adapter.conformance.loading import Kit
from adapter.conformance.offline import Offline
from adapter.conformance.page import page
from adapter.conformance.running import Results, run_kit
from adapter.conformance.summary import summary
from adapter.conformance.testreport import testreport
from adapter.domain.text import Lang
from adapter.submission.client import secure


class Outputs(msgspec.Struct, frozen=True, kw_only=True):
    """The files that results are written to."""

    junit: Path | None = None
    html: Path | None = None
    testreport: Path | None = None
    json: Path | None = None

    @property
    def wanted(self) -> bool:
        """Whether there is any."""
        return any((self.junit, self.html, self.testreport, self.json))


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """A running adapter, and what proves the sender there: a token's file, a certificate with its key.
    `ca` is the only root to trust."""

    url: str
    token: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    ca: Path | None = None


def try_kits(
    kits: list[Kit], settings: Config | None, outputs: Outputs, lang: Lang, door: Door | None = None
) -> int:
    """Try every case, on this code or behind a door. A kit of which nothing could be run fails."""
    if len(kits) > 1 and outputs.wanted:
        raise typer.BadParameter("one manifest at a time where results are written to files")
    failed = False
    for kit in kits:
        results = _run(kit, settings, door)
        _write(results, outputs, lang)
        print_results(results, lang)
        failed = failed or bool(results.count("failed")) or not results.count("passed")
    return FINDINGS if failed else FINE


def _run(kit: Kit, settings: Config | None, door: Door | None) -> Results:
    with progress_bar() as progress:
        task = progress.add_task("conform", total=len(kit.cases))
        if door is None:
            return run_kit(kit, Offline(settings, kit.folder), lambda: progress.advance(task))
        context = secure(door.cert, door.key, door.ca)
        live = Live(door.url, _token(door.token), f"-{secrets.token_hex(4)}", verify=context)
        try:
            return run_kit(kit, live, lambda: progress.advance(task))
        finally:
            live.close()


def _token(file: Path | None) -> str | None:
    return token_in(file) or os.environ.get("VARDBRO_TOKEN")


def _write(results: Results, outputs: Outputs, lang: Lang) -> None:
    now = datetime.now(UTC)
    if outputs.junit:
        outputs.junit.write_bytes(junit(results, lang))
    if outputs.testreport:
        write_json(outputs.testreport, testreport(results, lang, now))
    if outputs.html or outputs.json:
        document = summary(results, at(now))
        if outputs.json:
            write_json(outputs.json, document)
        if outputs.html:
            outputs.html.write_text(page(document, lang), "utf-8")
