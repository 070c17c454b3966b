"""Idempotency keys."""

from adapter.domain.message import Operation
from adapter.registers.keys import idempotency_key

KEY = idempotency_key("ev-1", 1, Operation.UPDATE, b"{}")


def test_the_same_attempt_has_the_same_key_in_every_process() -> None:
    assert idempotency_key("ev-1", 1, Operation.UPDATE, b"{}") == KEY
    assert KEY == "2e55773c1111afce07b363aa0cf60b8f"


def test_another_message_operation_or_body_has_another_key() -> None:
    others = {
        idempotency_key("ev-2", 1, Operation.UPDATE, b"{}"),
        idempotency_key("ev-1", 3, Operation.UPDATE, b"{}"),
        idempotency_key("ev-1", 1, Operation.CREATE, b"{}"),
        idempotency_key("ev-1", 1, Operation.UPDATE, b"{ }"),
        idempotency_key("ev-11", 1, Operation.UPDATE, b"{}"),
        idempotency_key("ev-", 11, Operation.UPDATE, b"{}"),
    }
    assert len(others) == 6
    assert KEY not in others
