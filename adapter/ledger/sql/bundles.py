"""The bundles of a sender as they were received, sealed."""

from adapter.ledger.sql.database import Database

_ACCEPTED = 300
"""Status codes below it are those of bundles that were taken; of a refused one nothing was made."""


def newest(
    db: Database, sender: str, since: float, before: int | None, limit: int
) -> list[tuple[int, bytes | None]]:
    """Receipt and sealed bundle (None: not kept any longer) of those received from `since` on (seconds since
    1970), the newest first; `before` is the last receipt of the page before."""
    rows = db.execute(
        "SELECT id, payload FROM receipts WHERE sender = ? AND received_at >= ? AND status < ?"
        + ("" if before is None else " AND id < ?")
        + " ORDER BY id DESC LIMIT ?",
        (sender, since, _ACCEPTED, *(() if before is None else (before,)), limit),
    ).fetchall()
    return [(row[0], None if row[1] is None else bytes(row[1])) for row in rows]
