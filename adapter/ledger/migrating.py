"""Bringing a ledger's schema up to date without starting the service."""

import msgspec

from adapter.ledger.postgres import migrate as postgres
from adapter.ledger.postgres.access import connected
from adapter.ledger.snapshot import Place
from adapter.ledger.sqlite import migrate as sqlite
from adapter.ledger.sqlite.file import prepare
from adapter.ledger.sqlite.holding import held
from adapter.ledger.sqlite.moved import refuse_moved


class Migrated(msgspec.Struct, frozen=True):
    """The schema's version before and after; 0: there was no ledger."""

    before: int
    after: int


def migrate(place: Place) -> Migrated:
    """Migrate the ledger at `place`; one that is not there is made.

    Raises ConfigurationError (a newer version has written it, or it has moved), LedgerInUse (a service holds
    the file), LedgerUnavailable.
    """
    if isinstance(place, str):
        with connected(place) as database:
            return Migrated(postgres.version(database), postgres.migrate(database))
    path = prepare(place)
    with held(path) as file:
        refuse_moved(path)
        return Migrated(sqlite.version(file), sqlite.migrate(file))
