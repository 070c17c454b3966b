"""How far each hook has told its audience, and when it tries again: what must survive a crash."""

import msgspec

from adapter.ledger.sql.database import Database, Row

_COLUMNS = "name, cursor, upto, tries, due_at, owner, lease_until, failing_since, cause"


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """One hook. What comes after `cursor` is still to be told; up to `upto` it may have been told already.

    `tries` counts the failures since something was last taken, `due_at` is when it is tried again, None: now.
    `owner` has it until `lease_until`. `failing_since` and `cause` are None while all is well.
    """

    name: str
    cursor: str
    upto: str | None = None
    tries: int = 0
    due_at: float | None = None
    owner: str | None = None
    lease_until: float | None = None
    failing_since: float | None = None
    cause: str | None = None


class Hooks:
    """The table of hooks."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def hook(self, name: str, *, alone: bool = False) -> Hook | None:
        """One hook. `alone`: nobody else may write it until the commit."""
        row: Row | None = self._db.execute(
            f"SELECT {_COLUMNS} FROM hooks WHERE name = ?{self._db.for_update if alone else ''}", (name,)
        ).fetchone()
        return None if row is None else _hook(row)

    def all(self) -> list[Hook]:
        """Every hook that there ever was, by name."""
        return [_hook(row) for row in self._db.execute(f"SELECT {_COLUMNS} FROM hooks ORDER BY name")]

    def add(self, name: str, cursor: str) -> None:
        """A new hook that tells what comes after `cursor`; one that is there already stays as it is."""
        self._db.execute(
            "INSERT INTO hooks (name, cursor) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (name, cursor)
        )

    def save(self, hook: Hook) -> None:
        """Write a hook that was read alone in this transaction."""
        name, *values = msgspec.structs.astuple(hook)
        self._db.execute(
            "UPDATE hooks SET cursor = ?, upto = ?, tries = ?, due_at = ?, owner = ?, lease_until = ?,"
            " failing_since = ?, cause = ? WHERE name = ?",
            (*values, name),
        )


def _hook(row: Row) -> Hook:
    return Hook(**dict(zip(Hook.__struct_fields__, row, strict=True)))
