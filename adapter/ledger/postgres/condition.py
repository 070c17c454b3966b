"""Whether a PostgreSQL server and database are as the ledger needs them, and what they promise."""

from collections.abc import Iterator
from typing import Any

import msgspec

from adapter.errors import LedgerUnavailable
from adapter.ledger.postgres.access import connected
from adapter.ledger.postgres.connection import WEAK_COMMITS, PostgresConnection
from adapter.ledger.postgres.migrate import FOLDER, version
from adapter.ledger.postgres.numbers import NUMBERED
from adapter.ledger.sql.steps import steps_of
from adapter.ledger.sql.tables import TABLES

LEAST_VERSION = 14
"""The oldest PostgreSQL that its makers still mended when this was written."""

HELD_UP = 300.0
"""Seconds that a transaction may be under way before it is said to hold the feed up."""

_CONFIRMING = frozenset({"sync", "quorum"})
_OURS = [*(table.name for table in TABLES), "schema_version", "strands"]


class Remark(msgspec.Struct, frozen=True):
    """One thing that was looked at. `mend` is empty when it is well."""

    name: str
    says: str
    mend: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is well."""
        return not self.mend


def examine(url: str) -> Iterator[Remark]:
    """Everything there is to say of the server, the database and the user's rights; nothing is written.

    Raises ConfigurationError for a URL that cannot be read, LedgerUnavailable when nobody answers.
    """
    try:
        with connected(url) as db:
            yield from (*server(db), schema(db))
    except LedgerUnavailable:
        # perhaps a server is there that takes no writes: that is said better
        with connected(url, reading=True) as db:
            yield from (*server(db), schema(db))


def server(db: PostgresConnection) -> list[Remark]:
    """What there is to say of the server, wherever the connection leads."""
    return [look(db) for look in _LOOKS]


def schema(db: PostgresConnection) -> Remark:
    """Whether the tables are there and of this version, and whether the user may write them."""
    refused = _refused(db)
    if refused:
        return Remark(
            "schema",
            f"the user may not write {len(refused)} tables and sequences, such as {refused[0]}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ..., and USAGE, SELECT ON ALL"
            " SEQUENCES IN SCHEMA ..., TO the user.",
        )
    found, known = version(db), len(steps_of(FOLDER))
    if found > known:
        return Remark("schema", f"of version {found}, this program knows {known}", "Run the newer vardbro.")
    if found == 0:
        if _one(db, "SELECT has_schema_privilege(current_schema(), 'CREATE')"):
            return Remark("schema", "no tables yet; they are made when the service starts")
        return Remark(
            "schema",
            "no tables yet, and the user may not make them",
            "GRANT CREATE ON SCHEMA ... TO the user, or let another user run `vardbro ledger migrate`.",
        )
    if found < known:
        return Remark("schema", f"version {found}; brought to {known} when the service starts")
    return Remark("schema", f"version {found}, and the user may write")


def _version(db: PostgresConnection) -> Remark:
    number = int(_one(db, "SHOW server_version_num"))
    says = f"PostgreSQL {number // 10000}.{number % 10000}"
    too_old = number // 10000 < LEAST_VERSION
    return Remark("server", says, f"PostgreSQL {LEAST_VERSION} or newer is needed." if too_old else "")


def _role(db: PostgresConnection) -> Remark:
    if _one(db, "SELECT pg_is_in_recovery()"):
        return Remark(
            "primary",
            "the server is a standby and takes no writes",
            "Name the primary in [ledger] url, or all the servers: postgresql://a,b/DATABASE.",
        )
    if _setting(db, "default_transaction_read_only") == "on":
        return Remark(
            "primary",
            "default_transaction_read_only is on: nothing can be written",
            "Set it off, for the database or the user.",
        )
    return Remark("primary", "takes writes")


def _encoding(db: PostgresConnection) -> Remark:
    encoding = str(_one(db, "SHOW server_encoding"))
    return Remark("encoding", encoding, "" if encoding == "UTF8" else "Make a database with ENCODING 'UTF8'.")


def _durability(db: PostgresConnection) -> Remark:
    off = [name for name in ("fsync", "full_page_writes") if _one(db, f"SHOW {name}") != "on"]
    if not off:
        return Remark("durability", "fsync and full_page_writes are on")
    names = " and ".join(off)
    return Remark(
        "durability",
        f"{names} off: a power cut can lose what was acknowledged",
        f"Set {names} on, in postgresql.conf.",
    )


def _confirmation(db: PostgresConnection) -> Remark:
    """Where the server's own setting is weak, `connect` asks for more."""
    found = _setting(db, "synchronous_commit")
    more = "; vardbro asks for on, for what it writes" if found in WEAK_COMMITS else ""
    return Remark("commits", f"synchronous_commit is {found}{more}")


def _standby(db: PostgresConnection) -> Remark:
    """Information where there is none; a fault where commits wait for one that is not there."""
    names = _one(db, "SHOW synchronous_standby_names")
    states = [row[0] for row in db.raw.execute("SELECT sync_state FROM pg_stat_replication").fetchall()]
    if not names:
        more = f"; {len(states)} follow without confirming" if states else ""
        return Remark("standby", f"none confirms commits: they are as safe as this server's disk{more}")
    if None in states:
        return Remark("standby", "one is to confirm commits; whether it does, the user may not see")
    count = sum(state in _CONFIRMING for state in states)
    if count:
        return Remark("standby", f"{count} confirm commits")
    return Remark(
        "standby",
        "one is to confirm commits, but none is there: senders get 503",
        "Start the standby, or take its name from synchronous_standby_names.",
    )


def _feed(db: PostgresConnection) -> Remark:
    """Changes are told up to the oldest transaction that writes, in whichever database of the server."""
    seconds = float(
        _one(
            db,
            "SELECT COALESCE(MAX(extract(epoch FROM clock_timestamp() - began)), 0)::double precision FROM"
            " (SELECT xact_start AS began FROM pg_stat_activity WHERE backend_xid IS NOT NULL"
            " UNION ALL SELECT prepared FROM pg_prepared_xacts) AS under_way",
        )
    )
    if seconds <= HELD_UP:
        return Remark("feed", "nothing holds it up")
    return Remark(
        "feed",
        f"a transaction has been under way for {seconds:.0f} s: senders and webhooks hear nothing since",
        "Find and end it: pg_stat_activity, pg_prepared_xacts; it may be in another database of the server.",
    )


_LOOKS = (_version, _role, _encoding, _durability, _confirmation, _standby, _feed)


def _refused(db: PostgresConnection) -> list[str]:
    """The tables and sequences of the ledger that the user may not use."""
    found = db.raw.execute(
        "SELECT relname FROM pg_class WHERE oid IN (SELECT to_regclass(n) FROM unnest(%s::text[]) AS n) AND"
        " NOT (CASE WHEN relkind = 'S' THEN has_sequence_privilege(oid, 'USAGE') ELSE"
        " has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')"
        " AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE') END)"
        " ORDER BY relname",
        ([*_OURS, *(f"ids_{name}" for name in NUMBERED)],),
    ).fetchall()
    return [str(row[0]) for row in found]


def _setting(db: PostgresConnection, name: str) -> str:
    """A setting as the server, the database and the user have it, whatever this connection asks for."""
    row = db.raw.execute("SELECT reset_val FROM pg_settings WHERE name = %s", (name,)).fetchone()
    return "" if row is None else str(row[0])


def _one(db: PostgresConnection, statement: str) -> Any:
    row = db.raw.execute(statement.encode()).fetchone()
    return None if row is None else row[0]
