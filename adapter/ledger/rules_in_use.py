"""Which rules, maps and tables were in use since when: entries of the audit trail."""

import json
from typing import Any

from adapter.ledger.model import Fact
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.session import SqlSession

TAKEN, REFUSED = "rules-in-use", "rules-refused"
RING = "rules:"
"""Begins the word that tells other nodes of a version; what follows is the version."""


def take(tx: SqlSession, version: str, detail: dict[str, Any], *, tell: bool) -> None:
    """Note that a version is in use from now on. `tell`: other nodes are told when that is committed."""
    tx.trail.add(Fact(TAKEN, detail={"version": version, **detail}))
    if tell:
        tx.db.execute("SELECT pg_notify('vardbro', ?)", (f"{RING}{version}",))


def refuse(tx: SqlSession, detail: dict[str, Any]) -> None:
    """Note that a version was not taken into use."""
    tx.trail.add(Fact(REFUSED, detail=detail))


def newest(db: Database) -> str | None:
    """The version that was taken into use last; None for a ledger that has had none."""
    row = db.execute(
        "SELECT detail_json FROM audit WHERE kind = ? ORDER BY at DESC LIMIT 1", (TAKEN,)
    ).fetchone()
    return None if row is None else str(json.loads(row[0])["version"])
