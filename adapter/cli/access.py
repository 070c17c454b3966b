"""How commands look into a ledger: through the service that holds it, else by reading the file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import httpx
import msgspec

from adapter.config import Config
from adapter.errors import LedgerError, LedgerUnavailable
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sql import queries
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.trail import verify_trail
from adapter.ledger.sqlite.connection import connect
from adapter.ledger.sqlite.file import holder

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


@contextmanager
def ledger_view(config: Config) -> Iterator[LedgerView]:
    """The way to look into the configured ledger. Raises LedgerError that says what stands in it."""
    held = holder(config.ledger.path)
    if held is None:
        yield from _from_file(config)
        return
    if not held.get("url"):
        raise LedgerUnavailable("a service is just taking the ledger", "Try again in a moment.")
    token = config.operations.secret()
    headers = {"Authorization": f"Bearer {token.decode()}"} if token else {}
    with httpx.Client(base_url=held["url"], headers=headers, timeout=30.0, trust_env=False) as client:
        yield _ServiceView(client)


def _from_file(config: Config) -> Iterator[LedgerView]:
    path = config.ledger.path
    if not path.is_file():
        raise LedgerUnavailable(
            f"there is no ledger at {path} yet", "Start `vardbro serve`, or name it with --config."
        )
    try:
        db = connect(str(path), read_only=True)
        try:
            yield _FileView(db)
        finally:
            db.close()
    except sqlite3.Error as error:
        raise LedgerUnavailable(
            f"the ledger at {path} cannot be read ({error})", "Is it a vardbro ledger?"
        ) from None


class _FileView:
    def __init__(self, db: Database) -> None:
        self._db = db

    def lanes(self, chosen: LaneFilter) -> Json:
        return queries.lanes(self._db, chosen)

    def messages(self, chosen: LaneFilter) -> Json:
        return queries.messages(self._db, chosen)

    def audit(self) -> Json:
        found: Json = msgspec.to_builtins(verify_trail(self._db))
        return found


class _ServiceView:
    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def lanes(self, chosen: LaneFilter) -> Json:
        return self._get("/api/lanes", chosen)

    def messages(self, chosen: LaneFilter) -> Json:
        return self._get("/api/messages", chosen)

    def audit(self) -> Json:
        return self._get("/api/audit", None)

    def _get(self, path: str, chosen: LaneFilter | None) -> Json:
        given = {} if chosen is None else msgspec.structs.asdict(chosen)
        if given.get("since") is not None:
            given["since"] = f"@{given['since']}"
        try:
            answer = self._client.get(
                path, params={name: one for name, one in given.items() if one is not None}
            )
        except httpx.TransportError as error:
            raise LedgerUnavailable(f"the service does not answer ({type(error).__name__})") from None
        found: Json = answer.json()
        if answer.status_code >= 400:
            raise LedgerError(str(found.get("error", {}).get("text", answer.status_code)))
        return found
