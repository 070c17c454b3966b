"""PostgreSQL is killed, restarted, failed over, cut off, away when the service starts."""

import itertools
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from adapter.verification.postgres import USER, PostgresServer, create_database
from tests.support.deployment import Register, Service, contact, event_of, is_unavailable, until
from tests.support.proxy import Proxy

CONFIRMED = 'connections = 2\nconfirm_within = "1s"'
UNAVAILABLE = "503."
DEAF = "Log `ledger cannot write`; `/health/ready` 503 with part `ledger`."
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach."""
    made = Path(tempfile.mkdtemp(prefix="vardbro-failures-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[PostgresServer]:
    """A server that is as durable as any."""
    with PostgresServer(folder / "server") as made:
        yield made


def new_database(server: PostgresServer) -> str:
    """The name of a new database."""
    name = f"failures{next(_numbers)}"
    create_database(server.url(), name)
    return name


# One node, with a network of its own to the server


@pytest.fixture(scope="module")
def wire(server: PostgresServer) -> Iterator[Proxy]:
    with Proxy(server.port) as made:
        yield made


@pytest.fixture(scope="module")
def shared_node(
    server: PostgresServer, wire: Proxy, simulator: Register, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    url = f"postgresql://{USER}@127.0.0.1:{wire.port}/{new_database(server)}"
    with Service(
        tmp_path_factory.mktemp("node"), f"{simulator.address}/gvr", ledger=url, ledger_more=CONFIRMED
    ) as made:
        yield made


@pytest.fixture
def node(shared_node: Service, wire: Proxy, register: Register) -> Iterator[Service]:
    """The node, with its database in reach before and after."""
    yield shared_node
    wire.carry()
    until(lambda: shared_node.failing() == [], "the ledger does not recover")


@pytest.mark.failure(
    part="ledger-postgresql",
    fault="killed and restarted",
    sender=UNAVAILABLE,
    operator=DEAF,
    kept="Everything that was acknowledged. What a register answers meanwhile is held in memory until it"
    " can be"
    " written.",
    recovers="By itself: connections are made anew; lanes flow again when the database answers.",
)
def test_a_database_that_is_killed_and_started_again_has_lost_nothing_acknowledged(
    node: Service, server: PostgresServer, register: Register, number: str
) -> None:
    register.fault("latency", seconds=0.5, count=1)
    events = [node.take(f"{number}-{n}") for n in range(5)]
    until(lambda: register.calls(events[0]))
    server.kill()
    try:
        assert node.is_unavailable(f"{number}-late")
        assert node.failing() == ["ledger"]
        assert node.logged("ledger cannot write")
        assert node.http.get("/api/summary").status_code == 503
    finally:
        server.start()
    events.append(node.retake(f"{number}-late"))
    assert node.has_each_at(register, events)


@pytest.mark.failure(
    part="ledger-postgresql",
    fault="the connection is cut in the middle of a commit",
    sender=UNAVAILABLE,
    operator="Log `ledger cannot write` with the kind of the error.",
    kept="The submission, if the server had got the commit: the service cannot know.",
    recovers="By itself: the connection is made anew; deduplication decides on the resend.",
)
def test_a_commit_whose_confirmation_is_lost_is_answered_503_and_the_resend_gets_its_answer(
    node: Service, server: PostgresServer, wire: Proxy, register: Register, number: str
) -> None:
    database = node.ledger.rpartition("/")[2]
    before = count(server, database, "messages")
    answers: list[httpx.Response] = []
    sending = threading.Thread(target=lambda: answers.append(node.submit(contact(number))))
    cut_at_commit(wire)
    sending.start()
    until(lambda: count(server, database, "messages") == before + 1, "it was not committed")
    wire.cut()
    sending.join(20)
    assert is_unavailable(answers[0])
    wire.carry()
    event = node.retake(number)
    assert node.submit(contact(number)).status_code == 200
    assert count(server, database, "messages") == before + 1
    assert len(node.http.get(f"/api/events/{event}").json()["versions"]) == 1
    assert node.has_each_at(register, [event])


def cut_at_commit(wire: Proxy) -> None:
    """Swallow the confirmation of the next commit, and everything after it."""
    committed = threading.Event()

    def swallow(data: bytes) -> bytes:
        if b"COMMIT" in data or committed.is_set():
            committed.set()
            return b""
        return data

    wire.tamper = swallow


def count(server: PostgresServer, database: str, table: str) -> int:
    """How many rows a table has, asked past the service."""
    with psycopg.connect(server.url(database)) as db:
        row = db.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    return 0 if row is None else int(row[0])


@pytest.mark.failure(
    part="ledger-postgresql",
    fault="the network swallows packets",
    sender=UNAVAILABLE,
    operator="`/health/ready` 503 with part `ledger`; log `ledger cannot write` when the connection is"
    " given up"
    " (20 s).",
    kept="Everything that was acknowledged.",
    recovers="By itself, when packets get through or the connections are given up and made anew.",
)
def test_a_database_that_is_cut_off_is_answered_503_in_time(
    node: Service, wire: Proxy, register: Register, number: str
) -> None:
    event = node.take(number)
    node.until_accepted(event)
    wire.stall()
    assert node.is_unavailable(f"{number}-late")
    assert node.failing() == ["ledger"]
    wire.carry()
    late = node.retake(f"{number}-late")
    assert node.has_each_at(register, [event, late])


@pytest.mark.failure(
    part="ledger-postgresql",
    fault="it is down when the service starts",
    sender="No connection: the service does not start.",
    operator="Exit code 1; one line says that the ledger's database cannot be opened, and what to look at.",
    kept="Everything that is in the database.",
    recovers="Start again when the database is up (the platform does).",
)
def test_a_service_does_not_start_without_its_database(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"postgresql://{USER}@127.0.0.1:{port}/vardbro"
    code, said = Service(tmp_path, "http://127.0.0.1:9/gvr", ledger=url).refuse_to_start()
    assert code == 1
    assert "The ledger's database cannot be opened" in said
    assert "Traceback" not in said
    assert USER not in said


# A primary with a synchronous standby


class Pair:
    """A primary that confirms nothing before its standby has it, and a node that knows both."""

    def __init__(self, folder: Path) -> None:
        self.primary, self.standby = PostgresServer(folder / "primary"), PostgresServer(folder / "standby")
        self.primary.create()
        self.primary.start()
        self.standby.copy(self.primary)
        self.standby.start()
        self.primary.await_standby()

    def url(self, database: str) -> str:
        """The address of a database, whichever of the two is the primary."""
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        return f"postgresql://{USER}@{hosts}/{database}"


@pytest.fixture(scope="module")
def pair(folder: Path) -> Iterator[Pair]:
    made = Pair(folder)
    yield made
    made.primary.kill()
    made.standby.kill()


@pytest.fixture(scope="module")
def replicated(
    pair: Pair, simulator: Register, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    url = pair.url(new_database(pair.primary))
    with Service(
        tmp_path_factory.mktemp("replicated"), f"{simulator.address}/gvr", ledger=url, ledger_more=CONFIRMED
    ) as made:
        yield made


@pytest.mark.failure(
    part="ledger-postgresql",
    fault="the synchronous standby is down",
    sender=UNAVAILABLE,
    operator="`/health/ready` 503 with part `ledger`: commits wait for the standby. PostgreSQL's own log and"
    " `pg_stat_replication` name it.",
    kept="Everything that was acknowledged; what was committed and not confirmed is kept too.",
    recovers="Start the standby, or take it out of `synchronous_standby_names`; commits that waited are"
    " confirmed, and"
    " lanes flow.",
)
def test_while_the_standby_is_down_nothing_is_acknowledged_and_afterwards_everything_is(
    pair: Pair, replicated: Service, register: Register, number: str
) -> None:
    before = replicated.take(number)
    replicated.until_accepted(before)
    pair.standby.kill()
    try:
        assert replicated.is_unavailable(f"{number}-late")
        assert replicated.failing() == ["ledger"]
        assert register.calls(before) == ["POST"]
    finally:
        pair.standby.start()
    late = replicated.retake(f"{number}-late")
    assert len(replicated.http.get(f"/api/events/{late}").json()["versions"]) == 1
    assert replicated.has_each_at(register, [before, late])


@pytest.mark.failure(
    part="ledger-postgresql",
    fault="the primary dies, its synchronous standby is promoted",
    sender=UNAVAILABLE,
    operator=f"{DEAF} When the standby is promoted the service finds it by itself: name both hosts in"
    " `[ledger] url`.",
    kept="Everything that was acknowledged: no commit is confirmed before the standby has it.",
    recovers="Promote the standby (your cluster manager does); connections are made anew to whichever"
    " takes writes.",
)
def test_after_a_failover_nothing_that_was_acknowledged_is_lost(
    pair: Pair, replicated: Service, register: Register, number: str
) -> None:
    register.fault("503", count=3)
    events: list[str] = []
    ended = threading.Event()

    def send() -> None:
        for n in itertools.count():
            if ended.is_set():
                return
            answer = replicated.submit(contact(f"{number}-{n}"))
            if answer.status_code == 200:
                events.append(event_of(answer))
            else:
                assert is_unavailable(answer)

    sending = threading.Thread(target=send)
    sending.start()
    until(lambda: len(events) > 10)
    pair.primary.kill()
    acknowledged = len(events)
    assert until(lambda: replicated.logged("ledger cannot write"))
    pair.standby.promote()
    until(lambda: len(events) > acknowledged + 5, "the service does not find the new primary")
    ended.set()
    sending.join(30)
    for event in events:
        assert replicated.http.get(f"/api/events/{event}").status_code == 200
    assert replicated.has_each_at(register, events)
