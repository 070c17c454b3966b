"""The keys of the tokens that senders get: made by the ledger, sealed in it, the same on every node.

They stand among the ledger's own secrets, by names that tell when they were made.
"""

import secrets

import msgspec

from adapter.ledger.envelope import open_envelope, seal
from adapter.ledger.sql.database import Database

_PREFIX = "token/"
_SIZE = 32


class TokenKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key. `id` names it in tokens and tells nothing of it; `made_at` is in seconds since 1970."""

    id: str
    made_at: float
    secret: bytes

    def __repr__(self) -> str:
        return f"TokenKey({self.id})"


class TokenKeys:
    """The table, as far as it holds such keys."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> tuple[TokenKey, ...]:
        """Every key that there is, the newest first. Raises EnvelopeError."""
        rows = self._db.execute(
            "SELECT name, secret FROM secrets WHERE name LIKE ?", (f"{_PREFIX}%",)
        ).fetchall()
        # sorted here: databases have orders of their own
        return tuple(_key(name, bytes(sealed)) for name, sealed in sorted(rows, reverse=True))

    def make(self, now: float) -> TokenKey:
        """Add a new key."""
        key = TokenKey(
            id=f"{int(now):012d}-{secrets.token_hex(4)}",
            made_at=float(int(now)),
            secret=secrets.token_bytes(_SIZE),
        )
        self._db.execute(
            "INSERT INTO secrets (name, secret) VALUES (?, ?)", (_PREFIX + key.id, seal(key.secret))
        )
        return key

    def drop(self, key: TokenKey) -> None:
        """Take a key out: what it has signed counts no longer."""
        self._db.execute("DELETE FROM secrets WHERE name = ?", (_PREFIX + key.id,))


def _key(name: str, sealed: bytes) -> TokenKey:
    told = name.removeprefix(_PREFIX)
    return TokenKey(id=told, made_at=float(told.partition("-")[0]), secret=open_envelope(sealed))
