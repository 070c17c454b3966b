"""`vardbro ledger copy`: everything arrives as it was, and goes on where it stood."""

import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from adapter.config import Config
from adapter.errors import ConfigurationError
from adapter.intake import Intake
from adapter.ledger import copying
from adapter.ledger.checking import check
from adapter.ledger.copying import Copied, copy
from adapter.ledger.following import Following
from adapter.ledger.ledger import Ledger
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.protocol import LaneFilter, Work
from adapter.ledger.sql.tables import TABLES
from adapter.ledger.sqlite import SqliteLedger
from adapter.mapping.context import Sender
from adapter.offline import build_translator
from adapter.registers.gvr import GvrReceiver
from adapter.resources import data_folder
from adapter.verification.postgres import drop_database
from tests.support.filling import LEFT, add_operations, fill
from tests.support.stores import new_database, server
from tests.support.world import World, with_abilities

ACTOR = "anna"


@pytest.fixture
def url() -> Iterator[str]:
    """An empty database, with a password that nobody asks for."""
    made = new_database()
    yield made.replace("postgres@", "postgres:very-secret@")
    drop_database(server().url(), made.rpartition("/")[2])


class Moved:
    """A world whose ledger lies in a file, is closed, and then copied."""

    def __init__(self, folder: Path, **abilities: Any) -> None:
        self.world = World(folder, with_abilities(**abilities))
        self.world.clock.now = time.time()
        self.path = self.world.path
        self.going: list[Work] = []
        self._is_open = True

    async def leave(self) -> None:
        """Fill the ledger and close it."""
        self.going = await fill(self.world)
        await self.world.ledger.write(lambda tx: add_operations(tx.db))
        await self.close()

    async def close(self) -> None:
        """Close what is open."""
        if self._is_open:
            await self.world.ledger.close()
            self._is_open = False

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """What the file holds."""
        with closing(sqlite3.connect(self.path)) as db:
            return {table.name: _rows(db.execute(_all(table.name))) for table in TABLES}

    async def open(self, url: str) -> Ledger:
        """Open the copy, and let the world go on with it."""
        self.world.ledger = PostgresLedger.open(url, clock=self.world.clock, connections=1)
        self._is_open = True
        return self.world.ledger


def _all(table: str) -> str:
    return f"SELECT * FROM {table}"


def _rows(found: Any) -> list[tuple[Any, ...]]:
    """Rows in any order of rows and columns, as both stores give them."""
    names = [column[0] for column in found.description]
    rows = [tuple(value for _, value in sorted(zip(names, row, strict=True))) for row in found.fetchall()]
    return sorted(rows, key=repr)


