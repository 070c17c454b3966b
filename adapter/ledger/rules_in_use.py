"""Which rules, maps and tables were in use since when: entries of the audit trail; and the version that an
operator took into use last, which nodes compare with their own."""

import json
from typing import Any

import msgspec

from adapter.ledger.model import Fact
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.session import SqlSession

TAKEN, REFUSED = "rules-in-use", "rules-refused"
RING = "rules:"
"""Begins the word that tells other nodes of a version; what follows is the version."""


class Published(msgspec.Struct, frozen=True):
    """The version that was taken into use last; `number` grows with each that is."""

    version: str
    number: int


def take(tx: SqlSession, version: str, detail: dict[str, Any]) -> None:
    """Note that this node has a version in use from now on."""
    tx.trail.add(Fact(TAKEN, detail={"version": version, **detail}))


def publish(tx: SqlSession, version: str) -> int:
    """Tell all nodes of a version when that is committed: those that listen at once, the others when they
    compare. Answers its number."""
    number: int = tx.db.execute(
        "INSERT INTO in_use (what, version, number, since) VALUES ('rules', ?, 1, ?)"
        " ON CONFLICT (what) DO UPDATE SET version = excluded.version, number = in_use.number + 1,"
        " since = excluded.since RETURNING number",
        (version, tx.now),
    ).fetchone()[0]
    tx.db.execute("SELECT pg_notify('vardbro', ?)", (f"{RING}{version}",))
    return number


def published(db: Database) -> Published | None:
    """The version that was told to all nodes last; None: none was."""
    row = db.execute("SELECT version, number FROM in_use WHERE what = 'rules'").fetchone()
    return None if row is None else Published(row[0], row[1])


def refuse(tx: SqlSession, detail: dict[str, Any]) -> None:
    """Note that a version was not taken into use."""
    tx.trail.add(Fact(REFUSED, detail=detail))


def newest(db: Database) -> str | None:
    """The version that was taken into use last; None for a ledger that has had none."""
    row = db.execute(
        "SELECT detail_json FROM audit WHERE kind = ? ORDER BY at DESC LIMIT 1", (TAKEN,)
    ).fetchone()
    return None if row is None else str(json.loads(row[0])["version"])
