"""Which keys a ledger's payloads have been sealed with, by their ids."""

from collections.abc import Collection

from adapter.errors import ConfigurationError
from adapter.ledger.sql.database import Database


def require(db: Database, current: str | None, known: Collection[str], now: float) -> None:
    """Note that `current` seals from now on (None: nothing is encrypted).

    Raises ConfigurationError when a key that has sealed payloads is not among the `known` ones: another key
    made in its place would leave a ledger that nobody can read as a whole.
    """
    if current is not None:
        db.execute(
            "INSERT INTO sealing_keys (key_id, since) VALUES (?, ?) ON CONFLICT (key_id) DO NOTHING",
            (current, now),
        )
    used = {row[0] for row in db.execute("SELECT key_id FROM sealing_keys ORDER BY since, key_id").fetchall()}
    missing = sorted(used - set(known))
    if missing:
        raise ConfigurationError(
            f"the ledger is sealed with key {missing[0]}, which is not among the keys of this service",
            "Put that key back into [ledger] key_file (or VARDBRO_LEDGER__KEY), the newest first;"
            " nodes of one ledger share their keys.",
        )
