"""The pure way of the data with everything that is installed: packs, maps, tables, receivers.

What needs no ledger and no network, so that `vardbro map` starts quickly and is the service's own code.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from adapter.config.model import Config, SenderSection
from adapter.domain.naming_key import NamingKey
from adapter.domain.testpersons import TestPersons
from adapter.errors import PackError
from adapter.fhir.profile import load_profiles
from adapter.fhir.read import Limits
from adapter.mapping.aliases import AliasTable, load_aliases
from adapter.mapping.concept_maps import ConceptMaps, load_concept_maps
from adapter.mapping.context import MappingContext, Sender
from adapter.mapping.guard import load_numbers
from adapter.mapping.terminology import load_kombika, load_terminology
from adapter.overlay import mapping_folders, sender_maps, version_in
from adapter.registers.forms import Forms
from adapter.registers.gvr_files import gvr_receiver
from adapter.registers.listning import ListningReceiver
from adapter.registers.pasis import PasisReceiver
from adapter.registers.protocol import Receiver, RegisterSettings
from adapter.registers.signe import SigneReceiver
from adapter.resources import Folders, below, data_folder
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
    """The mapping context of each sender: the shared tables with the sender's own settings, and with the
    sender's `own` maps where it has any."""

    def __init__(self, shared: MappingContext, own: Mapping[str, ConceptMaps] | None = None) -> None:
        self._shared, self._own = shared, own or {}
        self._contexts: dict[str, MappingContext] = {}

    @property
    def default(self) -> MappingContext:
        """The context of whoever comes through the open door."""
        return self.context(self._shared.sender)

    def renew(self, made: "Senders") -> None:
        """Take over the tables of another, made with the same configuration."""
        self._shared, self._own, self._contexts = made._shared, made._own, {}

    def context(self, sender: Sender) -> MappingContext:
        """What decides how this sender's bundles are read."""
        context = self._contexts.get(sender.name)
        if context is None or context.sender != sender:
            maps = self._own.get(sender.name, self._shared.concept_maps)
            context = self._contexts[sender.name] = replace(self._shared, sender=sender, concept_maps=maps)
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


class Installed(NamedTuple):
    """The packs, maps and tables of some folders, and maps of senders' own; `version` names them. The
    context's key is a fresh one."""

    packs: Packs
    context: MappingContext
    version: str
    own: Mapping[str, ConceptMaps]


def read_installed(config: Config, folders: Folders | None = None) -> Installed:
    """The packs, maps and tables that are installed (or those in `folders`).

    Raises PackError when one of them does not load, ConfigurationError for a list of test persons.
    """
    mappings = mapping_folders(config) if folders is None else folders
    for _ in range(MOST_READINGS):
        version = version_in(config, mappings)
        packs = load_packs(below(mappings, "rules"))
        context = _shared_context(config, packs, mappings)
        own = own_maps(config, mappings, context.aliases)
        if version_in(config, mappings) == version:
            return Installed(packs, context, version, own)
    raise PackError("rules, maps or tables change while they are read", "Try again in a moment.")


def build_receivers(settings: Mapping[str, RegisterSettings], naming: NamingKey) -> dict[str, Receiver]:
    """A receiver for each of these registers, with the installation's key.

    Raises ConfigurationError for settings that a register does not have.
    """
    return {name: RECEIVERS[name](replace(own, naming=naming)) for name, own in settings.items()}


def assemble(
    config: Config, receivers: dict[str, Receiver], installed: Installed, naming: NamingKey | None = None
) -> tuple[Translator, Senders]:
    """The pure way of the data for these receivers with what is installed."""
    context = installed.context if naming is None else replace(installed.context, naming=naming)
    senders = Senders(context, installed.own)
    facts = {name: _register_facts(config.settings_of(name)) for name in receivers}
    translator = Translator(
        installed.packs,
        senders.default,
        receivers,
        facts,
        Limits(size=config.intake.max_bytes),
        guarded=frozenset(name for name in receivers if config.settings_of(name).production),
        version=installed.version,
        profiles=load_profiles(data_folder("profiles")),
        forms=Forms.load(data_folder("profiles") / "registers"),
    )
    return translator, senders


def build_translator(
    config: Config,
    receivers: dict[str, Receiver],
    folders: Folders | None = None,
    naming: NamingKey | None = None,
) -> tuple[Translator, Senders]:
    """The same with what is read now. Raises PackError, ConfigurationError."""
    return assemble(config, receivers, read_installed(config, folders), naming)


def fresh_naming_key() -> NamingKey:
    """A key for this run alone: names made with it mean nothing to anybody later."""
    return NamingKey(secrets.token_bytes(32), fresh=True)


def offline_translator(config: Config, naming: NamingKey | None = None) -> Translator:
    """A translator that shows every register of this version, whether it is enabled or not.

    Without a key ids that are made from a person's number are made with a fresh one, which findings say.
    """
    naming = naming or fresh_naming_key()
    receivers = build_receivers({name: config.settings_of(name) for name in RECEIVERS}, naming)
    return build_translator(config, receivers, naming=naming)[0]


def _shared_context(config: Config, packs: Packs, mappings: Folders) -> MappingContext:
    aliases = load_aliases(below(mappings, "naming-systems"))
    return MappingContext(
        sender=sender_of(OPEN_DOOR, config.senders.get(OPEN_DOOR, SenderSection())),
        naming=fresh_naming_key(),
        catalogue=packs.catalogue,
        aliases=aliases,
        concept_maps=load_concept_maps(below(mappings, "concept-maps"), aliases),
        terminology=load_terminology(below(mappings, "tables")),
        kombika=load_kombika(below(mappings, "tables")),
        test_persons=test_persons(config),
    )


def own_maps(config: Config, mappings: Folders, aliases: AliasTable) -> dict[str, ConceptMaps]:
    """The maps of each sender that has some of its own, with the shared ones below them. Raises PackError."""
    shared = below(mappings, "concept-maps")
    return {name: load_concept_maps(shared, aliases, files) for name, files in sender_maps(config).items()}


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
