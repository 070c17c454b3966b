"""When a register's daily batch is written: once a day at a local time, or at once when a day was missed."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

import structlog

from adapter.domain.localtime import STOCKHOLM
from adapter.domain.message import OutcomeClass
from adapter.registers.files.index import Index

DONE = frozenset({OutcomeClass.ACCEPTED, OutcomeClass.REJECTED, OutcomeClass.UNKNOWN, OutcomeClass.ELSEWHERE})
"""Outcomes after which the day's batch can be said to be done: those of a folder that works."""

LOOK_AGAIN = 60.0
"""Seconds after which the folder is asked again whether the day is done: another process may have done it."""

LONGEST = 1800.0
"""Seconds for which the window stays open although there is always something new."""

_log = structlog.get_logger("vardbro.files")


class BatchWindow:
    """Says when a register's waiting lanes may be delivered: from `at` (``HH:MM``, local) until all is told.

    The last day that is done stands in the folder's index, so that a restart neither repeats a day nor
    forgets one. In a folder without history nothing was missed: the first batch is the next one. In the hour
    that spring skips, the time is an hour later on the clock; of the hour that autumn repeats it is the
    first. A folder that fails keeps the window open, and the register's schedule decides when it is tried.
    `now` is the wall clock in seconds.
    """

    def __init__(
        self,
        session: Callable[[], AbstractContextManager[Index]],
        at: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._at = time_of_day.fromisoformat(at)
        self._now = now
        self._done: str | None = None
        self._asked_at: float | None = None
        self._fails = False
        self._since: float | None = None

    async def wait(self) -> float:
        """Seconds until deliveries may begin; 0 while they may."""
        now = self._now()
        day = self._latest(now)
        if not self._is_done(day) and self._is_to_be_asked(now):
            await asyncio.to_thread(self._ask, day, now)
        if self._is_done(day):
            self._since = None
            return max(0.0, self._instant(_next(day)) - now)
        self._since = now if self._since is None else min(self._since, now)
        return 0.0

    def note(self, kind: OutcomeClass) -> None:
        """How a delivery ended."""
        self._fails = kind not in DONE

    async def left(self, *, nothing: bool) -> None:
        """Everything that was due has been claimed; `nothing`: and ended, so that nothing is left.

        Then the day is done, unless the folder did not work at last. Where there is always something new, it
        is done when the window has been open for a while.
        """
        open_for = 0.0 if self._since is None else self._now() - self._since
        if not self._fails and (nothing or open_for > LONGEST):
            await asyncio.to_thread(self._end, self._latest(self._now()))

    def _is_done(self, day: str) -> bool:
        return self._done is not None and self._done >= day

    def _is_to_be_asked(self, now: float) -> bool:
        return self._asked_at is None or not 0 <= now - self._asked_at < LOOK_AGAIN

    def _end(self, day: str) -> None:
        try:
            with self._session() as index:
                index.end_day(day)
        except (OSError, sqlite3.Error) as error:
            _log.warning("day not noted", what=type(error).__name__)
            return
        self._done = day
        _log.info("day done", day=day)

    def _ask(self, day: str, now: float) -> None:
        try:
            with self._session() as index:
                self._done = index.last_day()
                if self._done is None:
                    index.end_day(day)
                    self._done = day
        except (OSError, sqlite3.Error):
            return  # what is tried will fail, and be told
        self._asked_at = now

    def _latest(self, now: float) -> str:
        """The newest day whose time has come."""
        today = datetime.fromtimestamp(now, STOCKHOLM).date()
        day = today if self._instant(today.isoformat()) <= now else today - timedelta(days=1)
        return day.isoformat()

    def _instant(self, day: str) -> float:
        """The time on a day, as an instant."""
        local = datetime.combine(date.fromisoformat(day), self._at, STOCKHOLM)
        return local.astimezone(UTC).timestamp()


def _next(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
