"""The ledger's own secrets: made once, sealed like every payload, the same on every node and for ever."""

import secrets

from adapter.ledger.envelope import open_envelope, seal
from adapter.ledger.sql.database import Database

MEETINGS = "meetings"
"""The key of the hashes of whom was met where."""

NAMES = "names"
"""The key of ids that are made from a person's number; empty in a ledger that began before there was one."""

PATIENTS = "patients"
"""The key of what stands for a patient in the audit trail."""

_SIZE = 32


def make_secrets(db: Database) -> None:
    """Make those that the ledger does not have yet.

    A ledger that has events already keeps the ids that it has given: its key of names is empty.
    """
    _make(db, MEETINGS, secrets.token_bytes(_SIZE))
    _make(db, PATIENTS, secrets.token_bytes(_SIZE))
    _make(db, NAMES, b"" if _has_events(db) else secrets.token_bytes(_SIZE))


def secret(db: Database, name: str) -> bytes:
    """A secret of the ledger's own. Raises EnvelopeError."""
    row = db.execute("SELECT secret FROM secrets WHERE name = ?", (name,)).fetchone()
    return open_envelope(bytes(row[0]))


def _make(db: Database, name: str, value: bytes) -> None:
    db.execute(
        "INSERT INTO secrets (name, secret) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (name, seal(value))
    )


def _has_events(db: Database) -> bool:
    return db.execute("SELECT 1 FROM events LIMIT 1").fetchone() is not None
