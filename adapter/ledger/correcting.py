"""Correcting what registers were told of a contact, after rules, maps or tables have changed.

The event gets a version of the same bytes: lanes, order and what was accepted are respected as for any
version that a sender sends. Who asked for it and why is in the audit trail.
"""

from adapter.ledger import intake
from adapter.ledger.model import Committed, Fact, NewEvent, NewReceipt
from adapter.ledger.sql.session import SqlSession


def correct(tx: SqlSession, receipt: NewReceipt, event: NewEvent, actor: str, reason: str) -> Committed:
    """Commit the event as today's rules make it. Raises StaleEvent when it has changed since it was read."""
    committed = intake.commit(tx, receipt, (event,), _no_answer)
    detail = {"event": event.event_id, "actor": actor, "reason": reason}
    tx.trail.add(Fact("corrected", detail=detail), receipt_id=committed.receipt_id)
    return committed


def _no_answer(_: Committed) -> bytes:
    return b""
