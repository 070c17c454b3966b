"""`vardbro ledger` and the commands that look into a ledger, on both stores."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapter.cli.root import run
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.sqlite import SqliteLedger
from adapter.ledger.sqlite.connection import connect
from adapter.verification.postgres import create_database, drop_database
from tests.support.stores import new_database, server
from tests.support.world import World, message, receipt

SECRET = "very-secret"


@pytest.fixture
def url() -> Iterator[str]:
    made = new_database()
    yield made.replace("postgres@", f"postgres:{SECRET}@")
    drop_database(server().url(), made.rpartition("/")[2])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ledger(folder: Path) -> Path:
    """A ledger with three lanes in the working folder, left by its service."""

    async def fill() -> None:
        made = SqliteLedger.open(folder / "vardbro.db", reserve=0)
        for number in (1, 2, 3):
            event = World.event_of(message(f"e{number}"), known=None)
            await made.commit(receipt(f"k{number}"), [event], lambda _: b"{}")
        await made.close()

    asyncio.run(fill())
    return folder / "vardbro.db"


def configured(folder: Path, url: str) -> str:
    file = folder / "vardbro.toml"
    file.write_text(f'[ledger]\nurl = "{url}"\n')
    return str(file)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    assert run([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_migrate_says_from_which_version_to_which(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ledger", "migrate"]) == 0
    assert "made, with schema version" in capsys.readouterr().out
    assert run(["ledger", "migrate"]) == 0
    assert "up to date already" in capsys.readouterr().out


def test_migrate_refuses_a_newer_ledger_with_exit_2_and_one_in_use_with_exit_1(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = SqliteLedger.open(ledger)
    assert run(["ledger", "migrate"]) == 1
    assert "Another service holds" in capsys.readouterr().err
    asyncio.run(held.close())
    with connect(str(ledger)) as db:
        db.execute("PRAGMA user_version = 999")
    assert run(["ledger", "migrate"]) == 2
    assert "999" in capsys.readouterr().err


def test_check_says_that_all_is_well_also_while_a_service_runs(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = SqliteLedger.open(ledger)
    try:
        found = printed(capsys, "ledger", "check", "--deep")
        assert found["sound"]
        assert found["rows"]["lanes"] == 3
        assert run(["ledger", "check"]) == 0
        assert "vardbro.db: sound" in capsys.readouterr().out
    finally:
        asyncio.run(held.close())


def test_check_names_each_fault_with_exit_1(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with connect(str(ledger)) as db:
        db.execute("UPDATE lanes SET seq = 5 WHERE slot = 'e2'")
    found = printed(capsys, "ledger", "check", code=1)
    assert [(fault["table"], fault["number"]) for fault in found["faults"]] == [("lanes", 2)]
    assert run(["ledger", "check"]) == 1
    out = capsys.readouterr().out
    assert "NOT SOUND" in out
    assert "has given 5 sequence numbers, but has 1 messages" in out


def test_a_configuration_before_the_command_counts_for_its_subcommands(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = folder / "elsewhere.toml"
    elsewhere.write_text(f'[ledger]\nurl = "sqlite:///{folder}/other.db"\n')
    assert run(["--config", str(elsewhere), "ledger", "migrate"]) == 0
    assert "other.db" in capsys.readouterr().out
    assert run(["--config", "nowhere.toml", "audit", "verify"]) == 2


def test_a_copy_moves_the_ledger_and_the_commands_look_into_the_database_then(
    ledger: Path, folder: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = printed(capsys, "messages")
    copied = ["ledger", "copy", "--from", "sqlite:///vardbro.db", "--to", url, "--actor", "anna"]
    done = printed(capsys, *copied, code=1)  # the tests' server does not sync: that is told
    assert done["rows"]["messages"] == 3
    assert [fault["number"] for fault in done["faults"]] == ["durability"]
    assert SECRET not in json.dumps(done)

    for command in (["lanes"], ["work"], ["ledger", "migrate"], copied):
        assert run(command) == 2
        said = capsys.readouterr().err
        assert "has moved to postgresql://127.0.0.1" in said
        assert SECRET not in said

    configured(folder, url)
    assert printed(capsys, "messages") == before
    assert [lane["slot"] for lane in printed(capsys, "lanes")["lanes"]] == ["e1", "e2", "e3"]
    assert printed(capsys, "audit", "verify")["broken_at"] is None
    checked = printed(capsys, "ledger", "check", code=1)
    assert [fault["table"] for fault in checked["faults"]] == ["server"]
    assert SECRET not in json.dumps(checked)


def test_commands_that_look_leave_a_database_as_it_is(
    folder: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(PostgresLedger.open(url).close())
    configured(folder, url)
    strands = "SELECT COUNT(*) FROM strands"
    before = _ask(url, strands)
    assert printed(capsys, "lanes")["lanes"] == []
    assert _ask(url, strands) == before


def _ask(url: str, statement: str) -> Any:
    with psycopg.connect(url) as db:
        return db.execute(statement.encode()).fetchone()


def test_a_database_without_a_ledger_is_said_and_not_made(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create_database(server().url(), "no_ledger")
    try:
        configured(folder, server().url("no_ledger"))
        for command in (["lanes"], ["messages"], ["audit", "verify"], ["ledger", "check"]):
            assert run(command) == 1
            assert "there is no ledger at postgresql://127.0.0.1" in capsys.readouterr().err
        assert _ask(server().url("no_ledger"), "SELECT to_regclass('lanes')") == (None,)
    finally:
        drop_database(server().url(), "no_ledger")


@pytest.mark.parametrize("command", ["lanes", "ledger check", "ledger migrate", "check", "work"])
def test_a_database_that_is_away_is_said_without_the_password(
    folder: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(folder, f"postgresql://u:{SECRET}@127.0.0.1:1/d")
    assert run(command.split()) == 1
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert "database" in said.err or "nobody listens there" in said.out + said.err


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (f"postgresql://u:{SECRET}@h/d", "sqlite:///two.db"),
        ("sqlite:///vardbro.db", f"mysql://u:{SECRET}@h/d"),
        (f"mysql://u:{SECRET}@h/d", "sqlite:///two.db"),
        ("sqlite:///vardbro.db", "sqlite:///vardbro.db"),
        ("sqlite:///none.db", "sqlite:///two.db"),
    ],
)
def test_what_cannot_be_copied_is_wrong_usage(
    ledger: Path, source: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ledger", "copy", "--from", source, "--to", target]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("vardbro: ")
    assert SECRET not in said.err
    assert ledger.exists()
