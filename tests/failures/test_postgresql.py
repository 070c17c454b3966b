"""PostgreSQL is killed, restarted, failed over, cut off; nodes that share it collide, are killed, are paused."""

import itertools
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from adapter.ledger.postgres.connection import _lock_key
from adapter.verification.postgres import USER, PostgresServer, create_database
from tests.support.deployment import Register, Service, contact, event_of, until
from tests.support.proxy import Proxy

CONFIRMED = 'connections = 2\nconfirm_within = "1s"'
UNAVAILABLE = (
    "503 with Retry-After and rule `INTAKE-UNAVAILABLE` within `[ledger] confirm_within` (5 s); sent again, it is"
    " stored once: what had been committed gets its first answer."
)
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


def is_unavailable(answer: httpx.Response) -> bool:
    """Whether a submission was answered 503, as promised."""
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0
        assert "INTAKE-UNAVAILABLE" in answer.text
    return answer.status_code == 503


def retake(service: Service, number: str, version: int = 1) -> str:
    """Send again until it is taken, as a sender does; gives the event."""
    answer = until(lambda: _taken(service.submit(contact(number, version))), "it is not taken again")
    return event_of(answer)


def _taken(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.status_code == 200 else None


def each_arrived_once(service: Service, register: Register, events: list[str]) -> None:
    """Everything that was acknowledged is at the register, once, and the audit trail is whole."""
    for event in events:
        service.until_accepted(event)
        assert register.effects(event) == ["POST"]
    assert service.audit_is_whole()


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
    kept="Everything that was acknowledged. What a register answers meanwhile is held in memory until it can be"
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
        assert is_unavailable(node.submit(contact(f"{number}-late")))
        assert node.failing() == ["ledger"]
        assert node.logged("ledger cannot write")
        assert node.http.get("/api/summary").status_code == 503
    finally:
        server.start()
    events.append(retake(node, f"{number}-late"))
    each_arrived_once(node, register, events)


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
    event = retake(node, number)
    assert node.submit(contact(number)).status_code == 200
    assert count(server, database, "messages") == before + 1
    assert len(node.http.get(f"/api/events/{event}").json()["versions"]) == 1
    each_arrived_once(node, register, [event])


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
    operator="`/health/ready` 503 with part `ledger`; log `ledger cannot write` when the connection is given up"
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
    asked_at = time.monotonic()
    assert is_unavailable(node.submit(contact(f"{number}-late")))
    assert time.monotonic() - asked_at < 5
    assert node.failing() == ["ledger"]
    wire.carry()
    late = retake(node, f"{number}-late")
    each_arrived_once(node, register, [event, late])


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
    recovers="Start the standby, or take it out of `synchronous_standby_names`; commits that waited are confirmed, and"
    " lanes flow.",
)
def test_while_the_standby_is_down_nothing_is_acknowledged_and_afterwards_everything_is(
    pair: Pair, replicated: Service, register: Register, number: str
) -> None:
    before = replicated.take(number)
    replicated.until_accepted(before)
    pair.standby.kill()
    try:
        asked_at = time.monotonic()
        assert is_unavailable(replicated.submit(contact(f"{number}-late")))
        assert time.monotonic() - asked_at < 5
        assert replicated.failing() == ["ledger"]
        assert register.calls(before) == ["POST"]
    finally:
        pair.standby.start()
    late = retake(replicated, f"{number}-late")
    assert len(replicated.http.get(f"/api/events/{late}").json()["versions"]) == 1
    each_arrived_once(replicated, register, [before, late])


@pytest.mark.failure(
    part="ledger-postgresql",
    fault="the primary dies, its synchronous standby is promoted",
    sender=UNAVAILABLE,
    operator=f"{DEAF} When the standby is promoted the service finds it by itself: name both hosts in `[ledger] url`.",
    kept="Everything that was acknowledged: no commit is confirmed before the standby has it.",
    recovers="Promote the standby (your cluster manager does); connections are made anew to whichever takes writes.",
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
    until(lambda: len(events) > acknowledged + 5, "the service does not find the new primary", 30)
    ended.set()
    sending.join(30)
    for event in events:
        assert replicated.http.get(f"/api/events/{event}").status_code == 200
    each_arrived_once(replicated, register, events)


# Two nodes that share a database


@pytest.fixture(scope="module")
def nodes(
    server: PostgresServer, simulator: Register, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, Service]]:
    url = server.url(new_database(server))

    def node(name: str) -> Service:
        return Service(tmp_path_factory.mktemp(name), f"{simulator.address}/gvr", ledger=url)

    with node("first") as first, node("second") as second:
        yield first, second


def in_hands_of(nodes: tuple[Service, Service], register: Register, number: str) -> tuple[str, Service, Service]:
    """A contact that one of the nodes is sending, slowly: the event, that node, and the other one."""
    register.fault("latency", seconds=1.0, count=1)
    event = nodes[0].take(number)
    until(lambda: register.calls(event))
    lane = nodes[0].lane(event)["id"]
    with psycopg.connect(nodes[0].ledger) as db:
        row = db.execute("SELECT owner FROM lanes WHERE id = %s", (lane,)).fetchone()
    assert row is not None
    mine = nodes[0].pid == int(row[0].partition("-")[0])
    return event, nodes[not mine], nodes[mine]


