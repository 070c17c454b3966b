"""What all receivers have in common that get files and nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from adapter.domain.message import Found, Operation, Outcome, RegisterMessage
from adapter.registers.files import exchange
from adapter.registers.protocol import Answer, Difference, NaturalKey, Receiver, Request


class FileReceiver(Receiver, ABC):
    """A receiver over files: its own part is the record's key and line, and the rendering."""

    hidden_member: str | None = None
    """The member of the body with an identity number, which no text from the receiver may repeat."""

    @abstractmethod
    def record(self, body: dict[str, Any]) -> str:
        """The opaque key of a body's record: the same for every version of it."""

    @abstractmethod
    def line(self, operation: Operation, body: dict[str, Any]) -> dict[str, Any]:
        """The members that a record's line has, under the register's names."""

    def request(self, operation: Operation, service: str, body: dict[str, Any], key: str | None) -> Request:
        """The request that delivers the record of a body; for a cancel `body` is what was accepted."""
        return exchange.delivery(operation, service, self.record(body), self.line(operation, body), key)

    def lookup(self, service: str, body: dict[str, Any]) -> Request | None:
        """The question what was published of the record."""
        return exchange.question(service, self.record(body))

    def read(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Outcome:  # noqa: ARG002
        """Accepted where the file is in its place; where receipts are configured, when one says so."""
        return exchange.read(answer)

    def read_lookup(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Found | Outcome:
        """What the transport's own index says, which is exact; or the verdict of the receiver's receipt."""
        sent = self.request(operation, "", body, None)
        hidden = body.get(self.hidden_member) if self.hidden_member else None
        return exchange.read_lookup(operation, sent, hidden, answer)

    def adopt(self, record: dict[str, Any]) -> dict[str, Any]:
        """As it is: nobody has told what another system's files look like."""
        return record

    def natural_key(self, service: str, body: dict[str, Any]) -> NaturalKey | None:  # noqa: ARG002
        """None: by its body alone nobody can tell which contact of another system a record is about."""
        return None

    def reported(self, body: dict[str, Any], event_id: str) -> RegisterMessage:  # noqa: ARG002
        """Raises ValueError: another system's record cannot be recognised."""
        raise ValueError("a record of this register does not say which contact it is about")

    def known_as(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Nothing."""
        return {}

    def differences(
        self,
        service: str,  # noqa: ARG002
        ours: dict[str, Any],
        theirs: dict[str, Any],
    ) -> Sequence[Difference]:
        """The members that are not equal, without their values."""
        return tuple(
            Difference(name)
            for name in sorted(ours.keys() | theirs.keys())
            if ours.get(name) != theirs.get(name)
        )
