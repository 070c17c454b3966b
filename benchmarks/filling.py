"""Fills a ledger with as many messages as wanted, straight into its tables: rows as the service would have left them.

Lane e has one message; every tenth has two (a contact that was corrected). One lane in a hundred waits for somebody
(parked, held or unknown in turn), one in a thousand has something to send, the others are idle. Message m came at
second m. Most go to gvr, one lane in fifty to pasis, one in ten thousand to signe. Payloads are the same bytes again
and again, already sealed, so that no store can make them smaller. What is thinner than real: the audit trail has one
entry for each message instead of four, and its hashes are not hashes.
"""

import os
import sqlite3
from contextlib import suppress
from typing import Any, Protocol

import msgspec
import psycopg

from adapter.ledger.envelope import seal
from benchmarks.contenders.job import body

GROUP, LANES = 11, 10
"""Eleven messages in ten lanes."""

CHUNK = 500_000
_TAIL = "0123456789abcdef01234567"
_MIX = 2654435761
_TABLES = (
    "receipts", "events", "event_versions", "lanes", "messages", "payloads", "attempts", "changes", "audit",
)  # fmt: skip


class Payloads(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes in bytes of what is stored sealed: the bundle, the answer, the trace."""

    bundle: int
    answer: int
    trace: int


REAL = Payloads(bundle=2400, answer=750, trace=1100)
"""What a bundle of 25 kB with 15 resources leaves behind."""

THIN = Payloads(bundle=200, answer=100, trace=100)


class Dialect(Protocol):
    """A connection that fills, and the words that differ."""

    def run(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        """Run a statement with `?` marks."""
        ...

    def hash(self, number: str) -> str:
        """Eight hexadecimal digits that look like chance, from a number's expression."""
        ...

    def date(self, seconds: str) -> str:
        """YYYY-MM-DD of an expression of seconds since 1970."""
        ...

    def series(self, first: int, last: int) -> tuple[str, str]:
        """What goes before SELECT, and the name of a table with a column ``i`` from first to last."""
        ...

    def indexes(self) -> list[tuple[str, str]]:
        """Name and definition of each index that can be made afterwards."""
        ...

    def finish(self, messages: int, lanes: int) -> None:
        """Bring the store into the state of one that has been in use."""
        ...


def event_id(number: int) -> str:
    """The id of lane `number`'s event, which is its slot, too."""
    return f"v{number * _MIX & 0xFFFFFFFF:08x}{_TAIL}"


def identifier(number: int) -> str:
    """The Encounter.identifier of lane `number`."""
    return f"https://journal.example/vardkontakt|{number}"


def fill(db: Dialect, messages: int, payloads: Payloads, now: float) -> tuple[int, int]:
    """Fill an empty ledger. Answers how many messages and lanes it has then."""
    groups = messages // GROUP
    messages, lanes = groups * GROUP, groups * LANES
    indexes = db.indexes()
    for name, _ in indexes:
        db.run(f"DROP INDEX {name}")
    began = now - messages - 100
    for first in range(0, lanes, CHUNK):
        last = min(first + CHUNK, lanes)
        _fill_lanes(db, first + 1, last, began, now)
        _fill_messages(db, first // LANES * GROUP + 1, last // LANES * GROUP, began, payloads)
    for _, definition in indexes:
        db.run(definition)
    _count(db)
    db.finish(messages, lanes)
    return messages, lanes


# Expressions of a lane's number e. Integer division rounds down in both dialects.
_STATE = (
    "CASE WHEN e % 100 = 1 THEN CASE e / 100 % 3 WHEN 0 THEN 'parked' WHEN 1 THEN 'held' ELSE 'unknown' END"
    " WHEN e % 1000 = 2 THEN 'waiting' ELSE '{rest}' END"
)
_CAUSE = (
    "CASE WHEN e % 100 = 1 THEN CASE e / 100 % 3 WHEN 0 THEN 'gvr:KOD-' || (e / 300 % 20)"
    " WHEN 1 THEN 'REGEL-' || (e / 300 % 5) ELSE 'read-timeout' END END"
)
_REGISTER = "CASE WHEN e % 50 = 3 THEN 'pasis' WHEN e % 10000 = 4 THEN 'signe' ELSE 'gvr' END"
_ACCEPTED = "(e % 100 <> 1 AND e % 1000 <> 2)"
_SENT = "(e % 1000 <> 2 AND NOT (e % 100 = 1 AND e / 100 % 3 = 1))"
_UNIT = "'unit-' || (e % 500)"
_LAST = "(CASE WHEN e % 10 = 0 THEN e / 10 * 11 ELSE e / 10 * 11 + e % 10 END)"
_SEQ = "(CASE WHEN e % 10 = 0 THEN 2 ELSE 1 END)"
# And of a message's number m.
_LANE_OF = "((m - 1) / 11 * 10 + CASE WHEN (m - 1) % 11 > 9 THEN 10 ELSE (m - 1) % 11 + 1 END)"
_SEQ_OF = "CASE WHEN (m - 1) % 11 = 10 THEN 2 ELSE 1 END"


def _fill_lanes(db: Dialect, first: int, last: int, began: float, now: float) -> None:
    name = f"'v' || {db.hash('e')} || '{_TAIL}'"
    content = f"{db.hash('e + 7')} || '{_TAIL}'"
    at = f"{began!r} + {_LAST}"
    _insert(
        db, "events", (first, last), "e", "e",
        {
            "event_id": name,
            "sender": "'s1'",
            "identifier": "'https://journal.example/vardkontakt|' || e",
            "revision": _SEQ,
            "status": "'final'",
            "content": content,
            "receipt_id": _LAST,
            "unit": _UNIT,
            "care_date": db.date(at),
            "fates_json": "'{\"gvr\":[\"message\",null]}'",
        },
    )  # fmt: skip
    _insert(
        db, "lanes", (first, last), "e", "e",
        {
            "id": "e",
            "register": _REGISTER,
            "service": "'vardkontakt'",
            "slot": name,
            "state": _STATE.format(rest="idle"),
            "due_at": f"CASE WHEN e % 1000 = 2 THEN {now - 60!r} END",
            "token": f"CASE WHEN {_SENT} THEN {_SEQ} ELSE 0 END",
            "tries": "CASE WHEN e % 100 = 1 THEN 1 ELSE 0 END",
            "asks": "0",
            "cause": _CAUSE,
            "why": "CASE WHEN e % 100 = 1 THEN CASE e / 100 % 3 WHEN 0 THEN 'rejected' WHEN 2 THEN 'unknown' END END",
            "unit": _UNIT,
            "since": at,
            "seq": _SEQ,
            "accepted_message": f"CASE WHEN {_ACCEPTED} THEN {_LAST} END",
            "accepted_event": f"CASE WHEN {_ACCEPTED} THEN {name} END",
            "accepted_content": f"CASE WHEN {_ACCEPTED} THEN {content} END",
            "accepted_identity": f"CASE WHEN {_ACCEPTED} THEN {content} END",
        },
    )  # fmt: skip


def _fill_messages(db: Dialect, first: int, last: int, began: float, sizes: Payloads) -> None:
    """Everything that there is one of for each message. `e` is its lane's number."""
    rows = (first, last)
    source = f"m, {_LANE_OF} AS e, {_SEQ_OF} AS seq"
    name = f"'v' || {db.hash('e')} || '{_TAIL}'"
    content = f"{db.hash('m + 7')} || '{_TAIL}'"
    at = f"{began!r} + m"
    state = _STATE.format(rest="accepted")
    sealed_body, findings = seal(body("k", 0)), seal(b"[]")
    _insert(
        db, "receipts", rows, "m", source,
        {
            "id": "m", "sender": "'s1'", "key": "'key-' || m", "bound": "1", "body_hash": f"{content} || {content}",
            "size": "25000", "received_at": at, "status": "200", "payload": "?", "answer": "?", "replayable": "1",
        },
        (_sealed(sizes.bundle), _sealed(sizes.answer)),
    )  # fmt: skip
    _insert(
        db, "event_versions", rows, "m", source,
        {
            "id": "m", "event_id": name, "receipt_id": "m", "revision": "seq", "status": "'final'",
            "content": content, "disposition": "'stored'", "at": at,
        },
    )  # fmt: skip
    _insert(
        db, "messages", rows, "m", source,
        {
            "id": "m", "lane_id": "e", "seq": "seq", "event_id": name, "receipt_id": "m", "intent": "'report'",
            "state": state, "open": f"CASE WHEN {_ACCEPTED} THEN 0 ELSE 1 END", "content": content,
            "identity": f"{db.hash('e + 9')} || '{_TAIL}'", "unit": _UNIT, "edition": "'gvr-vardkontakt-2025'",
            "care_date": db.date(at), "created_at": at, "cause": _CAUSE,
            "attempts": f"CASE WHEN {_SENT} THEN 1 ELSE 0 END", "attempted": f"CASE WHEN {_SENT} THEN 1 ELSE 0 END",
            "ambiguous": "CASE WHEN e % 100 = 1 AND e / 100 % 3 = 2 THEN 1 ELSE 0 END", "register": _REGISTER,
        },
    )  # fmt: skip
    _insert(
        db, "payloads", rows, "m", source,
        {"message_id": "m", "body": "?", "trace": "?", "findings": "?"},
        (sealed_body, _sealed(sizes.trace), findings),
    )  # fmt: skip
    outcome = (
        "CASE WHEN e % 100 <> 1 THEN '{\"cause\":\"http-201\",\"field\":null,\"kind\":\"accepted\",\"reason\":null,"
        "\"retry_after\":null,\"status\":201}' ELSE '{\"cause\":\"' || " + _CAUSE + " || '\",\"field\":null,\"kind\":\"'"
        " || CASE e / 100 % 3 WHEN 0 THEN 'rejected' ELSE 'unknown' END ||"
        " '\",\"reason\":null,\"retry_after\":null,\"status\":400}' END"
    )  # fmt: skip
    _insert(
        db, "attempts", rows, "m", source,
        {
            "id": "m", "lane_id": "e", "message_id": "m", "about": "m",
            "identity": f"{db.hash('e + 9')} || '{_TAIL}'", "number": "1", "token": "seq", "kind": "'deliver'",
            "operation": "CASE WHEN seq = 1 THEN 'create' ELSE 'update' END", "request": "?",
            "key": f"{content} || {content}", "started_at": at, "ended_at": f"{at} + 0.05",
            "outcome_json": outcome, "answer": "?",
        },
        (seal(body("k", 0)), _sealed(60)),
        where=_SENT,
    )  # fmt: skip
    _insert(
        db, "changes", rows, "m", source,
        {
            "id": "m", "tx": "0", "at": at, "audience": "'sender:s1'", "event_id": name,
            "identifier": "'https://journal.example/vardkontakt|' || e", "register": _REGISTER,
            "service": "'vardkontakt'", "lane_id": "e", "message_id": "m", "state": state, "cause": _CAUSE,
            "detail_json": "'{}'",
        },
        where="e % 1000 <> 2",
    )  # fmt: skip
    settled = '\'{"attempt":1,"cause":"http-201","outcome":"accepted","state":"accepted"}\''
    _insert(
        db, "audit", rows, "m", source,
        {
            "id": "m", "at": at, "kind": "'settled'", "register": _REGISTER, "lane_id": "e", "message_id": "m",
            "detail_json": settled, "hash": "?",
        },
        (bytes(32),),
    )  # fmt: skip


def _insert(
    db: Dialect,
    table: str,
    rows: tuple[int, int],
    number: str,
    source: str,
    columns: dict[str, str],
    values: tuple[Any, ...] = (),
    *,
    where: str = "TRUE",
) -> None:
    """Insert a row for each of `rows`, whose number has this name; `source` adds others."""
    before, series = db.series(*rows)
    inner = f"SELECT i AS {number} FROM {series}"
    if source != number:
        inner = f"SELECT {source} FROM ({inner}) AS numbers"
    db.run(
        f"INSERT INTO {table} ({', '.join(columns)}) {before} SELECT {', '.join(columns.values())}"
        f" FROM ({inner}) AS rows_ WHERE {where}",
        values,
    )


def _count(db: Dialect) -> None:
    """Counts and notices, from what there is."""
    db.run("DELETE FROM tallies")
    db.run(
        "INSERT INTO tallies (what, register, state, strand, n)"
        " SELECT 'lane', register, state, 0, count(*) FROM lanes GROUP BY register, state"
    )
    db.run(
        "INSERT INTO tallies (what, register, state, strand, n)"
        " SELECT 'message', register, state, 0, count(*) FROM messages GROUP BY register, state"
    )
    db.run(
        "INSERT INTO notices (id, register, kind, cause, lanes, started_at)"
        " SELECT MIN(id), register, state, cause, count(*), MIN(since) FROM lanes"
        " WHERE state <> 'idle' AND state IN ('parked', 'held', 'unknown') GROUP BY register, state, cause"
    )


def _sealed(size: int) -> bytes:
    return (seal(b"") + os.urandom(size))[:size]


class SqliteFilling:
    """Fills a file that a ledger has made and let go of."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in (
            "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -4000000",
            "temp_store = MEMORY", "foreign_keys = OFF",
        ):  # fmt: skip
            self._db.execute(f"PRAGMA {pragma}")

    def run(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        self._db.execute(statement, values)

    def hash(self, number: str) -> str:
        return f"printf('%08x', ({number}) * {_MIX} & 4294967295)"

    def date(self, seconds: str) -> str:
        return f"strftime('%Y-%m-%d', {seconds}, 'unixepoch')"

    def series(self, first: int, last: int) -> tuple[str, str]:
        recursion = f"SELECT {first} UNION ALL SELECT i + 1 FROM series WHERE i < {last}"
        return f"WITH RECURSIVE series (i) AS ({recursion})", "series"

    def indexes(self) -> list[tuple[str, str]]:
        marks = ", ".join("?" * len(_TABLES))
        found = self._db.execute(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
            _TABLES,
        )
        return found.fetchall()

    def finish(self, messages: int, lanes: int) -> None:
        """On the disk, and in the journal mode of a ledger."""
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()


class PostgresFilling:
    """Fills a database whose tables a ledger has made. Its user must be a superuser."""

    def __init__(self, url: str) -> None:
        self._db = psycopg.connect(url, autocommit=True)
        for setting in (
            "session_replication_role = replica", "synchronous_commit = off", "maintenance_work_mem = '1GB'",
        ):  # fmt: skip
            self._db.execute(f"SET {setting}")  # type: ignore[call-overload]

    def run(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        statement = statement.replace("%", "%%").replace("?", "%s") if values else statement
        self._db.execute(statement, values or None)  # type: ignore[call-overload]

    def hash(self, number: str) -> str:
        return f"lpad(to_hex(({number})::bigint * {_MIX} & 4294967295), 8, '0')"

    def date(self, seconds: str) -> str:
        return f"to_char(to_timestamp({seconds}) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"

    def series(self, first: int, last: int) -> tuple[str, str]:
        return "", f"generate_series({first}, {last}) AS series (i)"

    def indexes(self) -> list[tuple[str, str]]:
        return self._db.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            (list(_TABLES),),
        ).fetchall()

    def finish(self, messages: int, lanes: int) -> None:
        """Numbers go on after those that were given, and the planner knows the tables, as after some days' use."""
        for table in ("receipts", "event_versions", "lanes", "messages", "attempts", "changes", "notices"):
            with suppress(psycopg.errors.UndefinedTable):
                self._db.execute(f"SELECT setval('ids_{table}', {messages + 1})")  # type: ignore[call-overload]
        self._db.execute("VACUUM ANALYZE")
        self._db.execute("CHECKPOINT")
        self._db.close()
