"""A connection that writes, among several: jobs that wait together share a transaction where they can."""

import random
import time
from collections.abc import Callable

import psycopg
import structlog
from psycopg import errors

from adapter.errors import LedgerBusy, LedgerUnavailable, StaleEvent, WriteConflict
from adapter.ledger.jobs import Job
from adapter.ledger.postgres.connection import PostgresConnection
from adapter.ledger.sql.session import SqlSession

TRIES = 8
"""So often a job that collides with other nodes' jobs is run before it gives up."""

PAUSE = 0.002
"""Seconds before a second try, at most; twice as long before each further one."""

_COLLISIONS = (errors.SerializationFailure, errors.DeadlockDetected, WriteConflict)
_OWN_FAULTS = (errors.IntegrityError, errors.DataError)
"""What is wrong with the rows of one job, and not with the database."""

_MADE_AT_ONCE = frozenset({"lanes_register_service_slot_key"})
"""Constraints that stop a row which another node has just made too: the next try finds it."""

_BOUND_AT_ONCE = frozenset({"receipts_bound", "message_ids_pkey"})
"""Constraints that stop a submission whose key another node has just bound."""

_log = structlog.get_logger(__name__)


NOT_CONFIRMED = "The ledger's standby did not confirm the commit."


class _Unconfirmed(Exception):
    """The jobs are committed here; whether the standby has them is not known. They must not be run again."""


class PostgresWriter:
    """Implements Worker.

    A batch is one transaction. If any of its jobs fails or collides, all is undone and each runs alone, so
    that one does not take the others with it. A connection that is lost is made anew for the next batch.
    """

    def __init__(
        self, connect: Callable[[], PostgresConnection], clock: Callable[[], float] | None = None
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._db: PostgresConnection | None = None
        self._open()

    def work(self, batch: list[Job]) -> None:
        """Run and commit the jobs."""
        try:
            self._work(batch)
        except psycopg.Error as error:
            _log.error("ledger cannot write", error=_name(error))
            self._close()
            for job in batch:
                if not job.ended:
                    job.fail(LedgerUnavailable(f"The ledger cannot write ({_name(error)})."))

    def close(self) -> None:
        """Close the connection."""
        self._close()

    def _work(self, batch: list[Job]) -> None:
        if self._db is None:
            self._open()
        try:
            results = self._transact(batch)
        except _Unconfirmed:
            for job in batch:
                job.fail(LedgerUnavailable(NOT_CONFIRMED))
            return
        except Exception as error:
            self._undo()
            if isinstance(error, psycopg.Error) and not isinstance(error, (*_COLLISIONS, *_OWN_FAULTS)):
                raise
            for job in batch:
                self._alone(job)
            return
        for job, result in zip(batch, results, strict=True):
            job.end(result)

    def _alone(self, job: Job) -> None:
        """Run one job until it has been committed, has failed by itself, or has collided too often."""
        for number in range(TRIES):
            try:
                job.end(self._transact([job])[0])
            except _COLLISIONS:
                self._undo()
                time.sleep(random.uniform(0, PAUSE * 2**number))  # noqa: S311  (no secret)
                continue
            except _OWN_FAULTS as error:
                self._undo()
                if error.diag.constraint_name in _MADE_AT_ONCE:
                    continue
                job.fail(_meaning(error))
            except _Unconfirmed:
                job.fail(LedgerUnavailable(NOT_CONFIRMED))
            except psycopg.Error:
                raise
            except Exception as error:  # noqa: BLE001  (it belongs to whoever asked for the job)
                self._undo()
                job.fail(error)
            return
        job.fail(LedgerBusy("Other nodes write the same all the time."))

    def _transact(self, jobs: list[Job]) -> list[object]:
        """Run jobs in one transaction. Raises _Unconfirmed when it was committed, but not safely enough."""
        db, session = self._db, self._session
        if db is None:
            raise errors.ConnectionDoesNotExist("no connection")
        results = []
        with db.pipelined():
            db.begin(self._clock)
            session.begin()
            for job in jobs:
                session.begin_job()
                results.append(job.run(session))
            session.before_commit()
            db.commit()
        if db.doubted:
            raise _Unconfirmed
        return results

    def _open(self) -> None:
        self._db = self._connect()
        self._db.begin(self._clock)
        self._session = SqlSession(self._db, self._time, shared=True)
        self._db.roll_back()

    def _time(self) -> float:
        return self._db.now if self._db is not None else 0.0

    def _undo(self) -> None:
        if self._db is not None:
            self._db.roll_back()
            self._session.reload()

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def _meaning(error: psycopg.Error) -> Exception:
    """What a row that was there already means to whoever wanted to insert it."""
    if error.diag.constraint_name in _BOUND_AT_ONCE:
        return StaleEvent("The deduplication key was bound by another node meanwhile.")
    return error


def _name(error: psycopg.Error) -> str:
    return type(error).__name__ if error.sqlstate is None else f"{type(error).__name__} {error.sqlstate}"
