"""Many rows with one statement: what costs is the way to the database and back, not the rows."""

import re
from functools import lru_cache

_VALUES = re.compile(r"VALUES (\([?, ]+\))")
_UPDATE = re.compile(r"UPDATE (\w+) SET (.+) WHERE id = \?")
_ASSIGNMENT = re.compile(r"(\w+) = (\?|COALESCE\(\?, \1\))(?:, |$)")


def updated_table(statement: str) -> str | None:
    """The table whose row a statement updates by its number, None for other statements."""
    found = _UPDATE.fullmatch(statement)
    return found[1] if found else None


@lru_cache(maxsize=512)
def inserts(statement: str, rows: int) -> str | None:
    """An INSERT of one row made one of several; None when it does not insert values."""
    if not _VALUES.search(statement):
        return None
    return _VALUES.sub(lambda found: "VALUES " + ", ".join([found[1]] * rows), statement)


@lru_cache(maxsize=512)
def updates(statement: str, rows: int, types: tuple[tuple[str, str], ...]) -> str:
    """An UPDATE of one row by its number made one of several. `types` are those of the table's columns.

    The parameters stay in their order, row by row. An earlier row of the same number must not be among them.
    """
    found = _UPDATE.fullmatch(statement)
    if found is None:
        raise ValueError("not an update by number")
    table, of = found[1], dict(types)
    assignments = _ASSIGNMENT.findall(found[2])
    columns = [column for column, _ in assignments] + ["id"]
    changes = ", ".join(
        f"{column} = v.{column}" if value == "?" else f"{column} = COALESCE(v.{column}, {table}.{column})"
        for column, value in assignments
    )
    first = ", ".join(f"CAST(? AS {of[column]})" for column in columns)
    others = f", ({', '.join('?' for _ in columns)})" * (rows - 1)
    return (
        f"UPDATE {table} SET {changes} FROM (VALUES ({first}){others}) AS v({', '.join(columns)})"
        f" WHERE {table}.id = v.id"
    )
