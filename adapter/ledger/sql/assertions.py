"""Which of the senders' assertions have been used: each gets one token, on whichever node."""

from adapter.ledger.sql.database import Database


class Assertions:
    """The table."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def use(self, name: str, until: float, now: float) -> bool:
        """Note that an assertion is used; False: it was before. `until` is when nothing takes it any more.

        What has run out is forgotten.
        """
        self._db.execute("DELETE FROM assertions WHERE until < ?", (now,))
        added = self._db.execute(
            "INSERT INTO assertions (name, until) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (name, until)
        )
        return added.rowcount == 1
