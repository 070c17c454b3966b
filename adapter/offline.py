"""The pure way of the data with everything that is installed: packs, maps, tables, receivers.

What needs no ledger and no network, so that `vardbro map` starts quickly and is the service's own code.
"""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from adapter.config.model import Config, SenderSection
from adapter.domain.testpersons import TestPersons
from adapter.fhir.read import Limits
from adapter.mapping.aliases import load_aliases
from adapter.mapping.concept_maps import load_concept_maps
from adapter.mapping.context import MappingContext, Sender
from adapter.mapping.guard import load_numbers
from adapter.mapping.terminology import load_kombika, load_terminology
from adapter.registers.gvr import GvrReceiver
from adapter.registers.protocol import Receiver, RegisterSettings
from adapter.resources import data_folder
from adapter.rules import Packs, load_packs
from adapter.translation import Translator

RECEIVERS: dict[str, Callable[[RegisterSettings], Receiver]] = {"gvr": GvrReceiver}
"""The receivers of this version, by register."""

OPEN_DOOR = "default"
"""The sender that everybody is while none is configured."""


class Senders:
    """The mapping context of each sender: the shared tables with the sender's own settings."""

    def __init__(self, shared: MappingContext) -> None:
        self._shared = shared
        self._contexts: dict[str, MappingContext] = {shared.sender.name: shared}

    @property
    def default(self) -> MappingContext:
        """The context of whoever comes through the open door."""
        return self._shared

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


def build_translator(config: Config, receivers: dict[str, Receiver]) -> tuple[Translator, Senders]:
    """The pure way of the data for these receivers, with the packs, maps and tables that are installed.

    Raises PackError when one of them does not load, ConfigurationError for a list of test persons.
    """
    mappings = data_folder("mappings")
    packs = load_packs(mappings / "rules")
    senders = Senders(_shared_context(config, packs, mappings))
    facts = {name: _register_facts(config.settings_of(name)) for name in receivers}
    translator = Translator(
        packs,
        senders.default,
        receivers,
        facts,
        Limits(size=config.intake.max_bytes),
        guarded=frozenset(name for name in receivers if config.settings_of(name).production),
    )
    return translator, senders


def offline_translator(config: Config) -> Translator:
    """A translator that shows every register of this version, whether it is enabled or not."""
    receivers = {name: make(config.settings_of(name)) for name, make in RECEIVERS.items()}
    return build_translator(config, receivers)[0]


def _shared_context(config: Config, packs: Packs, mappings: Path) -> MappingContext:
    aliases = load_aliases(mappings / "naming-systems")
    return MappingContext(
        sender=sender_of(OPEN_DOOR, config.senders.get(OPEN_DOOR, SenderSection())),
        catalogue=packs.catalogue,
        aliases=aliases,
        concept_maps=load_concept_maps(mappings / "concept-maps", aliases),
        terminology=load_terminology(mappings / "tables"),
        kombika=load_kombika(mappings / "tables"),
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


def _register_facts(settings: RegisterSettings) -> dict[str, str]:
    facts = {"default_taxa": settings.default_taxa, "default_besokstyp": settings.default_besokstyp}
    return {name: value for name, value in facts.items() if value is not None}
