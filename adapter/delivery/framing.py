"""Requests as they are frozen in an attempt, and answers as they are kept with it."""

from typing import Any

import msgspec
import orjson

from adapter.domain.message import Operation
from adapter.ledger.model import AttemptKind, Lane, Message
from adapter.registers.keys import idempotency_key
from adapter.registers.protocol import Answer, Receiver, Request

KEPT_BODY = 16_384
"""Bytes of an answer's body that are kept with the attempt."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Request).decode


class Framer:
    """Makes the requests of one register."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def __call__(
        self, kind: AttemptKind, operation: Operation, lane: Lane, message: Message, body: bytes
    ) -> tuple[bytes, str | None]:
        """The frozen request of an attempt, and its key. See adapter.ledger.protocol.Frame; pure."""
        content = json_body(body)
        if kind == "lookup":
            lookup = self._receiver.lookup(lane.service, content)
            if lookup is None:
                raise LookupError("this service has no look-up")
            return _encode(lookup), None
        key = idempotency_key(lane.slot, message.seq, operation, body)
        return _encode(self._receiver.request(operation, lane.service, content, key)), key


def request_of(frozen: bytes) -> Request:
    """The request that an attempt froze."""
    return _decode(frozen)


def answer_to_keep(answer: Answer) -> bytes:
    """An answer as it is stored with its attempt (msgpack of registers.protocol.Answer)."""
    if len(answer.body) > KEPT_BODY:
        answer = msgspec.structs.replace(answer, body=answer.body[:KEPT_BODY])
    return _encode(answer)


def json_body(body: bytes) -> dict[str, Any]:
    """A message's body as the receivers take it."""
    found: dict[str, Any] = orjson.loads(body) if body else {}
    return found
