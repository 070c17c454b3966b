"""How commands look into a ledger: through whoever holds its file, else by reading the file or the database.

To look is not to act: a ledger that is opened is taken over from a service that was killed, so commands that
only read leave one that nobody holds as it is. Commands that act go to the desk (adapter.cli.desk).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec

from adapter.cli.desk import NOT_FOUND, Desk, Refusal, desk, require_ledger, service_address
from adapter.config import Config
from adapter.dead_letters import explained
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.snapshot import snapshot
from adapter.ledger.sql import dead_letters, queries
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.trail import verify_trail
from adapter.overlay import mapping_folders
from adapter.resources import below

Json = dict[str, Any]


class LedgerView(Protocol):
    """What commands read. Answers have the shapes of the operations API."""

    def lanes(self, chosen: LaneFilter) -> Json:
        """A page of lanes."""
        ...

    def messages(self, chosen: LaneFilter) -> Json:
        """A page of messages."""
        ...

    def audit(self) -> Json:
        """``{"entries": n, "broken_at": n or None, "head": hex}``."""
        ...

    def summary(self) -> Json:
        """Counts by state, and each register's pause and notices."""
        ...

    def dead_letters(self) -> list[Json]:
        """What waits for somebody: a group for each register, state and cause."""
        ...

    def lane(self, lane_id: int) -> Json | None:
        """One lane with its messages, attempts and causes."""
        ...


@contextmanager
def ledger_view(config: Config) -> Iterator[LedgerView]:
    """The way to look into the configured ledger. Raises LedgerError that says what stands in it."""
    if service_address(config) is not None:
        with desk(config) as through:
            yield _DeskView(through)
        return
    require_ledger(config)
    with snapshot(config.ledger.place) as db:
        yield _StoreView(db, config)


class _StoreView:
    def __init__(self, db: Database, config: Config) -> None:
        self._db = db
        self._config = config

    def lanes(self, chosen: LaneFilter) -> Json:
        return queries.lanes(self._db, chosen)

    def messages(self, chosen: LaneFilter) -> Json:
        return queries.messages(self._db, chosen)

    def audit(self) -> Json:
        found: Json = msgspec.to_builtins(verify_trail(self._db))
        return found

    def summary(self) -> Json:
        return queries.summary(self._db)

    def dead_letters(self) -> list[Json]:
        # the packs cost a while: only for a command that shows their texts
        from adapter.rules import load_packs  # noqa: PLC0415

        catalogue = load_packs(below(mapping_folders(self._config), "rules")).catalogue
        return [explained(group, catalogue) for group in dead_letters.groups(self._db)]

    def lane(self, lane_id: int) -> Json | None:
        return queries.lane(self._db, lane_id)


class _DeskView:
    def __init__(self, through: Desk) -> None:
        self._desk = through

    def lanes(self, chosen: LaneFilter) -> Json:
        return self._page("/api/lanes", chosen)

    def messages(self, chosen: LaneFilter) -> Json:
        return self._page("/api/messages", chosen)

    def audit(self) -> Json:
        found: Json = self._desk.get("/api/audit")
        return found

    def summary(self) -> Json:
        found: Json = self._desk.get("/api/summary")
        return found

    def dead_letters(self) -> list[Json]:
        found: list[Json] = self._desk.get("/api/dead-letters")["groups"]
        return found

    def lane(self, lane_id: int) -> Json | None:
        try:
            found: Json = self._desk.get(f"/api/lanes/{lane_id}")
        except Refusal as refusal:
            if refusal.status == NOT_FOUND:
                return None
            raise
        return found

    def _page(self, path: str, chosen: LaneFilter) -> Json:
        given = msgspec.structs.asdict(chosen)
        if chosen.since is not None:
            given["since"] = f"@{chosen.since}"
        found: Json = self._desk.get(path, **given)
        return found
