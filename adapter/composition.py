"""The composition root: the only place that knows every part and puts them together."""

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
from fastapi import FastAPI

from adapter.api.app import create_app
from adapter.config.model import Config
from adapter.delivery.courier import Courier
from adapter.domain.rule import Catalogue
from adapter.errors import LedgerError
from adapter.fhir.read import Limits
from adapter.intake import Intake
from adapter.ledger.sqlite import SqliteLedger
from adapter.mapping.aliases import load_aliases
from adapter.mapping.concept_maps import load_concept_maps
from adapter.mapping.context import MappingContext, Sender
from adapter.mapping.terminology import load_kombika, load_terminology
from adapter.registers.gvr import GvrReceiver
from adapter.registers.protocol import Receiver, RegisterSettings
from adapter.registers.rest import RestTransport
from adapter.resources import data_folder
from adapter.rules import Packs, load_packs
from adapter.translation import Translator

log = structlog.get_logger("vardbro.application")

RECEIVERS: dict[str, Callable[[RegisterSettings], Receiver]] = {"gvr": GvrReceiver}
"""The receivers of this version, by register."""


class Senders:
    """The mapping context of each sender: the shared tables with the sender's own settings."""

    def __init__(self, config: Config, packs: Packs, mappings: Path) -> None:
        aliases = load_aliases(mappings / "naming-systems")
        self._shared = MappingContext(
            sender=Sender(),
            catalogue=packs.catalogue,
            aliases=aliases,
            concept_maps=load_concept_maps(mappings / "concept-maps", aliases),
            terminology=load_terminology(mappings / "tables"),
            kombika=load_kombika(mappings / "tables"),
        )
        self._contexts: dict[Sender, MappingContext] = {}
        self.default = _sender("default", config)

    def context(self, sender: Sender) -> MappingContext:
        """What decides how this sender's bundles are read."""
        context = self._contexts.get(sender)
        if context is None:
            shared = self._shared
            context = self._contexts[sender] = MappingContext(
                sender=sender,
                catalogue=shared.catalogue,
                aliases=shared.aliases,
                concept_maps=shared.concept_maps,
                terminology=shared.terminology,
                kombika=shared.kombika,
            )
        return context


def _sender(name: str, config: Config) -> Sender:
    section = config.senders.get(name)
    if section is None:
        return Sender(name=name)
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

    Raises PackError when one of them does not load.
    """
    mappings = data_folder("mappings")
    packs = load_packs(mappings / "rules")
    senders = Senders(config, packs, mappings)
    facts = {name: _register_facts(_settings_of(config, name)) for name in receivers}
    translator = Translator(
        packs,
        senders.context(senders.default),
        receivers,
        facts,
        Limits(size=config.intake.max_bytes),
    )
    return translator, senders


def offline_translator(config: Config) -> Translator:
    """A translator that shows every register of this version, whether it is enabled or not."""
    receivers = {name: make(_settings_of(config, name)) for name, make in RECEIVERS.items()}
    return build_translator(config, receivers)[0]


def _settings_of(config: Config, name: str) -> RegisterSettings:
    settings: RegisterSettings = getattr(config.registers, name).settings()
    return settings


def _register_facts(settings: RegisterSettings) -> dict[str, str]:
    facts = {"default_taxa": settings.default_taxa, "default_besokstyp": settings.default_besokstyp}
    return {name: value for name, value in facts.items() if value is not None}


def build_couriers(config: Config, ledger: SqliteLedger, receivers: dict[str, Receiver]) -> list[Courier]:
    """One courier for each enabled register that is not in shadow mode."""
    return [
        Courier(
            register=name,
            ledger=ledger,
            receiver=receivers[name],
            transport=RestTransport(settings),
            settings=settings,
            schedule=settings.schedule or config.delivery.schedule,
        )
        for name, settings in config.register_settings().items()
        if name in receivers and not settings.shadow
    ]


def _wake(couriers: Sequence[Courier], registers: frozenset[str]) -> None:
    """Wake the couriers of `registers`; an operator's action (no register named) wakes all."""
    for courier in couriers:
        if not registers or courier.register in registers:
            courier.wake()


class Application:
    """The service: one ledger, intake before it, couriers behind it."""

    def __init__(
        self,
        config: Config,
        ledger: SqliteLedger,
        catalogue: Catalogue,
        intake: Intake,
        couriers: Sequence[Courier],
    ) -> None:
        self.config = config
        self.ledger = ledger
        self.catalogue = catalogue
        self.intake = intake
        self.couriers = tuple(couriers)

    @classmethod
    def build(cls, config: Config) -> "Application":
        """Load packs and tables and open the ledger.

        Raises PackError, ConfigurationError, LedgerInUse, LedgerUnavailable.
        """
        enabled = config.register_settings()
        receivers = {name: RECEIVERS[name](settings) for name, settings in enabled.items()}
        translator, senders = build_translator(config, receivers)
        ledger = SqliteLedger.open(config.ledger.path)
        couriers = build_couriers(config, ledger, receivers)
        intake = Intake(
            translator,
            ledger,
            senders.context,
            shadow=frozenset(name for name, settings in enabled.items() if settings.shadow),
        )
        ledger.on_messages(lambda registers: _wake(couriers, registers))
        return cls(config, ledger, translator.catalogue, intake, couriers)

    def create_app(self) -> FastAPI:
        """The HTTP faces of this application."""
        return create_app(self)

    async def start(self) -> None:
        """Let the couriers run."""
        for courier in self.couriers:
            courier.start()

    async def stop(self) -> None:
        """Drain: no new claims, open attempts end or stay recorded; then close the ledger."""
        for courier in self.couriers:
            await courier.stop(self.config.delivery.drain)
        await self.ledger.close()

    async def failing_parts(self) -> list[str]:
        """Names of the parts that do not work: ``ledger``, ``courier gvr``; empty when all is well."""
        failing = [f"courier {courier.register}" for courier in self.couriers if not courier.alive]
        try:
            await self.ledger.check_writable()
        except LedgerError:
            failing.append("ledger")
        return failing