@pytest.mark.failure(
    part="ledger-postgresql",
    fault="two nodes write the same rows at once",
    sender="200; at worst 429 or 503 with Retry-After when they collide all the time.",
    operator="Nothing: deadlocks and serialization failures are tried again by the ledger itself.",
    kept="Every version, in one order.",
    recovers="By itself.",
)
def test_nodes_that_write_the_same_contacts_at_once_do_not_lose_or_reorder_a_version(
    nodes: tuple[Service, Service], register: Register, number: str
) -> None:
    contacts, versions = 3, 6

    def send(place: int) -> list[int]:
        service = nodes[place % 2]
        with httpx.Client(base_url=service.url, trust_env=False, timeout=30) as http:
            return [
                http.post("/fhir", json=contact(f"{number}-{n}", version)).status_code
                for version in range(1 + place // 2, versions + 1, 2)
                for n in range(contacts)
            ]

    with ThreadPoolExecutor(4) as senders:
        codes = [code for answers in senders.map(send, range(4)) for code in answers]
    assert set(codes) == {200}
    for n in range(contacts):
        event = retake(nodes[0], f"{number}-{n}", versions)
        nodes[0].until_accepted(event)
        found = nodes[0].http.get(f"/api/events/{event}").json()
        revisions = [version["revision"] for version in found["versions"]]
        assert revisions == sorted(revisions)
        assert register.effects(event).count("POST") == 1
    assert nodes[1].audit_is_whole()


@pytest.mark.failure(part="ledger-postgresql", fault="two nodes write the same rows at once")
def test_a_submission_that_ends_in_a_deadlock_is_tried_again_without_the_sender_noticing(
    nodes: tuple[Service, Service], register: Register, number: str
) -> None:
    node = nodes[0]
    event = node.take(number)
    lane = node.until_accepted(event)
    with psycopg.connect(node.ledger) as other, ThreadPoolExecutor(1) as sender:
        before = deadlocks(node)
        other.execute("SELECT 1 FROM lanes WHERE id = %s FOR UPDATE", (lane["id"],))
        correction = sender.submit(node.submit, contact(number, 2))
        until(lambda: somebody_waits(node), "nobody waits for the lane")
        other.execute("SELECT pg_advisory_xact_lock(%s)", (_lock_key(event),))  # each waits for the other
        other.commit()
        assert correction.result(20).status_code == 200
    until(lambda: deadlocks(node) > before, "there was no deadlock")
    assert node.until_accepted(event)["states"] == ["accepted", "accepted"]
    assert register.calls(event) == ["POST", "PUT"]


def deadlocks(node: Service) -> int:
    """How many transactions the server has ended to break a deadlock."""
    return int(asked(node, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))


def somebody_waits(node: Service) -> bool:
    """Whether a transaction waits for another one's rows."""
    return bool(asked(node, "SELECT count(*) FROM pg_locks WHERE NOT granted"))


def asked(node: Service, statement: str) -> int:
    """One number from the node's database, in a transaction of its own."""
    with psycopg.connect(node.ledger) as db:
        row = db.execute(statement.encode()).fetchone()
    return 0 if row is None else int(row[0])


@pytest.mark.failure(
    part="worker",
    fault="one of several nodes is killed",
    sender="A broken connection at that node; the others answer.",
    operator="The other nodes' `/health/ready` stays 200; the lanes that it held are taken over when their leases run"
    " out: `unknown`, cause `taken-over`.",
    kept="Everything that was acknowledged; the open attempt.",
    recovers="Another node looks the doubt up and goes on. Never a second create.",
)
def test_the_lanes_of_a_killed_node_are_taken_over_by_another(
    nodes: tuple[Service, Service], register: Register, number: str
) -> None:
    event, holder, other = in_hands_of(nodes, register, number)
    holder.kill()
    try:
        assert other.failing() == []
        new = other.take(f"{number}-new")
        other.until_accepted(new)
        lane = other.until_accepted(event)
    finally:
        holder.start()
    assert lane["attempts"][0]["outcome"]["cause"] == "taken-over"
    assert register.calls(event).count("POST") == 1
    assert other.audit_is_whole()


@pytest.mark.failure(part="worker", fault="paused past its lease")
def test_a_node_that_is_paused_past_its_lease_settles_nothing_and_leaves_evidence(
    nodes: tuple[Service, Service], register: Register, number: str
) -> None:
    event, holder, other = in_hands_of(nodes, register, number)
    holder.signal(signal.SIGSTOP)
    try:
        other.until_accepted(event)
    finally:
        holder.signal(signal.SIGCONT)
    lane = other.lane(event)
    until(lambda: holder.logged("lease lost", lane=lane["id"]))
    until(lambda: other.lane(event)["attempts"][0]["evidence"])
    assert lane["attempts"][0]["outcome"]["cause"] == "taken-over"
    assert register.calls(event).count("POST") == 1
    assert other.audit_is_whole()
