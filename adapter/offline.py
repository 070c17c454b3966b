"""The pure way of the data with everything that is installed: packs, maps, tables, receivers.

What needs no ledger and no network, so that `vardbro map` starts quickly and is the service's own code.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from adapter.config.model import Config, SenderSection
from adapter.domain.testpersons import TestPersons
from adapter.errors import PackError
from adapter.fhir.read import Limits
from adapter.mapping.aliases import load_aliases
from adapter.mapping.concept_maps import load_concept_maps
from adapter.mapping.context import MappingContext, Sender
from adapter.mapping.guard import load_numbers
from adapter.mapping.terminology import load_kombika, load_terminology
from adapter.overlay import mapping_folders
from adapter.registers.gvr_files import gvr_receiver
from adapter.registers.listning import ListningReceiver
from adapter.registers.pasis import PasisReceiver
from adapter.registers.protocol import Receiver, RegisterSettings
from adapter.registers.signe import SigneReceiver
from adapter.resources import Folders, below, version_of
from adapter.rules import Packs, load_packs
from adapter.translation import Translator

RECEIVERS: dict[str, Callable[[RegisterSettings], Receiver]] = {
    "gvr": gvr_receiver,
    "pasis": PasisReceiver,
    "signe": SigneReceiver,
    "listning": ListningReceiver,
}
"""The receivers of this version, by register."""

OPEN_DOOR = "default"
"""The sender that everybody is while none is configured."""


MOST_READINGS = 5
"""How often files are read again because they were changed meanwhile."""


class Senders:
    """The mapping context of each sender: the shared tables with the sender's own settings."""

    def __init__(self, shared: MappingContext) -> None:
        self._shared = shared
        self._contexts: dict[str, MappingContext] = {shared.sender.name: shared}

    @property
    def default(self) -> MappingContext:
        """The context of whoever comes through the open door."""
        return self._shared

    def renew(self, made: "Senders") -> None:
        """Take over the tables of another, made with the same configuration."""
        self._shared = made.default
        self._contexts = {made.default.sender.name: made.default}

    def context(self, sender: Sender) -> MappingContext:
        """What decides how this sender's bundles are read."""
        context = self._contexts.get(sender.name)
        if context is None or context.sender != sender:
            context = self._contexts[sender.name] = replace(self._shared, sender=sender)
        return context


def contexts_by_name(config: Config, senders: Senders) -> Callable[[str], MappingContext]:
    """The mapping context of a sender by its name, also of one that is configured no longer."""
    return lambda name: senders.context(sender_of(name, config.senders.get(name, SenderSection())))


def sender_of(name: str, section: SenderSection) -> Sender:
    """The sender that a section of the configuration describes."""
    return Sender(
        name=name,
        version_source=section.version,
        vardkontakttyp_reading=section.vardkontakttyp_reading,
        default_unit=section.default_unit,
        default_taxa=section.default_taxa,
        default_besokstyp=section.default_besokstyp,
    )


def build_translator(
    config: Config, receivers: dict[str, Receiver], folders: Folders | None = None
) -> tuple[Translator, Senders]:
    """The pure way of the data for these receivers, with the packs, maps and tables that are installed (or
    those in `folders`).

    Raises PackError when one of them does not load, ConfigurationError for a list of test persons.
    """
    mappings = mapping_folders(config) if folders is None else folders
    for _ in range(MOST_READINGS):
        version = version_of(mappings)
        made = _build_translator(config, receivers, mappings, version)
        if version_of(mappings) == version:
            return made
    raise PackError("rules, maps or tables change while they are read", "Try again in a moment.")


def _build_translator(
    config: Config, receivers: dict[str, Receiver], mappings: Folders, version: str
) -> tuple[Translator, Senders]:
    packs = load_packs(below(mappings, "rules"))
    senders = Senders(_shared_context(config, packs, mappings))
    facts = {name: _register_facts(config.settings_of(name)) for name in receivers}
    translator = Translator(
        packs,
        senders.default,
        receivers,
        facts,
        Limits(size=config.intake.max_bytes),
        guarded=frozenset(name for name in receivers if config.settings_of(name).production),
        version=version,
    )
    return translator, senders


def offline_translator(config: Config) -> Translator:
    """A translator that shows every register of this version, whether it is enabled or not."""
    receivers = {name: make(config.settings_of(name)) for name, make in RECEIVERS.items()}
    return build_translator(config, receivers)[0]


def _shared_context(config: Config, packs: Packs, mappings: Folders) -> MappingContext:
    aliases = load_aliases(below(mappings, "naming-systems"))
    return MappingContext(
        sender=sender_of(OPEN_DOOR, config.senders.get(OPEN_DOOR, SenderSection())),
        catalogue=packs.catalogue,
        aliases=aliases,
        concept_maps=load_concept_maps(below(mappings, "concept-maps"), aliases),
        terminology=load_terminology(below(mappings, "tables")),
        kombika=load_kombika(below(mappings, "tables")),
        test_persons=test_persons(config),
    )


def test_persons(config: Config) -> TestPersons:
    """Who counts as a test person. Raises ConfigurationError for a list that cannot be read."""
    guard = config.guard
    return TestPersons(
        numbers=load_numbers(guard.test_persons, "guard.test_persons"),
        real=load_numbers(guard.real_persons, "guard.real_persons"),
        series=guard.series,
    )


def _register_facts(settings: RegisterSettings) -> dict[str, Any]:
    """What rules may know of a register's settings: adapter.rules.facts.RegisterFacts."""
    as_xml = settings.transport == "file" and settings.format == "xml"
    facts = {
        "default_taxa": settings.default_taxa,
        "default_besokstyp": settings.default_besokstyp,
        "report_not_replacing": settings.report_not_replacing,
        "services": settings.services,
        "form": "xml" if as_xml else "json",
        "pseudonym_key": "configured" if settings.pseudonym_key else None,
    }
    return {name: value for name, value in facts.items() if value is not None}
