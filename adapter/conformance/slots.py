"""What registers hold while the inputs of a case come in one after the other: which message each calls for.

The rules are those of the lanes (docs/explanation/lanes.md), as if every message was accepted at once.
"""

from collections.abc import Iterator

import msgspec

from adapter.conformance.observed import SentMessage
from adapter.domain.message import RegisterMessage
from adapter.translation import Contact, Verdict

Slot = tuple[str, str, str]


class _Held(msgspec.Struct, frozen=True):
    """What a register holds in a slot, and for which event."""

    event_id: str
    message: RegisterMessage


class Slots:
    """The slots of every register, empty at first."""

    def __init__(self) -> None:
        self._held: dict[Slot, _Held] = {}

    def take(self, contact: Contact) -> list[SentMessage]:
        """The messages that a contact which was taken calls for."""
        return [message for verdict in contact.verdicts for message in self._verdict(contact, verdict)]

    def _verdict(self, contact: Contact, verdict: Verdict) -> Iterator[SentMessage]:
        if verdict.fate not in ("message", "not-reported"):
            return
        event = contact.mapped.event.event_id
        named = {_slot(message) for message in verdict.messages}
        for slot, held in list(self._held.items()):
            own = held.event_id == event and slot[:2] == (verdict.register, verdict.service)
            if own and slot not in named:
                yield self._cancel(slot, held.message)
        for message in verdict.messages:
            yield from self._message(event, message)

    def _message(self, event: str, message: RegisterMessage) -> Iterator[SentMessage]:
        slot = _slot(message)
        held = self._held.get(slot)
        if message.intent == "cancel":
            if held is not None:
                yield self._cancel(slot, message if message.body else held.message)
            return
        if held is not None and held.message.identity != message.identity:
            yield self._cancel(slot, held.message)
            held = None
        if held is None or held.message.body != message.body:
            self._held[slot] = _Held(event, message)
            yield SentMessage(
                register=message.register,
                service=message.service,
                operation="create" if held is None else "update",
                body=message.body,
            )

    def _cancel(self, slot: Slot, message: RegisterMessage) -> SentMessage:
        del self._held[slot]
        return SentMessage(
            register=message.register, service=message.service, operation="cancel", body=message.body
        )


def _slot(message: RegisterMessage) -> Slot:
    return message.register, message.service, message.slot