def there(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """What the database holds."""
    with psycopg.connect(url) as db:
        return {table.name: _rows(db.execute(_all(table.name).encode())) for table in TABLES}


@pytest.fixture
async def moved(tmp_path: Path) -> AsyncIterator[Moved]:
    made = Moved(tmp_path)
    yield made
    await made.close()


async def test_every_row_of_every_table_arrives_as_it_was(moved: Moved, url: str) -> None:
    await moved.leave()
    done = copy(moved.path, url, ACTOR)
    before, after = moved.rows(), there(url)
    added = [row for row in after["audit"] if row not in before["audit"]]
    assert len(added) == 1
    after["audit"].remove(added[0])
    assert after == before
    assert all(before.values())
    assert done.rows == {name: len(rows) for name, rows in before.items()}
    assert [fault for fault in check(url, deep=True).faults if fault.table != "server"] == []


async def test_the_copy_says_in_its_audit_trail_where_it_came_from_and_who_did_it(
    moved: Moved, url: str
) -> None:
    await moved.leave()
    copy(moved.path, url, ACTOR)
    head = check(moved.path).head
    with psycopg.connect(url) as db:
        (detail,) = db.execute("SELECT detail_json FROM audit WHERE kind = 'copied'").fetchone() or ("",)
    said = orjson.loads(detail)
    assert (said["actor"], said["head"]) == (ACTOR, head)
    assert said["rows"]["messages"] == len(moved.rows()["messages"])


async def test_what_waits_is_delivered_in_order_from_the_copy(moved: Moved, url: str) -> None:
    await moved.leave()
    copy(moved.path, url, ACTOR)
    world, before = moved.world, len(moved.world.register.effects)
    await moved.open(url)
    assert set((await world.ledger.summary())["lanes"]) == LEFT - {"leased"}
    world.advance(100)
    await world.settle_all()
    sent = [(body["id"], method) for method, body in world.register.effects[before:]]
    assert [(event, method) for event, method in sent if event.startswith("ordered")] == [
        ("ordered1", "POST"),
        ("ordered1", "DELETE"),
        ("ordered2", "POST"),
        ("ordered2", "DELETE"),
        ("ordered3", "POST"),
    ]
    assert ("later", "POST") in sent
    assert (await world.lane("refused"))["state"] == "parked"
    assert (await world.lane("unmade"))["state"] == "held"
    assert (await world.ledger.audit_verify()).broken_at is None


async def test_a_correction_after_the_copy_is_sent_as_an_update_of_what_was_accepted_before(
    moved: Moved, url: str
) -> None:
    await moved.leave()
    copy(moved.path, url, ACTOR)
    world, before = moved.world, len(moved.world.register.effects)
    await moved.open(url)
    await world.report("delivered", 3)
    await world.cancel("later", 2)
    await world.report("unmade", 2)
    await world.run()
    sent = [(body["id"], method) for method, body in world.register.effects[before:]]
    assert ("delivered", "PUT") in sent
    assert ("unmade", "POST") in sent
    assert "later" not in [event for event, _ in sent]


async def test_what_a_worker_had_under_way_is_in_doubt_in_the_copy_and_its_answer_settles_it(
    moved: Moved, url: str
) -> None:
    await moved.leave()
    copy(moved.path, url, ACTOR)
    world = moved.world
    await moved.open(url)
    assert (await world.lane("going"))["state"] == "unknown"
    (work,) = moved.going
    await world.ledger.settle_unknown((await world.lane("going"))["id"], "accepted", "it is there")
    assert (await world.lane("going"))["states"] == ["accepted"]
    assert work.lane.id == (await world.lane("going"))["id"]


async def test_new_rows_get_numbers_that_no_row_has(moved: Moved, url: str) -> None:
    await moved.leave()
    highest = max(row_id for row_id in (lane["id"] for lane in await lanes_of(moved.path)))
    copy(moved.path, url, ACTOR)
    world = moved.world
    await moved.open(url)
    world.register.faults.append(400)
    for n in range(70):
        await world.report(f"new{n}")
    await world.run()
    assert (await world.lane("new0"))["id"] > highest
    assert [fault for fault in check(url).faults if fault.table != "server"] == []


async def lanes_of(path: Path) -> list[dict[str, Any]]:
    ledger = SqliteLedger.open(path)
    try:
        found: list[dict[str, Any]] = (await ledger.lanes(LaneFilter(limit=1000)))["lanes"]
        return found
    finally:
        await ledger.close()


async def test_the_feed_goes_on_from_the_cursors_of_before(moved: Moved, url: str) -> None:
    going = await fill(moved.world)
    feed = Following(moved.world.ledger)
    first = await feed.changes("s", "0-0", 4)
    rest = await feed.changes("s", first.next, 1000)
    await moved.world.ledger.write(lambda tx: add_operations(tx.db))
    await moved.close()
    copy(moved.path, url, ACTOR)

    world = moved.world
    await moved.open(url)
    again = await Following(world.ledger).changes("s", first.next, 1000)
    seen = [change.facts for change in again.changes]
    known = [change.facts for change in rest.changes]
    assert seen[: len(known)] == known
    doubted = seen[len(known) :]
    assert [(facts["lane_id"], facts["state"]) for facts in doubted] == [(going[0].lane.id, "unknown")]

    await world.report("delivered", 3)
    await world.run()
    later = await Following(world.ledger).changes("s", again.next, 1000)
    assert "accepted" in [change.facts["state"] for change in later.changes]
    assert not {change.facts["cursor"] for change in later.changes} & {facts["cursor"] for facts in seen}


async def test_waits_count_from_the_clock_of_the_database(
    moved: Moved, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine that is left has a clock that is a day ahead."""
    day = 86_400.0

    class Ahead(copying.SteadyClock):
        def __call__(self) -> float:
            return super().__call__() + day

    monkeypatch.setattr(copying, "SteadyClock", Ahead)
    ahead = Ahead()
    moved.world.clock.now = ahead()
    await moved.leave()
    copy(moved.path, url, ACTOR)
    moved.world.clock.now = ahead() - day
    await moved.open(url)
    due_at = (await moved.world.lane("later"))["due_at"]
    assert due_at - moved.world.clock.now < 3600
    kinds = [cause["kind"] for cause in (await moved.world.lane("later"))["causes"]]
    assert "attempted" in kinds


async def test_a_file_can_be_copied_to_another_file(moved: Moved, tmp_path: Path) -> None:
    await moved.leave()
    target = tmp_path / "elsewhere.db"
    done = copy(moved.path, target, ACTOR)
    assert done.target == f"sqlite:///{target}"
    assert check(target, deep=True).faults == []
    ledger = SqliteLedger.open(target)
    assert set((await ledger.summary())["lanes"]) == LEFT - {"leased"}
    await ledger.close()
    with pytest.raises(ConfigurationError, match=r"has moved to sqlite:///.*elsewhere\.db"):
        moved.world.store.open()


async def test_faults_of_the_source_are_told_and_do_not_keep_it_from_moving(moved: Moved, url: str) -> None:
    await moved.leave()
    with closing(sqlite3.connect(moved.path)) as db:
        db.execute("UPDATE tallies SET n = n + 1 WHERE what = 'lane' AND state = 'held'")
        db.commit()
    done: Copied = copy(moved.path, url, ACTOR)
    assert [(fault.table, fault.number) for fault in done.faults if fault.table != "server"] == [
        ("tallies", "lane gvr held")
    ]
    assert ("server", "durability") in {(fault.table, fault.number) for fault in done.faults}


SENDER = Sender(name="journal")


def intake_on(ledger: Ledger) -> Intake:
    config = Config()
    translator, senders = build_translator(config, {"gvr": GvrReceiver(config.registers.gvr.settings())})
    return Intake(translator, ledger, senders.context)


async def test_a_resend_of_what_was_taken_before_gets_the_first_answer(tmp_path: Path, url: str) -> None:
    """Through the real intake: bundles, answers, corrections."""
    names = ("mottagningsbesok-lakare", "telefonsamtal", "teambesok", "hembesok-sarskilt-boende")
    bundles = {name: (data_folder("samples") / f"{name}.json").read_bytes() for name in names}
    path = tmp_path / "ledger.db"
    ledger: Ledger = SqliteLedger.open(path)
    intake = intake_on(ledger)
    first = {
        name: await intake.submit(raw, sender=SENDER, key=f"key-{name}", lang="sv")
        for name, raw in bundles.items()
    }
    before = await ledger.messages(LaneFilter())
    await ledger.close()
    copy(path, url, ACTOR)

    ledger = PostgresLedger.open(url)
    try:
        intake = intake_on(ledger)
        for name, raw in bundles.items():
            again = await intake.submit(raw, sender=SENDER, key=f"key-{name}", lang="sv")
            assert (again.status, again.body) == (first[name].status, first[name].body), name
        assert await ledger.messages(LaneFilter()) == before
        without_key = await intake.submit(bundles[names[1]], sender=SENDER, key="another", lang="sv")
        assert without_key.status < 300
        assert len((await ledger.messages(LaneFilter()))["messages"]) == len(before["messages"])
    finally:
        await ledger.close()
