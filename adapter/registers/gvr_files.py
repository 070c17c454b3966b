"""GVR as the delivery sees it where it gets event documents (XML) in files.

Beside the package adapter.registers.gvr, which knows nothing of folders.
"""

from typing import Any

from adapter.domain.message import Found, Operation, Outcome
from adapter.registers.files import exchange
from adapter.registers.gvr import GvrReceiver
from adapter.registers.gvr.services import as_xml, service_of
from adapter.registers.gvr.xml import document
from adapter.registers.protocol import Answer, RegisterSettings, Request


class GvrFileReceiver(GvrReceiver):
    """GVR with a file transport: the same rules and lanes, other requests and answers. A record is an event,
    whose body (adapter.registers.gvr.event_body) the batch turns into its part of a document."""

    def request(self, operation: Operation, service: str, body: dict[str, Any], key: str | None) -> Request:
        """The request that delivers the record of a body; for a cancel `body` is what was accepted.

        Raises ValueError for a body that a document has no form for, so that no batch meets it.
        """
        document([(body, operation is Operation.CANCEL)], "")
        return exchange.delivery(operation, service, _record(body), body, key)

    def lookup(self, service: str, body: dict[str, Any]) -> Request | None:
        """The question what was published of the event."""
        return exchange.question(service, _record(body))

    def read(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Outcome:  # noqa: ARG002
        """Accepted where the file is in its place; where receipts are configured, when one says so."""
        return exchange.read(answer)

    def read_lookup(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Found | Outcome:
        """What the transport's own index says, which is exact; or the verdict of the receiver's receipt."""
        sent = self.request(operation, service_of(body), body, None)
        return exchange.read_lookup(operation, sent, body.get("patientId"), answer)


def gvr_receiver(settings: RegisterSettings) -> GvrReceiver:
    """GVR's receiver for these settings. Raises ConfigurationError as GvrReceiver does."""
    return GvrFileReceiver(settings) if as_xml(settings) else GvrReceiver(settings)


def _record(body: dict[str, Any]) -> str:
    """The record's opaque key: the event's id."""
    return str(body.get("handelseId", ""))
