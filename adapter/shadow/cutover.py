"""A cut-over list as operators bring it: contacts by identifier, perhaps with what was reported of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson

from adapter.errors import NotPossible
from adapter.ledger.cutover import Cutover, Loaded
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Listing, NewMessage
from adapter.mapping.identifiers import event_id
from adapter.recording import fingerprint
from adapter.registers.protocol import Receiver


class Contact(msgspec.Struct, frozen=True):
    """A line of the list. `identifier` is Encounter.identifier as ``system|value``.

    `body` is what the other system has sent, under the register's names. It may be a part only: then it says
    by which id the register knows the contact, and nothing of its content.
    """

    identifier: str
    body: dict[str, Any] | None = None


class CutoverList:
    """Loads lists into the ledger, and reads what is there."""

    def __init__(self, ledger: Ledger, receivers: Mapping[str, Receiver]) -> None:
        self.stored = Cutover(ledger)
        self._receivers = receivers

    async def load(
        self,
        sender: str,
        register: str,
        contacts: Sequence[Contact],
        actor: str,
        *,
        rehearse: bool = False,
    ) -> Loaded:
        """Let these contacts count as accepted at a register; see Cutover.load.

        Raises NotPossible for a register that is not enabled.
        """
        receiver = self._receiver(register)
        listings = [listing(receiver, sender, contact) for contact in contacts]
        return await self.stored.load(listings, actor, rehearse=rehearse)

    def assumes_our_id(self, register: str, contact: Contact) -> bool:
        """Whether the list does not say by which id the register knows a contact."""
        receiver = self._receiver(register)
        return contact.body is None or not receiver.known_as(receiver.adopt(contact.body))

    def _receiver(self, register: str) -> Receiver:
        receiver = self._receivers.get(register)
        if receiver is None:
            raise NotPossible(f"{register} is not enabled.")
        return receiver


def fault(contact: Contact) -> str | None:
    """Why a line of the list cannot be used, None when it can."""
    system, bar, value = contact.identifier.rpartition("|")
    if not bar or not value.strip() or system != system.strip():
        return "identifier is written SYSTEM|VALUE, or |VALUE for an identifier without a system"
    return None


def listing(receiver: Receiver, sender: str, contact: Contact) -> Listing:
    """A line of the list as the ledger takes it."""
    event = event_id(sender, contact.identifier)
    body = None if contact.body is None else receiver.adopt(contact.body)
    known = {} if body is None else receiver.known_as(body)
    own = {name: value for name, value in known.items() if value != event}
    return Listing(
        sender=sender,
        identifier=contact.identifier,
        register=receiver.name,
        event_id=event,
        reported=None if body is None else _reported(receiver, body, event),
        known_as=orjson.dumps(own).decode() if own else None,
    )


def _reported(receiver: Receiver, body: dict[str, Any], event: str) -> NewMessage | None:
    """The message that a body stands for, None where it names no contact."""
    try:
        message = receiver.reported(body, event)
    except ValueError:
        return None
    return NewMessage(
        register=message.register,
        service=message.service,
        slot=message.slot,
        event_id=event,
        intent=message.intent,
        body=orjson.dumps(message.body),
        trace=b"[]",
        content=fingerprint([message.intent, message.body]),
        identity=message.identity,
        unit=message.unit,
        edition=message.edition,
        care_date=message.care_date,
    )
