"""The composition root: the only place that knows every part and puts them together."""

from collections.abc import Sequence

from fastapi import FastAPI

from adapter.api.app import create_app
from adapter.config.model import Config
from adapter.delivery.courier import Courier
from adapter.domain.rule import Catalogue
from adapter.errors import LedgerError
from adapter.intake import Intake
from adapter.ledger.sqlite import SqliteLedger
from adapter.offline import RECEIVERS, build_translator
from adapter.registers.protocol import Receiver
from adapter.registers.rest import RestTransport


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
