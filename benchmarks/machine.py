"""What a benchmark ran on: its figures mean nothing without it."""

import importlib.metadata
import os
import platform
import sqlite3
from datetime import UTC, datetime

PACKAGES = ("psycopg", "dbos", "sqlalchemy", "procrastinate")


def machine() -> str:
    """One line: date, cores, system, and the versions of what is installed."""
    versions = [f"{name} {found}" for name in PACKAGES if (found := _version(name)) is not None]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()},"
        f" {platform.system()} {platform.release()}, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, {', '.join(versions)}"
    )


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
