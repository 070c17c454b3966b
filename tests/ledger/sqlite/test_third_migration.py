"""A ledger of the second schema, with a contact in it, after the third migration."""

import shutil
from pathlib import Path

from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sql import pages
from adapter.ledger.sqlite.connection import SqliteConnection, connect
from adapter.ledger.sqlite.migrate import FOLDER, migrate

ROWS = """
INSERT INTO receipts VALUES (1, 's', 'k', 1, 'h', 1, 5.0, 200, NULL, NULL, 1);
INSERT INTO events (event_id, sender, identifier, revision, status, content, receipt_id)
    VALUES ('e1', 's', 'i', 1, 'final', 'c', 1), ('e2', 's', 'i', 1, 'final', 'c', 1);
INSERT INTO lanes (id, register, service, slot, state, token, tries, asks, cause, unit, since, seq)
    VALUES (1, 'gvr', 'x', 'e1', 'parked', 1, 1, 0, 'http-400', 'u', 5.0, 1),
    (2, 'pasis', 'x', 'e2', 'idle', 1, 0, 0, NULL, 'u', 6.0, 1);
INSERT INTO messages (id, lane_id, seq, event_id, receipt_id, intent, state, open, content, identity, unit,
    edition, care_date, created_at, cause, attempts, attempted, ambiguous)
    VALUES (1, 1, 1, 'e1', 1, 'report', 'parked', 1, 'c', 'p', 'u1', '2025', '2025-03-03', 5.0, 'c', 1, 1, 0),
    (2, 2, 1, 'e2', 1, 'report', 'accepted', 0, 'c', 'p', 'u2', '2025', '2025-03-04', 6.0, NULL, 1, 1, 0);
"""


def migrated(tmp_path: Path) -> SqliteConnection:
    """The rows, written under the second schema and brought up to date."""
    early = tmp_path / "early"
    early.mkdir()
    for step in sorted(FOLDER.glob("000[12]_*.sql")):
        shutil.copy(step, early)
    (tmp_path / "l.db").touch()
    db = connect(str(tmp_path / "l.db"))
    assert migrate(db, early) == 2
    db.executescript(ROWS)
    migrate(db)
    return db


def test_messages_are_listed_by_the_register_of_their_lane(tmp_path: Path) -> None:
    db = migrated(tmp_path)
    found = {
        register: [row[0] for row in pages.messages(db, LaneFilter(register=register))]
        for register in ("gvr", "pasis", "signe")
    }
    assert found == {"gvr": [1], "pasis": [2], "signe": []}
    db.close()


def test_events_have_the_unit_and_date_of_their_newest_message(tmp_path: Path) -> None:
    db = migrated(tmp_path)
    found = db.execute("SELECT event_id, unit, care_date FROM events ORDER BY event_id").fetchall()
    assert found == [("e1", "u1", "2025-03-03"), ("e2", "u2", "2025-03-04")]
    db.close()
