"""Waking other nodes: LISTEN and NOTIFY, on a connection of their own. Polling is the truth."""

import asyncio
import threading
import time
from collections.abc import Callable

import psycopg
import structlog

from adapter.ledger.postgres.connection import PostgresConnection

CHANNEL = "vardbro"
INTERVAL = 0.1
"""Seconds between rings at least: a notification makes commits wait for each other."""

AGAIN = 5.0
"""Seconds until a connection that was lost is tried again."""

_log = structlog.get_logger(__name__)


class Bell:
    """Rings for other nodes, and calls `heard` in the event loop when they ring."""

    def __init__(
        self,
        connect: Callable[[], PostgresConnection],
        loop: asyncio.AbstractEventLoop,
        heard: Callable[[frozenset[str]], None],
    ) -> None:
        self._connect = connect
        self._loop = loop
        self._heard = heard
        self._waiting: set[str] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="ledger-bell", daemon=True)
        self._thread.start()

    def ring(self, registers: frozenset[str]) -> None:
        """Wake the other nodes' couriers of `registers`; none named: all."""
        with self._lock:
            self._waiting |= registers or {"*"}

    def stop(self) -> None:
        """Ring and listen no more."""
        self._stopping.set()
        self._thread.join(2)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                db = self._connect()
            except psycopg.Error:
                self._stopping.wait(AGAIN)
                continue
            try:
                self._attend(db)
            except psycopg.Error as error:
                _log.warning("bell lost its connection", error=type(error).__name__)
            finally:
                db.close()

    def _attend(self, db: PostgresConnection) -> None:
        own = db.raw.info.backend_pid
        db.raw.execute(f"LISTEN {CHANNEL}")
        while not self._stopping.is_set():
            with self._lock:
                told, self._waiting = self._waiting, set()
            for register in told:
                db.raw.execute("SELECT pg_notify(%s, %s)", (CHANNEL, register))
            began = time.monotonic()
            for heard in db.raw.notifies(timeout=INTERVAL, stop_after=1):
                if heard.pid != own:
                    self._tell(heard.payload)
            self._stopping.wait(max(0.0, INTERVAL - (time.monotonic() - began)))

    def _tell(self, payload: str) -> None:
        registers = frozenset() if payload == "*" else frozenset({payload})
        try:
            self._loop.call_soon_threadsafe(self._heard, registers)
        except RuntimeError:
            self._stopping.set()
