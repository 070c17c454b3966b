"""The embedded store: one SQLite file, one writer thread, group commit."""

from adapter.ledger.sqlite.ledger import SqliteLedger

__all__ = ["SqliteLedger"]
