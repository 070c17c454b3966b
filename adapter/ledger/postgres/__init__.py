"""The ledger on PostgreSQL, for several nodes."""

from adapter.ledger.postgres.ledger import PostgresLedger

__all__ = ["PostgresLedger"]
