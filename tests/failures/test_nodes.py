"""Nodes that share one PostgreSQL write the same at once, are killed, are paused past their lease."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from adapter.ledger.postgres.connection import _lock_key
from tests.support.deployment import Register, Service, contact, until
from tests.support.stores import new_database


@pytest.fixture(scope="module")
def nodes(simulator: Register, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Service]]:
    url = new_database()

    def node(name: str) -> Service:
        return Service(tmp_path_factory.mktemp(name), f"{simulator.address}/gvr", ledger=url)

    with node("first") as first, node("second") as second:
        yield first, second


def in_hands_of(
    nodes: tuple[Service, Service], register: Register, number: str
) -> tuple[str, Service, Service]:
    """A contact that one of the nodes is sending, slowly: the event, that node, and the other one."""
    register.fault("latency", seconds=1.0, count=1)
    event = nodes[0].take(number)
    until(lambda: register.calls(event))
    lane = nodes[0].lane(event)["id"]
    with psycopg.connect(nodes[0].ledger) as db:
        row = db.execute("SELECT owner FROM lanes WHERE id = %s", (lane,)).fetchone()
    assert row is not None
    mine = nodes[0].pid == int(row[0].partition("/")[2].partition("-")[0])
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
        event = nodes[0].retake(f"{number}-{n}", versions)
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
    operator="The other nodes' `/health/ready` stays 200; the lanes that it held are taken over when their"
    " leases run"
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
