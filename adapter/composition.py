"""The composition root: the only place that knows every part and puts them together."""

import asyncio
import time
from collections.abc import Sequence

from fastapi import FastAPI

from adapter.api.app import create_app
from adapter.config.keys import use_ledger_keys
from adapter.config.model import Config
from adapter.config.pseudonym import with_pseudonym_keys
from adapter.delivery.courier import Courier, abilities_of
from adapter.domain.naming_key import NamingKey
from adapter.domain.rule import Catalogue
from adapter.edits import Edits
from adapter.errors import LedgerError
from adapter.fhir.parse import Limits
from adapter.hooks.building import pushers
from adapter.hooks.pusher import Pusher
from adapter.hooks.target import Target
from adapter.intake import Intake
from adapter.ledger.access import AccessLedger
from adapter.ledger.completeness import Completeness
from adapter.ledger.editing import Editing
from adapter.ledger.following import Following
from adapter.ledger.hooks import HookLedger
from adapter.ledger.lane.planning import has_means
from adapter.ledger.ledger import Ledger
from adapter.ledger.own_trail import OwnTrail
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.referring import Referring
from adapter.ledger.sqlite import SqliteLedger
from adapter.leftovers import Leftovers
from adapter.offline import (
    assemble,
    build_receivers,
    build_translator,
    contexts_by_name,
    fresh_naming_key,
    read_installed,
)
from adapter.overlay import mapping_folders
from adapter.patient_log import PatientLogs
from adapter.published.library import Shelf, load_library
from adapter.recording import Recorder
from adapter.referrals.follower import Follower
from adapter.registers.protocol import Receiver
from adapter.registers.transports import schedules_for, transport_for, window_for
from adapter.renewal import Corrections, Rules, Trials
from adapter.replay import Remaker, ReplayDesk
from adapter.resources import data_folder
from adapter.shadow.cutover import CutoverList
from adapter.shadow.desk import ShadowDesk
from adapter.translation import Translator
from adapter.validation import Checker


def open_ledger(config: Config) -> Ledger:
    """The configured ledger. Raises ConfigurationError, LedgerInUse, LedgerUnavailable."""
    settings = config.ledger
    use_ledger_keys(config, make=True)
    if settings.is_embedded:
        return SqliteLedger.open(settings.path)
    return PostgresLedger.open(
        settings.url, connections=settings.connections, confirm_within=settings.confirm_within
    )


def build_couriers(config: Config, ledger: Ledger, receivers: dict[str, Receiver]) -> list[Courier]:
    """One courier for each enabled register that is not in shadow mode."""
    return [
        Courier(
            register=name,
            ledger=ledger,
            receiver=receivers[name],
            transport=transport_for(name, settings),
            settings=settings,
            schedule=settings.schedule or config.delivery.schedule,
            schedules=schedules_for(settings),
            window=window_for(name, settings),
        )
        for name, settings in config.register_settings().items()
        if name in receivers and not settings.shadow
    ]


def sender_hooks(config: Config) -> dict[str, Target]:
    """The senders' webhooks, by sender. Raises ConfigurationError."""
    targets = {name: section.hook(f"senders.{name}") for name, section in config.senders.items()}
    return {name: target for name, target in targets.items() if target is not None}


