"""``vardbro map FILE...``: what the service would send, offline."""

import sys
import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.files import contents
from adapter.cli.options import AtOption, ConfigOption, LangOption, RegisterOption
from adapter.config import Config, load_config
from adapter.documents import map_document, unused_lines, unused_of
from adapter.domain.event import Vardhandelse
from adapter.domain.text import Lang, Text
from adapter.mapping.tally import Tally
from adapter.offline import offline_translator
from adapter.output import json_line
from adapter.registers.gvr.xml import event_document
from adapter.registers.gvr.xml_event import NoFormError
from adapter.translation import Translation

_LEFT_OUT = Text("utelämnas", "left out")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def translate(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Bundles as JSON or XML; - is standard input.")
    ],
    register: RegisterOption = None,
    form: Annotated[
        Literal["json", "xml"], typer.Option("--format", help="xml: the register's document.")
    ] = "json",
    at: AtOption = None,
    trace: Annotated[bool, typer.Option("--trace", help="Add the origin of every field.")] = False,
    show_unused: Annotated[
        bool, typer.Option("--unused", help="Add what of the source nothing was made from.")
    ] = False,
    lang: LangOption = "sv",
    config: ConfigOption = None,
) -> int:
    """Map each bundle and print one JSON document per file, one per line; exit 1 when any has an error.

    With --unused and several files a last line sums up: {"summary": {"bundles": ..., "unused": [...]}}.
    """
    settings = load_config(config)
    translator = offline_translator(settings)
    documents: list[dict[str, Any]] = []
    events: list[Vardhandelse] = []
    tally = Tally()
    for name, raw in contents(files):
        translation = translator.translate(translator.read(raw), at=at, arrived=time.time())
        unread = unused_of(translation) if show_unused else None
        document = map_document(
            translation,
            name,
            translator.catalogue,
            register=register,
            trace=trace,
            unread=unread,
            lang=lang,
        )
        tally.add(unread or ())
        documents.append(document)
        events += _sent_to_gvr(translation)
        if form == "json":
            json_line(document)
    if show_unused and form == "json" and len(documents) > 1:
        json_line({"summary": {"bundles": tally.bundles, "unused": unused_lines(tally, lang)}})
    left_out = _print_xml(events, settings, documents, lang) if form == "xml" else 0
    return FINDINGS if left_out or any(_has_error(document) for document in documents) else FINE


def _has_error(document: dict[str, Any]) -> bool:
    return any(finding["severity"] == "error" for finding in document["findings"])


def _sent_to_gvr(translation: Translation) -> list[Vardhandelse]:
    return [
        contact.mapped.event
        for contact in translation.contacts
        if any(verdict.register == "gvr" and verdict.messages for verdict in contact.verdicts)
    ]


def _print_xml(
    events: list[Vardhandelse], settings: Config, documents: list[dict[str, Any]], lang: Lang
) -> int:
    """One document with the events of all files on standard output; findings go to standard error, and what
    the document has no form for. Answers how many events that are."""
    for document in documents:
        for finding in document["findings"]:
            sys.stderr.write(
                f"{document['source']}: {finding['severity']}: {finding['rule']}: {finding['text']}\n"
            )
    register = settings.settings_of("gvr")
    told = []
    for event in events:
        try:
            event_document([event], register, "")
        except NoFormError as error:
            sys.stderr.write(f"{event.event_id}: {_LEFT_OUT.to(lang)}: {error.text.to(lang)}\n")
        else:
            told.append(event)
    sys.stdout.buffer.write(event_document(told, register, "vardbro-map"))
    sys.stdout.buffer.flush()
    return len(events) - len(told)
