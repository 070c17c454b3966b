"""Using a database outside the service: connections that end in good order, and errors that say no secret."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict

from adapter.errors import ConfigurationError, LedgerUnavailable
from adapter.ledger.postgres.connection import PostgresConnection, connect

_PORT = "5432"
_HINTS = {
    "28": "Is the user right, and the password (a password file is best)?",
    "3D": "Make the database: CREATE DATABASE ... ENCODING 'UTF8'.",
    "42501": "Give the user the right, or let the tables' owner do it.",
    "53": "The server is out of disk, memory or connections.",
    "55P03": "Somebody else is at work on the tables: stop the services, then try again.",
}
"""What to do, by the beginning of the error's SQLSTATE."""

_CONNECTING = (
    ("password", "the server refuses the user or the password", _HINTS["28"]),
    ("authentication", "the server refuses the user or the password", _HINTS["28"]),
    ("pg_hba.conf", "the server's pg_hba.conf refuses this address or user", "Add a line for it there."),
    ("does not exist", "there is no such database or user", _HINTS["3D"]),
    ("read-only", "no server that is named takes writes", "Promote a standby, or name the primary."),
    ("hot standby", "no server that is named takes writes", "Promote a standby, or name the primary."),
    ("refused", "nobody listens there", "Start PostgreSQL, or correct host and port."),
    ("timeout", "no answer in time", "Is a firewall between, or PostgreSQL too busy?"),
    ("host name", "the host's name is not known", "Correct the host in the URL."),
    ("not known", "the host's name is not known", "Correct the host in the URL."),
    ("starting up", "the server is just starting", "Try again in a moment."),
    (
        "too many",
        "the server has no connection to spare",
        "Raise max_connections, or lower [ledger] connections.",
    ),
    ("SSL", "TLS does not come about", "Look at sslmode, sslrootcert, sslcert in the URL."),
)
"""How libpq says that it could not connect, what that means, and what to do."""


@contextmanager
def connected(url: str, *, reading: bool = False) -> Iterator[PostgresConnection]:
    """A connection that is closed in the end, whatever limits on time the user has.

    Raises ConfigurationError for a URL that cannot be read, LedgerUnavailable for whatever the database does
    not do.
    """
    try:
        db = connect(url, reading=reading)
        try:
            db.raw.execute("SET statement_timeout = 0")
            db.raw.execute("SET idle_in_transaction_session_timeout = 0")
            yield db
        finally:
            db.close()
    except psycopg.Error as error:
        raise LedgerUnavailable(f"{shown(url)} cannot be used ({said(error)})", _hint(error)) from None


def shown(url: str) -> str:
    """Where a database lies, without user, password or anything else: ``postgresql://HOST:PORT/DATABASE``.

    Raises ConfigurationError for a URL that cannot be read.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ConfigurationError(
            "the PostgreSQL URL cannot be read", 'Write "postgresql://USER@HOST:PORT/DATABASE".'
        ) from None
    hosts = str(given.get("host") or given.get("hostaddr") or "localhost").split(",")
    ports = str(given.get("port") or _PORT).split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = ",".join(f"{host}:{port or _PORT}" for host, port in zip(hosts, ports, strict=False))
    return f"postgresql://{places}/{given.get('dbname') or ''}"


def said(error: psycopg.Error) -> str:
    """What an error means. Its own text may hold addresses, users and values, and is never shown."""
    if error.sqlstate is not None:
        return f"{type(error).__name__} {error.sqlstate}"
    return next((means for part, means, _ in _CONNECTING if part in str(error)), type(error).__name__)


def _hint(error: psycopg.Error) -> str:
    if error.sqlstate is None:
        return next((hint for part, _, hint in _CONNECTING if part in str(error)), "Is PostgreSQL up?")
    state = error.sqlstate
    return next((hint for prefix, hint in _HINTS.items() if state.startswith(prefix)), "Report it.")
