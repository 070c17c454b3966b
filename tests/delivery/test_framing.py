"""Requests are frozen with their key, and the key depends on what is asked of which message."""

import orjson
import pytest
from msgspec.structs import replace

from adapter.delivery.framing import KEPT_BODY, Framer, answer_to_keep, request_of
from adapter.domain.message import Operation
from adapter.ledger.model import Lane, Message, MessageState
from adapter.registers.protocol import Answer
from tests.support.register import FakeReceiver

LANE = Lane(id=1, register="gvr", service="vardkontakt", slot="e1")
MESSAGE = Message(
    id=7,
    lane_id=1,
    seq=1,
    event_id="e1",
    receipt_id=1,
    intent="report",
    state=MessageState.WAITING,
    content="c",
    identity="i",
    unit="u",
    edition="2025",
    care_date="2025-03-03",
    created_at=0.0,
)
BODY = orjson.dumps({"id": "e1", "n": 1})


def test_a_frozen_request_comes_back_as_it_was() -> None:
    frozen, key = Framer(FakeReceiver())("deliver", Operation.CREATE, LANE, MESSAGE, BODY)
    request = request_of(frozen)
    assert (request.method, request.body, request.key) == ("POST", BODY, key)


def test_the_same_attempt_has_the_same_key_and_every_other_another() -> None:
    frame = Framer(FakeReceiver())

    def key(
        operation: Operation = Operation.CREATE, seq: int = 1, body: bytes = BODY, slot: str = "e1"
    ) -> object:
        lane, message = replace(LANE, slot=slot), replace(MESSAGE, seq=seq)
        return frame("deliver", operation, lane, message, body)[1]

    assert key() == key()
    others = [key(Operation.UPDATE), key(seq=2), key(body=b'{"id":"e1","n":2}'), key(slot="e2")]
    assert len({key(), *others}) == 5


def test_a_look_up_has_no_key_and_needs_a_register_that_can_be_asked() -> None:
    frozen, key = Framer(FakeReceiver(looks_up=True))("lookup", Operation.CREATE, LANE, MESSAGE, BODY)
    assert (request_of(frozen).method, key) == ("GET", None)
    with pytest.raises(LookupError):
        Framer(FakeReceiver())("lookup", Operation.CREATE, LANE, MESSAGE, BODY)


def test_long_answers_are_cut_before_they_are_kept() -> None:
    assert len(answer_to_keep(Answer(status=200, body=b"x" * 10 * KEPT_BODY))) < KEPT_BODY + 200
