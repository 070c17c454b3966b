"""What is said of a server and a database, and that no secret is among it."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from adapter.errors import ConfigurationError, LedgerUnavailable, VardbroError
from adapter.ledger.checking import check
from adapter.ledger.migrating import migrate
from adapter.ledger.postgres import condition
from adapter.ledger.postgres.access import connected, shown
from adapter.ledger.postgres.condition import Remark, examine
from adapter.verification.postgres import create_database, drop_database
from tests.support.stores import server

APP = "vardbro_app"
SECRET = "very-secret"


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        for statement in statements:
            db.execute(statement.encode())


def remarks(url: str) -> dict[str, Remark]:
    return {remark.name: remark for remark in examine(url)}


@pytest.fixture
def app() -> Iterator[Callable[[str], str]]:
    """Gives the URL of a database for a user who may do only what a test grants."""
    run(server().url(), f"CREATE ROLE {APP} LOGIN PASSWORD '{SECRET}'")
    granted: list[str] = []

    def as_app(url: str) -> str:
        granted.append(url)
        return url.replace("postgres@", f"{APP}:{SECRET}@")

    yield as_app
    for url in granted:
        run(url, f"DROP OWNED BY {APP}")
    run(server().url(), f"DROP ROLE {APP}")


@pytest.fixture
def empty() -> Iterator[str]:
    """A database without tables."""
    create_database(server().url(), "without_tables")
    yield server().url("without_tables")
    drop_database(server().url(), "without_tables")


def test_what_the_server_is_and_promises_is_said(url: str) -> None:
    found = remarks(url)
    assert list(found) == [
        "server",
        "primary",
        "encoding",
        "durability",
        "commits",
        "standby",
        "feed",
        "schema",
    ]
    assert found["server"].says.startswith("PostgreSQL ")
    assert found["encoding"].says == "UTF8"
    assert found["schema"].ok


def test_a_server_that_does_not_sync_is_a_fault_and_one_that_commits_weakly_is_corrected(url: str) -> None:
    found = remarks(url)
    assert not found["durability"].ok
    assert "fsync and full_page_writes" in found["durability"].mend
    assert found["commits"].ok
    assert "off; vardbro asks for on" in found["commits"].says
    with connected(url) as db:
        assert db.raw.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_a_user_who_may_not_write_is_told_what_to_grant(url: str, app: Callable[[str], str]) -> None:
    as_app = app(url)
    assert "GRANT" in remarks(as_app)["schema"].mend
    run(
        url,
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP}",
    )
    assert remarks(as_app)["schema"].ok
    run(url, f"REVOKE DELETE ON cutovers FROM {APP}")
    assert "cutovers" in remarks(as_app)["schema"].says


def test_a_user_who_may_not_make_tables_is_told_so(empty: str, app: Callable[[str], str]) -> None:
    as_app = app(empty)
    assert not remarks(as_app)["schema"].ok
    with pytest.raises(LedgerUnavailable, match="42501") as refused:
        migrate(as_app)
    assert "right" in refused.value.hint
    run(empty, f"GRANT CREATE ON SCHEMA public TO {APP}")
    assert remarks(as_app)["schema"].ok
    assert migrate(as_app).before == 0


def test_a_database_that_takes_no_writes_is_said(url: str, app: Callable[[str], str]) -> None:
    as_app = app(url)
    run(url, f"ALTER ROLE {APP} SET default_transaction_read_only = on")
    primary = remarks(as_app)["primary"]
    assert not primary.ok
    assert "default_transaction_read_only" in primary.says


def test_a_transaction_that_holds_the_feed_up_is_said_in_whichever_database_it_is(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(condition, "HELD_UP", 0.0)
    assert remarks(url)["feed"].ok
    with psycopg.connect(server().url()) as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        feed = remarks(url)["feed"]
        assert not feed.ok
        assert "pg_prepared_xacts" in feed.mend
    assert remarks(url)["feed"].ok


def test_a_schema_of_a_newer_version_is_said(url: str) -> None:
    run(url, "UPDATE schema_version SET version = 999")
    assert not remarks(url)["schema"].ok
    with pytest.raises(ConfigurationError, match="999"):
        migrate(url)
    with pytest.raises(ConfigurationError, match="999"):
        check(url)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda url: url.rpartition("/")[0] + "/nowhere", "no such database"),
        (lambda url: "postgresql://x:very-secret@127.0.0.1:1/db", "nobody listens"),
        (lambda url: "postgresql://x:very-secret@vardbro.invalid/db", "name is not known"),
        (lambda url: "postgresql://x:very-%zz-secret@h/db", "cannot be read"),
        (lambda url: url + "?password=very-secret&user=nobody", "no such database or user"),
    ],
)
def test_what_stands_in_the_way_is_said_without_user_or_password(
    url: str, change: Callable[[str], str], says: str
) -> None:
    with pytest.raises(VardbroError, match=says) as refused:
        list(examine(change(url)))
    said = f"{refused.value} {refused.value.hint}"
    assert SECRET not in said
    assert "x:" not in said


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://u:secret@h/d?sslmode=require", "postgresql://h:5432/d"),
        ("postgres://u@a:1,b:2/d?password=secret", "postgresql://a:1,b:2/d"),
        ("postgresql://a,b:5433/d", "postgresql://a:5432,b:5433/d"),
        ("postgresql:///d?host=/run/pg&passfile=/x", "postgresql:///run/pg:5432/d"),
        ("postgresql://", "postgresql://localhost:5432/"),
    ],
)
def test_a_place_is_shown_as_hosts_and_database(url: str, place: str) -> None:
    assert shown(url) == place