def shelf_of(config: Config, translator: Translator) -> Shelf:
    """What is published: the profiles, and the maps that are in use, read anew when others are."""
    return Shelf(
        lambda: load_library(data_folder("profiles"), mapping_folders(config)), lambda: translator.version
    )


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
        ledger: Ledger,
        catalogue: Catalogue,
        intake: Intake,
        edits: Edits,
        replays: ReplayDesk,
        couriers: Sequence[Courier],
        shadow: ShadowDesk,
        cutovers: CutoverList,
        follower: Follower,
        rules: Rules,
        trials: Trials,
        corrections: Corrections,
        leftovers: Leftovers,
        patient_logs: PatientLogs,
        checker: Checker,
        shelf: Shelf,
        pushers: Sequence[Pusher] = (),
    ) -> None:
        self.config = config
        self.ledger = ledger
        self.catalogue = catalogue
        self.intake = intake
        self.edits = edits
        self.replays = replays
        self.couriers = tuple(couriers)
        self.pushers = tuple(pushers)
        self.shadow = shadow
        self.cutovers = cutovers
        self.follower = follower
        self.rules = rules
        self.trials = trials
        self.corrections = corrections
        self.leftovers = leftovers
        self.patient_logs = patient_logs
        self.completeness = Completeness(ledger)
        self.referring = Referring(ledger)
        self.following = Following(ledger)
        self.own_trail = OwnTrail(ledger)
        self.checker, self.shelf = checker, shelf
        self.hooks = HookLedger(ledger)
        self.access = AccessLedger(ledger)
        self.draining = False

    @classmethod
    def build(cls, config: Config) -> "Application":
        """Load packs and tables and open the ledger.

        Raises PackError, ConfigurationError, LedgerInUse, LedgerUnavailable.
        """
        config = with_pseudonym_keys(config)
        enabled = config.register_settings()
        build_receivers(
            enabled, fresh_naming_key()
        )  # wrong settings stop the start before the ledger is touched
        installed = read_installed(config)
        hooks, operators_hook = sender_hooks(config), config.notifications.hook("notifications")
        ledger = open_ledger(config)
        naming = NamingKey(ledger.naming_secret)
        receivers = build_receivers(enabled, naming)
        translator, senders = assemble(config, receivers, installed, naming)
        ledger.without_means = frozenset(
            name for name, settings in enabled.items() if not has_means(abilities_of(settings))
        )
        couriers = build_couriers(config, ledger, receivers)
        shadow = frozenset(name for name, settings in enabled.items() if settings.shadow)
        endpoint = f"{config.http.base}/fhir/$process-message"
        intake = Intake(translator, ledger, senders.context, shadow=shadow, endpoint=endpoint)
        contexts = contexts_by_name(config, senders)
        replays = ReplayDesk(ledger, Remaker(translator, Recorder(tuple(receivers), shadow), contexts))
        edits = Edits(
            translator,
            Editing(ledger),
            contexts,
            shadow=shadow,
            four_eyes=config.operations.four_eyes,
        )
        ledger.on_messages(lambda registers: _wake(couriers, registers))
        recorder = Recorder(tuple(receivers), shadow, translator.names_contact)
        follower = Follower(translator, recorder, Referring(ledger), contexts)
        rules = Rules(
            ledger,
            translator,
            senders,
            lambda: build_translator(config, receivers, naming=naming),
            replays,
            retry_held=config.mappings.retry_held,
        )
        ledger.on_messages(rules.heard)
        trials = Trials(
            ledger,
            lambda more: build_translator(config, receivers, mapping_folders(config, *more), naming),
            lambda tried: contexts_by_name(config, tried),
            lambda tried: Recorder(tuple(receivers), shadow, tried.names_contact),
        )
        corrections = Corrections(ledger, translator, recorder, contexts)
        tellers = pushers(HookLedger(ledger), hooks, operators_hook)
        return cls(
            config,
            ledger,
            translator.catalogue,
            intake,
            edits,
            replays,
            couriers,
            ShadowDesk(ledger, receivers, enabled, transport_for),
            CutoverList(ledger, receivers),
            follower,
            rules,
            trials,
            corrections,
            Leftovers(ledger, translator, contexts),
            PatientLogs(ledger, translator, contexts),
            Checker(translator, senders.context, Limits(size=config.intake.max_bytes), time.time),
            shelf_of(config, translator),
            tellers,
        )

    def create_app(self) -> FastAPI:
        """The HTTP faces of this application."""
        return create_app(self)

    async def start(self) -> None:
        """Let the couriers run, and those who tell of what they do."""
        for courier in self.couriers:
            courier.start()
        for pusher in self.pushers:
            pusher.start()
        self.replays.runner.start()
        self.follower.start()
        self.rules.start()

    def drain(self) -> None:
        """The end is near: keep nobody waiting."""
        self.draining = True

    async def stop(self) -> None:
        """Drain: no new claims, open attempts end or stay recorded; then close the ledger."""
        self.drain()
        await self.rules.stop()
        await self.replays.runner.stop()
        await self.follower.stop()
        drain = self.config.delivery.drain
        await asyncio.gather(*(courier.stop(drain) for courier in self.couriers))
        await asyncio.gather(*(pusher.stop() for pusher in self.pushers))
        await self.ledger.close()

    async def failing_parts(self) -> list[str]:
        """Names of the parts that do not work: ``ledger``, ``courier gvr``; empty when all is well."""
        failing = [f"courier {courier.register}" for courier in self.couriers if not courier.alive]
        try:
            await self.ledger.check_writable()
        except LedgerError:
            failing.append("ledger")
        return failing
