"""Whether a ledger's file is whole, as far as SQLite itself can tell."""

from adapter.ledger.sql.database import Database
from adapter.ledger.sql.soundness import MOST, Fault

RESTORE = "Restore the file from a backup; keep the damaged one."


def file_faults(db: Database) -> list[Fault]:
    """What SQLite finds wrong: damaged pages and indexes, and rows that refer to rows which are not there."""
    damaged = [
        Fault("file", "", str(said), RESTORE)
        for (said,) in db.execute(f"PRAGMA integrity_check({MOST})").fetchall()
        if said != "ok"
    ]
    lost = [
        Fault(table, number or "", f"refers to a row of {parent} that is not there", RESTORE)
        for table, number, parent, _ in db.execute("PRAGMA foreign_key_check").fetchall()
    ]
    return damaged + lost[:MOST]
