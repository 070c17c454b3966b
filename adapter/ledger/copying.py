"""Moving a ledger: everything that a file holds is copied to an empty place, in one transaction.

The file is held for the time, so that no service can run on it. Nothing is committed before both sides have
been compared; then the file is marked as moved, and no service starts on it any more.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from adapter.errors import ConfigurationError, LedgerUnavailable
from adapter.ledger import starting
from adapter.ledger.checking import Progress, report
from adapter.ledger.clock import SteadyClock
from adapter.ledger.model import Fact
from adapter.ledger.postgres.access import connected
from adapter.ledger.postgres.target import PostgresTarget
from adapter.ledger.snapshot import Place
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.session import SqlSession
from adapter.ledger.sql.soundness import Fault
from adapter.ledger.sql.tables import TABLES, count
from adapter.ledger.sqlite.connection import SqliteConnection
from adapter.ledger.sqlite.file import prepare
from adapter.ledger.sqlite.holding import held
from adapter.ledger.sqlite.migrate import migrate
from adapter.ledger.sqlite.moved import Mark, clear_mark, mark_of, mark_path, set_mark
from adapter.ledger.sqlite.target import SqliteTarget
from adapter.ledger.transfer import Target, Transfer

COPIED = "copied"
"""Kind of the audit entry that a copy leaves in its target."""


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What was copied. `already`: it had been before, and only the mark was missing.

    `faults` are those of the source, which the target has now too, and what is wrong with its server.
    """

    source: str
    target: str
    rows: dict[str, int]
    already: bool = False
    faults: list[Fault] = []


def copy(
    source: Path, target: Place, actor: str, progress: Progress = lambda _what, _done, _of: None
) -> Copied:
    """Copy the ledger at `source` to the empty `target`, and mark it as moved.

    Raises ConfigurationError (there is no such ledger, it has moved already, the target is not empty or does
    not do), LedgerInUse (a service has one of them open), LedgerUnavailable. Whatever it raises, the target
    holds nothing then, unless its very commit was cut off: the same call finds that out.
    """
    if not source.is_file():
        raise ConfigurationError(f"there is no ledger at {source}", "Name the file: --from sqlite:///FILE.")
    path = prepare(source)
    if isinstance(target, Path) and target.resolve() == path:
        raise ConfigurationError("the ledger is there already", "Name another place with --to.")
    with held(path) as db, _target(target) as to:
        mark = _unfinished(path, to)
        _make_ready(db)
        to.begin()
        if mark is not None and _has(to.db, mark.copy):
            set_mark(path, mark.copy, to.name, done=True)
            return Copied(source=str(path), target=to.name, rows=_counts(to.db), already=True)
        clear_mark(path)
        _refuse_filled(to)
        return _copy(db, path, to, actor, progress)


def _copy(db: SqliteConnection, path: Path, to: Target, actor: str, progress: Progress) -> Copied:
    db.execute("BEGIN")
    progress("check the source", 0, 1)
    before = report(db, str(path), deep=False)
    Transfer(db, to, before.rows, progress).run()
    number = secrets.token_hex(8)
    detail = {"actor": actor, "copy": number, "head": before.head, "rows": before.rows}
    _start(to.finish(), Fact(COPIED, detail=detail))
    progress("check the copy", 0, 1)
    after = report(to.db, to.name, deep=False)
    new = [fault for fault in after.faults if fault not in before.faults and fault.table != "server"]
    if new:
        raise LedgerUnavailable(
            f"the copy is not sound ({new[0].table} {new[0].number} {new[0].what})", "Nothing was kept of it."
        )
    set_mark(path, number, to.name, done=False)
    to.commit()
    set_mark(path, number, to.name, done=True)
    return Copied(source=str(path), target=to.name, rows=before.rows, faults=after.faults)


@contextmanager
def _target(place: Place) -> Iterator[Target]:
    if isinstance(place, str):
        with connected(place) as database:
            yield PostgresTarget(database, place)
    else:
        path = prepare(place)
        with held(path) as file:
            yield SqliteTarget(file, path)


def _unfinished(path: Path, to: Target) -> Mark | None:
    """The mark of a copy that was cut off in its commit. Raises ConfigurationError for any other mark."""
    mark = mark_of(path)
    if mark is None or (not mark.done and mark.to == to.name):
        return mark
    if mark.done:
        raise ConfigurationError(
            f"the ledger at {path} has moved to {mark.to}",
            f"Set [ledger] url to it. To copy once more, delete {mark_path(path)}.",
        )
    raise ConfigurationError(
        f"a copy of the ledger at {path} to {mark.to} broke off at its very end",
        "Finish that one first, with the same --to: perhaps it is there.",
    )


def _make_ready(db: SqliteConnection) -> None:
    """Do what a service does when it starts: migrate, and take over what the last one left in flight."""
    migrate(db)
    db.execute("BEGIN IMMEDIATE")
    _start(SqlSession(db, SteadyClock(), shared=False))
    db.execute("COMMIT")


def _start(session: SqlSession, *facts: Fact) -> None:
    """What starting does, within a transaction: waits count from its clock, and nobody holds a lane."""
    session.begin_job()
    starting.start(session)
    for fact in facts:
        session.trail.add(fact)
    session.before_commit()


_MADE_AT_START = ("secrets", "sealing_keys")
"""What a service writes that was started on an empty ledger: the source brings its own."""


def _refuse_filled(to: Target) -> None:
    filled = [name for name, rows in _counts(to.db).items() if rows]
    if set(filled) <= set(_MADE_AT_START):
        for name in filled:
            to.db.execute(f"DELETE FROM {name}")  # noqa: S608 - one of two names above
    else:
        raise ConfigurationError(
            f"{to.name} is not empty: it has rows in {', '.join(filled)}",
            "A ledger is copied into a new database or file only; two ledgers cannot be made into one.",
        )


def _has(db: Database, number: str) -> bool:
    """Whether a copy of this number was committed."""
    found = db.execute("SELECT detail_json FROM audit WHERE kind = ?", (COPIED,)).fetchall()
    return any(msgspec.json.decode(detail).get("copy") == number for (detail,) in found)


def _counts(db: Database) -> dict[str, int]:
    return {table.name: count(db, table) for table in TABLES}
