"""The tables of replays."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from adapter.ledger.replay import Choice, Item, Kind, Replay
from adapter.ledger.sql import rows
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.dead_letters import STUCK

_COLUMNS = (
    "kind, state, filter_json, rate, actor, reason, made_at, started_at, ended_at, owner, lease_until, total,"
    " done, skipped, cursor, totals_json, id"
)
_ITEM = "n, lane_id, message_id, state, effect_json, made, why, ended_at"


class Replays:
    """Replays and their items."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, kind: Kind, choice: Choice, rate: float, actor: str, reason: str, now: float) -> Replay:
        """A new replay, to be planned."""
        made = Replay(
            id=self._db.next_id("replays"),
            kind=kind,
            state="planning",
            choice=choice,
            rate=rate,
            actor=actor,
            reason=reason,
            made_at=now,
        )
        marks = ", ".join("?" * 17)
        self._db.execute(f"INSERT INTO replays ({_COLUMNS}) VALUES ({marks})", _values(made))
        return made

    def replay(self, replay_id: int, *, alone: bool = False) -> Replay | None:
        """One replay. `alone`: nobody else may write it until the commit."""
        lock = self._db.for_update if alone else ""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM replays WHERE id = ?{lock}", (replay_id,)).fetchone()
        return None if row is None else _replay(row)

    def newest(self, limit: int, before: int | None) -> list[Replay]:
        """Replays, newest first, with numbers less than `before`."""
        where, values = ("", (limit,)) if before is None else ("WHERE id < ?", (before, limit))
        found = self._db.execute(f"SELECT {_COLUMNS} FROM replays {where} ORDER BY id DESC LIMIT ?", values)
        return [_replay(row) for row in found]

    def waiting(self, now: float) -> list[int]:
        """Replays that nobody works on although somebody should."""
        found = self._db.execute(
            "SELECT id FROM replays WHERE state IN ('planning', 'running')"
            " AND (lease_until IS NULL OR lease_until < ?) ORDER BY id",
            (now,),
        )
        return [row[0] for row in found]

    def free(self) -> None:
        """End every lease: the store was just opened, and nobody else can have it open."""
        self._db.execute("UPDATE replays SET owner = NULL, lease_until = NULL WHERE lease_until IS NOT NULL")

    def save(self, replay: Replay) -> None:
        """Write a replay that is there."""
        names = ", ".join(f"{name} = ?" for name in _COLUMNS.split(", ")[:-1])
        self._db.execute(f"UPDATE replays SET {names} WHERE id = ?", _values(replay))

    def add_items(self, replay_id: int, items: Iterable[Item]) -> None:
        """Append items to a plan."""
        self._db.executemany(
            f"INSERT INTO replay_items (replay_id, {_ITEM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    replay_id,
                    item.n,
                    item.lane_id,
                    item.message_id,
                    item.state,
                    rows.encode(item.effect).decode(),
                    item.made,
                    item.why,
                    item.ended_at,
                )
                for item in items
            ],
        )

    def item(self, replay_id: int, n: int) -> Item | None:
        """One item; nobody else may write it until the commit."""
        row = self._db.execute(
            f"SELECT {_ITEM} FROM replay_items WHERE replay_id = ? AND n = ?{self._db.for_update}",
            (replay_id, n),
        ).fetchone()
        return None if row is None else _item(row)

    def items(self, replay_id: int, after: int, limit: int) -> list[Item]:
        """Items after number `after`."""
        found = self._db.execute(
            f"SELECT {_ITEM} FROM replay_items WHERE replay_id = ? AND n > ? ORDER BY n LIMIT ?",
            (replay_id, after, limit),
        )
        return [_item(row) for row in found]

    def left(self, replay_id: int, limit: int) -> list[Item]:
        """The next items that are still to be done."""
        found = self._db.execute(
            f"SELECT {_ITEM} FROM replay_items WHERE replay_id = ? AND state = 'planned' ORDER BY n LIMIT ?",
            (replay_id, limit),
        )
        return [_item(row) for row in found]

    def counted(self, replay_id: int) -> tuple[int, dict[str, int]]:
        """How many items are done, and how many were skipped for each reason."""
        found = self._db.execute(
            "SELECT why, COUNT(*) FROM replay_items WHERE replay_id = ? AND state <> 'planned' GROUP BY why",
            (replay_id,),
        ).fetchall()
        return sum(n for why, n in found if why is None), {why: n for why, n in found if why is not None}

    def end_item(self, replay_id: int, item: Item) -> None:
        """Write what became of an item."""
        self._db.execute(
            "UPDATE replay_items SET state = ?, effect_json = ?, why = ?, ended_at = ?"
            " WHERE replay_id = ? AND n = ?",
            (item.state, rows.encode(item.effect).decode(), item.why, item.ended_at, replay_id, item.n),
        )

    def candidates(self, choice: Choice, state: str, after: int, limit: int) -> list[int]:
        """Lanes in `state` that wait for somebody, by number from `after` on."""
        where: list[str] = ["state = ?", "state <> 'idle'", STUCK, "id > ?"]
        values: list[Any] = [state, after]
        for column in ("register", "cause", "unit"):
            if (wanted := getattr(choice, column)) is not None:
                where.append(f"{column} = ?")
                values.append(wanted)
        if choice.lane is not None:
            where.append("id = ?" if choice.lane.isdecimal() else "slot = ?")
            values.append(int(choice.lane) if choice.lane.isdecimal() else choice.lane)
        if choice.since is not None:
            where.append("since >= ?")
            values.append(choice.since)
        found = self._db.execute(
            f"SELECT id FROM lanes WHERE {' AND '.join(where)} ORDER BY id LIMIT ?", (*values, limit)
        )
        return [row[0] for row in found]


def _values(replay: Replay) -> tuple[Any, ...]:
    return (
        replay.kind,
        replay.state,
        rows.encode(replay.choice).decode(),
        replay.rate,
        replay.actor,
        replay.reason,
        replay.made_at,
        replay.started_at,
        replay.ended_at,
        replay.owner,
        replay.lease_until,
        replay.total,
        replay.done,
        replay.skipped,
        replay.cursor,
        rows.encode(replay.totals).decode(),
        replay.id,
    )


def _replay(row: rows.Row) -> Replay:
    return Replay(
        kind=row[0],
        state=row[1],
        choice=msgspec.json.decode(row[2], type=Choice),
        rate=row[3],
        actor=row[4],
        reason=row[5],
        made_at=row[6],
        started_at=row[7],
        ended_at=row[8],
        owner=row[9],
        lease_until=row[10],
        total=row[11],
        done=row[12],
        skipped=row[13],
        cursor=row[14],
        totals=json.loads(row[15]),
        id=row[16],
    )


def _item(row: rows.Row) -> Item:
    return Item(
        n=row[0],
        lane_id=row[1],
        message_id=row[2],
        state=row[3],
        effect=json.loads(row[4]),
        made=row[5],
        why=row[6],
        ended_at=row[7],
    )
