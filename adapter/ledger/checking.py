"""Whether a ledger is sound: its file or server, what its tables say of each other, payloads and trail."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from adapter.ledger.audit import Verdict
from adapter.ledger.postgres import condition
from adapter.ledger.postgres.connection import PostgresConnection
from adapter.ledger.postgres.numbers import number_faults
from adapter.ledger.snapshot import Place, named, snapshot
from adapter.ledger.sql import soundness
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.sealed import SEALED, unopened
from adapter.ledger.sql.soundness import Fault
from adapter.ledger.sql.tables import TABLES, count
from adapter.ledger.sql.trail import verify_trail
from adapter.ledger.sqlite.condition import RESTORE, file_faults


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `rows` counts those of each table, `head` is the newest hash of the audit trail, `says`
    tells of the server (name to text), whether or not it is a fault."""

    ledger: str
    sound: bool
    rows: dict[str, int]
    head: str
    says: dict[str, str]
    faults: list[Fault]


Progress = Callable[[str, int, int], None]
"""(what is done, so much of it, of so much)"""

Look = tuple[str, Callable[[], list[Fault]]]
"""What is looked at, and what finds its faults."""


def check(place: Place, *, deep: bool = False, progress: Progress = lambda _what, _done, _of: None) -> Report:
    """Look at everything, at one moment of the ledger; a service may be at work on it.

    `deep`: open every stored payload, not only some. `progress` is told what is looked at.
    Raises LedgerUnavailable, ConfigurationError.
    """
    with snapshot(place) as db:
        return report(db, named(place), deep=deep, progress=progress)


def report(
    db: Database, name: str, *, deep: bool, progress: Progress = lambda _what, _done, _of: None
) -> Report:
    """The same on a connection whose transaction has begun."""
    says: dict[str, str] = {}
    verdicts: list[Verdict] = []
    looks: list[Look] = [
        *_store(db, says),
        *_rules(db),
        *_payloads(db, deep=deep),
        ("audit", partial(_trail, db, verdicts)),
    ]
    faults = []
    for done, (what, look) in enumerate(looks):
        progress(what, done, len(looks))
        faults += _readable(what, look)
    rows: dict[str, int] = {}
    faults += _readable("rows", partial(_count, db, rows))
    return Report(
        ledger=name,
        sound=not faults,
        rows=rows,
        head=verdicts[0].head if verdicts else "",
        says=says,
        faults=faults,
    )


def _readable(what: str, look: Callable[[], list[Fault]]) -> list[Fault]:
    """What a look finds. A part of a file that is damaged must not hide what the rest says."""
    try:
        return look()
    except sqlite3.DatabaseError as error:
        return [Fault("file", what, f"cannot be read ({error})", RESTORE)]


def _count(db: Database, rows: dict[str, int]) -> list[Fault]:
    rows.update({table.name: count(db, table) for table in TABLES})
    return []


def _store(db: Database, says: dict[str, str]) -> Iterator[Look]:
    if not isinstance(db, PostgresConnection):
        yield "file", partial(file_faults, db)
        return
    yield "server", partial(_server, db, says)
    yield "numbers", partial(number_faults, db)


def _server(db: PostgresConnection, says: dict[str, str]) -> list[Fault]:
    found = condition.server(db)
    says.update({remark.name: remark.says for remark in found})
    return [Fault("server", remark.name, remark.says, remark.mend) for remark in found if not remark.ok]


def _rules(db: Database) -> Iterator[Look]:
    for rule in soundness.RULES:
        yield rule.table, partial(soundness.broken, db, rule)


def _payloads(db: Database, *, deep: bool) -> Iterator[Look]:
    for table in SEALED:
        yield f"payloads of {table.name}", partial(unopened, db, table, deep=deep)


def _trail(db: Database, verdicts: list[Verdict]) -> list[Fault]:
    verdict = verify_trail(db)
    verdicts.append(verdict)
    if verdict.broken_at is None:
        return []
    what = "was changed, or one before it was changed or is missing"
    mend = "Somebody wrote past vardbro: keep a copy, find out who, compare with a backup."
    return [Fault("audit", verdict.broken_at, what, mend)]
