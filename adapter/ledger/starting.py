"""What is put right when a store is opened: what a clock that was wrong has planned, and lost leases."""

import structlog

from adapter.ledger.claiming import take_over_all
from adapter.ledger.envelope import key_ids
from adapter.ledger.hooks import end_leases
from adapter.ledger.model import Fact
from adapter.ledger.sql.own_secrets import NAMES, make_secrets, secret
from adapter.ledger.sql.sealing_keys import require
from adapter.ledger.sql.session import SqlSession
from adapter.ledger.sql.times import Times

LEAST_SETBACK = 1.0
"""Seconds that the clock must be behind what the ledger has recorded to be believed to have been set back."""

FURTHEST = 7 * 86_400.0
"""Seconds ahead that nothing is ever planned: a later time was set by a clock that was wrong."""

_log = structlog.get_logger(__name__)


def start(tx: SqlSession) -> None:
    """Open a store that nobody else has open: let waits count from the clock as it is now, and take over what
    the last service left in flight.
    """
    _require_keys(tx)
    _follow_clock(tx)
    take_over_all(tx, tx.lanes.leased())
    end_leases(tx)


def join(tx: SqlSession) -> None:
    """What a node puts right when it opens a store that others may have open: times that cannot be meant."""
    _require_keys(tx)
    Times(tx.db).clip(tx.now + FURTHEST, tx.now)


def naming_secret(tx: SqlSession) -> bytes:
    """The key of names that the ledger keeps; empty where it has none (own_secrets)."""
    found = secret(tx.db, NAMES)
    if not found:
        _log.warning("ids are not keyed", why="the ledger has events from before there was a key of names")
    return found


def _require_keys(tx: SqlSession) -> None:
    sealing, known = key_ids()
    require(tx.db, sealing, known, tx.now)
    make_secrets(tx.db)


def _follow_clock(tx: SqlSession) -> None:
    """Shift what was planned by a clock that was ahead: a lane that was to wait for 5 minutes waits so long,
    and not until the wrong time comes. A clock that was behind needs nothing: what was planned is due.
    """
    times = Times(tx.db)
    newest = times.newest()
    if newest is None or newest - tx.now < LEAST_SETBACK:
        return
    seconds = newest - tx.now
    times.shift(seconds, tx.now)
    tx.gates.forget()
    tx.trail.add(Fact("clock-set-back", detail={"seconds": round(seconds, 3)}))
    _log.warning("clock is behind the ledger: waits are counted anew", seconds=round(seconds, 3))
