"""The tables of one connection that writes: the transaction of the use cases."""

from collections.abc import Callable

from adapter.ledger.sql.changes import Changes
from adapter.ledger.sql.cutovers import Cutovers
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.gates import Gates
from adapter.ledger.sql.intake import Events, Receipts
from adapter.ledger.sql.lanes import Lanes
from adapter.ledger.sql.meetings import Meetings
from adapter.ledger.sql.notices import Notices
from adapter.ledger.sql.referrals import Referrals
from adapter.ledger.sql.tally import Tally
from adapter.ledger.sql.trail import Trail


class SqlSession:
    """One for the life of a connection. `now` is the time at which the present job began.

    `shared`: others write too, so that nothing but the session's own numbers may be kept between jobs.
    """

    def __init__(self, db: Database, clock: Callable[[], float], *, shared: bool) -> None:
        self.db = db
        self._clock = clock
        self._shared = shared
        self.now = clock()
        self._tally = Tally(db)
        self.receipts = Receipts(db)
        self.events = Events(db)
        self.lanes = Lanes(db, self._tally)
        self.gates = Gates(db)
        self.trail = Trail(db)
        self.changes = Changes(db)
        self.cutovers = Cutovers(db)
        self.referrals = Referrals(db)
        self.meetings = Meetings(db)
        self.notices = Notices(db, self.changes)

    @property
    def strand(self) -> int:
        """The number of the connection, which no other has while this one lives."""
        return self.db.strand

    def begin(self) -> None:
        """A transaction begins."""
        self.cutovers.begin()
        if self._shared:
            self.gates.forget()

    def begin_job(self) -> None:
        """A job begins: what it changes in memory may have to be undone."""
        self.now = self.trail.now = self._clock()
        for part in (self._tally, self.notices, self.trail):
            part.begin_job()

    def undo_job(self) -> None:
        """The job has failed."""
        for part in (self._tally, self.notices, self.trail):
            part.undo_job()
        self.gates.forget()

    def before_commit(self) -> None:
        """Write what the batch has counted."""
        self.notices.write(self.now)
        self._tally.write()

    def reload(self) -> None:
        """The batch was rolled back."""
        self._tally.clear()
        self.notices.clear()
        self.trail.reload()
        self.gates.forget()
