"""Migrations go forward, one transaction each, on a ledger that is full of messages."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from adapter.errors import ConfigurationError
from adapter.ledger.sql.steps import steps_of
from adapter.ledger.sqlite.connection import connect
from adapter.ledger.sqlite.migrate import FOLDER, migrate, version
from tests.support.world import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations that a test may add to."""
    copied = tmp_path / "migrations"
    shutil.copytree(FOLDER, copied)
    return copied


async def filled(tmp_path: Path) -> Path:
    world = World(tmp_path)
    world.register.faults.append(400)
    for number in range(20):
        await world.report(f"e{number}")
    await world.run()
    await world.report("e1", n=2)
    await world.close()
    return world.path


def test_the_migrations_are_numbered_without_a_gap() -> None:
    numbers = [number for number, _ in steps_of(FOLDER)]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_migration_keeps_what_a_filled_ledger_holds(tmp_path: Path, folder: Path) -> None:
    path = await filled(tmp_path)
    number = len(steps_of(FOLDER)) + 1
    (folder / f"{number:04d}_remark.sql").write_text(
        "ALTER TABLE lanes ADD COLUMN remark TEXT;\n"
        "UPDATE lanes SET remark = 'parked once; of old' WHERE state = 'parked';\n"
    )
    db = connect(str(path))
    before = db.execute("SELECT id, state FROM messages ORDER BY id").fetchall()
    assert migrate(db, folder) == number
    assert db.execute("SELECT id, state FROM messages ORDER BY id").fetchall() == before
    assert db.execute("SELECT slot FROM lanes WHERE remark IS NOT NULL").fetchall() == [("e0",)]
    assert (version(db), db.execute("PRAGMA integrity_check").fetchone()) == (number, ("ok",))
    db.close()


async def test_a_migration_that_fails_leaves_the_ledger_as_it_was(tmp_path: Path, folder: Path) -> None:
    path = await filled(tmp_path)
    number = len(steps_of(FOLDER)) + 1
    (folder / f"{number:04d}_broken.sql").write_text("DELETE FROM messages;\nSELECT nothing FROM nowhere;\n")
    db = connect(str(path))
    with pytest.raises(sqlite3.Error):
        migrate(db, folder)
    assert version(db) == number - 1
    assert db.execute("SELECT COUNT(*) FROM messages").fetchone() == (21,)
    db.close()


def test_a_ledger_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()
    db = connect(str(tmp_path / "ledger.db"))
    db.execute("PRAGMA user_version = 9999")
    with pytest.raises(ConfigurationError, match="9999"):
        migrate(db)
    db.close()


def test_a_gap_between_migrations_is_refused(folder: Path) -> None:
    (folder / "0042_far_away.sql").write_text("SELECT 1;")
    with pytest.raises(ConfigurationError):
        steps_of(folder)


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()
    db = connect(str(tmp_path / "ledger.db"))
    assert migrate(db) == migrate(db) == len(steps_of(FOLDER))
    db.close()
