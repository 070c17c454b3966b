"""Sequences: they must give numbers that no row has."""

from adapter.ledger.postgres.connection import PostgresConnection, block
from adapter.ledger.sql.soundness import Fault
from adapter.ledger.sql.tables import TABLES

NUMBERED = [table.name for table in TABLES if table.key == ("id",) and table.name != "audit"]
"""Tables whose numbers a sequence gives; an audit entry's number comes from its strand."""


def number_faults(db: PostgresConnection) -> list[Fault]:
    """Sequences that would give numbers which rows have already, as after a restore of the tables alone."""
    found = []
    for name in NUMBERED:
        if not _one(db, f"SELECT has_sequence_privilege('ids_{name}', 'SELECT')::int"):
            continue
        highest = _one(db, f"SELECT COALESCE(MAX(id), 0) FROM {name}")
        given = f"CASE WHEN is_called THEN {block(name)} ELSE 0 END"
        if highest >= _one(db, f"SELECT last_value + {given} FROM ids_{name}"):
            mend = f"Stop the services, then: SELECT setval('ids_{name}', {highest + 1}, false)."
            found.append(Fault(f"ids_{name}", highest, "is a row's number, and would be given again", mend))
    return found


def raise_numbers(db: PostgresConnection) -> None:
    """Let every sequence go on after the highest number that there is."""
    for name in NUMBERED:
        highest = f"SELECT COALESCE(MAX(id), 0) FROM {name}"
        db.raw.execute(f"SELECT setval('ids_{name}', ({highest}) + 1, false)".encode())


def _one(db: PostgresConnection, statement: str) -> int:
    row = db.raw.execute(statement.encode()).fetchone()
    return 0 if row is None else int(row[0])
