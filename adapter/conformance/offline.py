"""Cases on this code itself: the service's own way from bytes to messages, without ledger and network."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from adapter.config.model import Config
from adapter.conformance.manifest import Case, Outcome, Settings
from adapter.conformance.observed import Observed, Remark, Untold
from adapter.conformance.slots import Slots
from adapter.domain.finding import has_error
from adapter.domain.naming_key import NamingKey
from adapter.errors import PackError
from adapter.offline import (
    OPEN_DOOR,
    RECEIVERS,
    Installed,
    assemble,
    build_receivers,
    read_installed,
)
from adapter.translation import Contact, Translation, Translator
from adapter.version import VERSION

_KEY = "conformance cases alone"
"""Ids and pseudonyms of a run are the same in every run, and mean nothing anywhere else."""


class Offline:
    """This code. `config` is what the settings of a case are laid over; without one, the usual settings.
    `folder` is the kit's, in which a case's tables lie."""

    name = f"vardbro {VERSION} offline"

    def __init__(self, config: Config | None = None, folder: Path | None = None) -> None:
        self._config = config or Config()
        self._folder = folder
        self._made: dict[bytes, Translator] = {}
        self._read: list[tuple[object, Installed]] = []

    def run(self, case: Case, inputs: Sequence[bytes]) -> list[Observed]:
        """What came of each input. Raises PackError for settings that do not exist."""
        translator = self.translator(case.settings, case.id)
        slots = Slots()
        return [_observed(translator.translate(translator.read(raw)), slots) for raw in inputs]

    def translator(self, own: Settings = Settings(), name: str = "") -> Translator:  # noqa: B008 - frozen
        """A translator with the settings `own`, of the case called `name`, laid over the configuration.

        Where a key is missing names are made with one of the kit's: no finding is about that.
        """
        key = orjson.dumps(_as_json(own), option=orjson.OPT_SORT_KEYS)
        if key not in self._made:
            try:
                config = Config.model_validate(_laid_over(self._config, own, self._folder))
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(str(part) for part in first["loc"])
                raise PackError(f"{name}: settings: {place}: {first['msg']}") from None
            self._made[key] = self._make(config)
        return self._made[key]

    def _make(self, config: Config) -> Translator:
        """A translator; what is read from disk is read once for each sender and each folder of tables."""
        read = (config.mappings.overlay, config.senders.get(OPEN_DOOR))
        installed = next((made for known, made in self._read if known == read), None)
        if installed is None:
            installed = read_installed(config)
            self._read.append((read, installed))
        naming = NamingKey(_KEY.encode())
        settings = {name: config.settings_of(name) for name in RECEIVERS}
        return assemble(config, build_receivers(settings, naming), installed, naming)[0]


def outcome_of(translation: Translation) -> Outcome:
    """Whether a sender's bundle is taken, refused, or (a batch) taken in part.

    All but a batch are taken whole or not at all (docs/reference/http.md). A contact is taken unless no
    register can take it for what is wrong with it.
    """
    bundle = translation.reading.bundle
    contacts = translation.contacts
    taken = [contact for contact in contacts if not contact.refused]
    if bundle is None or not taken:
        return "refused"
    if bundle.type != "batch":
        return (
            "accepted" if len(taken) == len(contacts) and not has_error(translation.findings) else "refused"
        )
    at_entries = (finding for finding in translation.findings if finding.severity == "error")
    if any(not any("entry[" in path for path in finding.expression) for finding in at_entries):
        return "refused"
    whole = len(taken) == len(contacts) and not translation.reading.bad_entries
    return "accepted" if whole and not has_error(translation.findings) else "partly"


def taken_of(translation: Translation) -> list[Contact]:
    """The contacts of which messages are made."""
    if outcome_of(translation) == "refused":
        return []
    return [contact for contact in translation.contacts if not contact.refused]


def _observed(translation: Translation, slots: Slots) -> Observed:
    messages = [message for contact in taken_of(translation) for message in slots.take(contact)]
    return Observed(
        outcome=outcome_of(translation),
        messages=tuple(messages),
        findings=tuple(
            Remark(rule=one.rule, severity=one.severity, register=one.register, expression=one.expression)
            for one in translation.all_findings
        ),
        not_reported=tuple(
            Untold(register=verdict.register, rule=rule)
            for contact in translation.contacts
            for verdict in contact.verdicts
            for rule in verdict.not_reported
        ),
    )


def _laid_over(config: Config, settings: Settings, folder: Path | None) -> dict[str, Any]:
    """The configuration with a case's settings, as data to be validated anew."""
    data = config.model_dump(exclude_unset=True)
    registers = data.setdefault("registers", {})
    registers.setdefault("signe", {}).setdefault("pseudonym_key", _KEY)
    for name, own in settings.registers.items():
        registers[name] = {**registers.get(name, {}), **own}
    if settings.sender:
        senders = data.setdefault("senders", {})
        senders[OPEN_DOOR] = {**senders.get(OPEN_DOOR, {}), **settings.sender}
    if settings.tables is not None:
        data["mappings"] = {"overlay": (folder or Path()) / settings.tables}
    return data


def _as_json(settings: Settings) -> dict[str, Any]:
    return {"sender": settings.sender, "registers": settings.registers, "tables": settings.tables}
