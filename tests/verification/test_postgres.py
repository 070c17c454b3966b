"""PostgreSQL servers of our own: what was committed survives their kills, and a standby's promotion."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapter.errors import VardbroError
from adapter.verification.failover import FailoverPair
from adapter.verification.postgres import PostgresServer, create_database, drop_database, setting_of

WRITING = "?target_session_attrs=read-write"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's user may pass through, as pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="vardbro-tests-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def pair(folder: Path) -> Iterator[FailoverPair]:
    pair = FailoverPair(folder)
    try:
        pair.start()
        yield pair
    finally:
        pair.stop()


def write(url: str, number: int) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("CREATE TABLE IF NOT EXISTS written (n INTEGER)")
        db.execute("INSERT INTO written VALUES (%s)", (number,))


def written(url: str) -> list[int]:
    with psycopg.connect(url, autocommit=True) as db:
        return [n for (n,) in db.execute("SELECT n FROM written ORDER BY n")]


def test_what_was_committed_survives_a_kill_and_databases_come_and_go(folder: Path) -> None:
    with PostgresServer(folder / "data") as server:
        create_database(server.url(), "one")
        write(server.url("one"), 1)
        assert server.shown("fsync") == "on"
        server.kill()
        with pytest.raises(VardbroError):
            setting_of(server.url(), "fsync")
        server.start()
        assert written(server.url("one")) == [1]
        drop_database(server.url(), "one")
        with pytest.raises(psycopg.OperationalError):
            written(server.url("one"))


def test_a_promoted_standby_has_everything_and_the_killed_one_becomes_its_standby(pair: FailoverPair) -> None:
    create_database(pair.primary.url(), "one")
    url = pair.url("one") + WRITING
    for number in (1, 2):
        write(url, number)
        before = pair.primary.port
        pair.fail_over()
        assert pair.primary.port != before
        assert written(url) == list(range(1, number + 1))
        pair.mend()


def test_a_server_that_cannot_be_reached_is_told_without_its_address() -> None:
    with pytest.raises(VardbroError) as caught:
        create_database("postgresql://somebody:secret@127.0.0.1:1/x", "one")
    assert "secret" not in str(caught.value)
