"""vardbro's ledger and courier, on SQLite or on PostgreSQL."""

import logging
from typing import Any

import orjson
import structlog

from adapter.delivery.courier import Courier
from adapter.domain.message import Found, Operation, Outcome, OutcomeClass
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import NewEvent, NewMessage, NewReceipt
from adapter.registers.protocol import Answer, RegisterSettings, Request
from adapter.registers.rest import RestTransport
from benchmarks.contenders.job import Job


class Receiver:
    """The plainest receiver: what is measured is the delivery, not a register's reading of answers."""

    name = "gvr"

    def service(self, event: Any) -> str:
        return "vardkontakt"

    def render(self, event: Any, provenance: Any, edition: str) -> list[Any]:
        return []

    def request(
        self, operation: Operation, service: str, content: dict[str, Any], key: str | None
    ) -> Request:
        path = "/besok/" + content["handelseId"]
        return Request(method="POST", path=path, body=orjson.dumps(content), key=key)

    def lookup(self, service: str, content: dict[str, Any]) -> Request | None:
        return Request(method="GET", path="/count")

    def read(self, operation: Operation, content: dict[str, Any], answer: Answer) -> Outcome:
        kind = OutcomeClass.ACCEPTED if answer.status == 201 else OutcomeClass.UNKNOWN
        return Outcome(kind=kind, cause=f"http-{answer.status}")

    def read_lookup(self, operation: Operation, content: dict[str, Any], answer: Answer) -> Found | Outcome:
        return Found.UNREADABLE


def hush() -> None:
    """Log no more than a service does that is set to warnings."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def open_ledger(store: str) -> Ledger:
    """The ledger at a path or a PostgreSQL URL."""
    if store.startswith("postgresql:"):
        from adapter.ledger.postgres import PostgresLedger  # noqa: PLC0415  (needs the driver)

        return PostgresLedger.open(store)
    from adapter.ledger.sqlite import SqliteLedger  # noqa: PLC0415

    return SqliteLedger.open(store)


class Contestant:
    """Each message is a submission with one event of one message; all events of a key share a lane."""

    def __init__(self, job: Job) -> None:
        hush()
        self._job = job
        register = RegisterSettings(url=job.register, concurrency=job.concurrency, lookup="/count")
        self.settings = {"registers.gvr.concurrency": job.concurrency, "registers.gvr.lookup": "set"}
        self._register = register

    async def open(self) -> None:
        self._ledger = open_ledger(self._job.store)
        self._courier = Courier(
            register="gvr",
            ledger=self._ledger,
            receiver=Receiver(),
            transport=RestTransport(self._register),
            settings=self._register,
        )
        self._ledger.on_messages(lambda _: self._courier.wake())

    async def deliver(self) -> None:
        self._courier.start()

    async def accept(self, key: str, sequence: int, body: bytes) -> None:
        event = new_event(key, f"{key}/{sequence}", body)
        receipt = NewReceipt(
            sender="s",
            key=event.event_id,
            body_hash=event.content,
            size=len(body),
            received_at=0.0,
            status=200,
            payload=None,
        )
        await self._ledger.commit(receipt, (event,), lambda _: b"{}")

    async def unfinished(self) -> int:
        messages: dict[str, int] = (await self._ledger.summary())["messages"]
        return self._job.messages - messages.get("accepted", 0)

    async def close(self) -> None:
        await self._courier.stop(5)
        assert (await self._ledger.audit_verify()).broken_at is None
        await self._ledger.close()


def new_event(slot: str, event_id: str, body: bytes) -> NewEvent:
    """An event with one message for the lane of `slot`."""
    message = NewMessage(
        register="gvr",
        service="vardkontakt",
        slot=slot,
        event_id=event_id,
        intent="report",
        body=body,
        trace=b"[]",
        content=event_id,
        identity="p",
        unit="u",
        edition="2025",
        care_date="2025-03-03",
    )
    return NewEvent(
        event_id=event_id,
        sender="s",
        identifier=event_id,
        version=None,
        expected_revision=0,
        status="final",
        content=event_id,
        messages=(message,),
        unit="u",
        care_date="2025-03-03",
    )
