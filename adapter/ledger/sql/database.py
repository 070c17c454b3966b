"""What the tables need of a database, whichever it is: statements with ``?`` marks, and a few words of its
dialect. The SQL is written once; the stores differ in connections, locks, numbers and clocks.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, Protocol

Row = tuple[Any, ...]


class Cursor(Protocol):
    """The rows of a statement."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""
        ...

    @property
    def description(self) -> Any:
        """The columns of the rows; the first member of each is its name."""
        ...

    def fetchone(self) -> Any:
        """The next row, None when there is no more."""
        ...

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """The rows that are left."""
        ...


class Database(Protocol):
    """A connection. The members of its dialect are SQL that is put into statements as it stands."""

    for_update: str
    """Ends a statement whose rows nobody else may change until the commit; empty where only one writes."""

    skip_locked: str
    """The same, but passes over rows that somebody else has locked."""

    transaction: str
    """An expression: a number that orders transactions by their beginning."""

    living: str
    """A condition on leased lanes: the connection that they were leased from is still there."""

    horizon: str
    """An expression: every transaction with a lesser number has ended."""

    strand: int
    """The number of the audit strand that this connection writes; it alone does."""

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Cursor:
        """Run one statement."""
        ...

    def executemany(self, statement: str, values: Iterable[Sequence[Any]], /) -> Any:
        """Run one statement for each of several rows."""
        ...

    def later(self, table: str, statement: str, values: Sequence[Any], /, *about: Hashable) -> None:
        """Write to `table`, now or at any time before it is read or the commit is made.

        `about` names what the row belongs to, for `find`.
        """
        ...

    def find(self, statement: str, values: Sequence[Any], /, *about: Hashable) -> Cursor:
        """Read rows that belong to nothing else than `about`: only writes about that must be made first."""
        ...

    def next_id(self, table: str) -> int:
        """A number for a new row of `table` that no other row has or will have."""
        ...

    def lock_events(self, event_ids: Iterable[str]) -> None:
        """Let nobody else bring a version of these events, old or new, until the commit."""
        ...
