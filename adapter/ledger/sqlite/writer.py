"""The one connection that writes: a batch of jobs is one commit, each job a savepoint of its own."""

import sqlite3
from collections.abc import Callable
from typing import Protocol

import structlog

from adapter.errors import LedgerUnavailable
from adapter.ledger.jobs import Job

_log = structlog.get_logger(__name__)


class Session(Protocol):
    """What jobs work with; it lives as long as the connection."""

    def begin(self) -> None:
        """A transaction begins."""
        ...

    def begin_job(self) -> None:
        """A job begins: what it changes in memory may have to be undone."""
        ...

    def undo_job(self) -> None:
        """The job has failed."""
        ...

    def before_commit(self) -> None:
        """The batch is about to be committed."""
        ...

    def reload(self) -> None:
        """The batch was rolled back: read again what is kept in memory."""
        ...


class Writer:
    """Implements Worker. Jobs of a batch fail one by one, but commit together."""

    def __init__(self, open_session: Callable[[], tuple[sqlite3.Connection, Session]]) -> None:
        self._db, self._session = open_session()

    def work(self, batch: list[Job]) -> None:
        """Run and commit the jobs."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._session.begin()
            for job in batch:
                self._run(job)
            self._session.before_commit()
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            _log.error("ledger cannot write", error=_name(error))
            self._roll_back()
            for job in batch:
                job.fail(LedgerUnavailable(f"The ledger cannot write ({_name(error)})."))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _run(self, job: Job) -> None:
        """Run one job in its savepoint. Errors of the store itself end the whole batch."""
        self._session.begin_job()
        self._db.execute("SAVEPOINT job")
        try:
            job.end(job.run(self._session))
        except Exception as error:  # it belongs to whoever asked for the job
            if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
                raise
            job.fail(error)
            self._session.undo_job()
            self._db.execute("ROLLBACK TO job")
        self._db.execute("RELEASE job")

    def _roll_back(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._session.reload()
        except sqlite3.Error as error:
            _log.error("ledger cannot roll back", error=_name(error))


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__
