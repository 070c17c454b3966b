"""Several nodes on one database: whatever two of them do at once, one of them did it first."""

import asyncio
import threading
from typing import Any

import pytest
from msgspec.structs import replace

from adapter.domain.message import Outcome, OutcomeClass
from adapter.errors import LeaseLost, StaleEvent
from adapter.ledger.model import Committed, KnownEvent, NewEvent
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.sql.session import SqlSession
from tests.ledger.postgres.conftest import Nodes, until
from tests.support.world import LEASE, World, message, receipt

ACCEPTED = Outcome(kind=OutcomeClass.ACCEPTED, cause="")
ROUNDS = 15


async def commit(node: PostgresLedger, event: NewEvent, key: str) -> Committed:
    return await node.commit(receipt(key), [event], lambda _: b"answer")


def version(event_id: str, n: int, known: KnownEvent | None = None, **members: Any) -> NewEvent:
    return World.event_of(message(event_id, n, **members), known=known)


def outcomes(results: list[Any]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


async def test_no_lane_is_ever_claimed_by_two_nodes(nodes: Nodes) -> None:
    for number in range(60):
        await nodes.report(f"e{number}")
    claimed: list[int] = []
    while True:
        found = await asyncio.gather(
            *(nodes.claim(node, 5, f"w{turn}") for turn in range(6) for node in (nodes.a, nodes.b))
        )
        works = [work for works in found for work in works]
        if not works:
            break
        claimed += [work.lane.id for work in works]
    assert len(claimed) == 60
    assert len(set(claimed)) == 60
    assert {row[0] for row in nodes.ask("SELECT DISTINCT token FROM lanes")} == {1}
    nodes.require_sound()


async def test_a_lease_that_ran_out_at_one_node_is_taken_over_by_the_other(nodes: Nodes) -> None:
    await nodes.report("e1")
    (lost,) = await nodes.claim(nodes.a, owner="a")
    assert await nodes.claim(nodes.b, owner="b") == []
    nodes.clock.now += LEASE + 1
    await nodes.claim(nodes.b, owner="b")
    (lane,) = nodes.ask("SELECT state, token FROM lanes")
    assert lane == ("unknown", lost.lane.token + 1)
    with pytest.raises(LeaseLost):
        await nodes.a.settle(lost, ACCEPTED, None)
    await nodes.a.evidence(lost, ACCEPTED)
    assert nodes.ask("SELECT state FROM messages") == [("accepted",)]
    nodes.require_sound()


async def test_of_two_versions_that_two_nodes_commit_at_once_exactly_one_is_stale(nodes: Nodes) -> None:
    known = None
    for n in range(1, ROUNDS + 1):
        results = await asyncio.gather(
            commit(nodes.a, version("e1", 2 * n, known), f"a{n}"),
            commit(nodes.b, version("e1", 2 * n + 1, known), f"b{n}"),
            return_exceptions=True,
        )
        assert outcomes(results) == ["Committed", "StaleEvent"]
        known = (await nodes.b.known(["e1"]))["e1"]
        assert known.revision == n
    assert nodes.ask("SELECT COUNT(*) FROM messages") == [(ROUNDS,)]
    nodes.require_sound()


async def test_versions_of_a_whole_submission_are_taken_or_refused_together(nodes: Nodes) -> None:
    """Two submissions with the same events in opposite orders neither mix nor wait for ever."""
    there = [version("e1", 1), version("e2", 1)]
    back = [version("e2", 2), version("e1", 2)]
    results = await asyncio.gather(
        nodes.a.commit(receipt("there"), there, lambda _: b""),
        nodes.b.commit(receipt("back"), back, lambda _: b""),
        return_exceptions=True,
    )
    assert outcomes(results) == ["Committed", "StaleEvent"]
    assert len({row[0] for row in nodes.ask("SELECT receipt_id FROM events")}) == 1


async def test_of_two_submissions_with_one_key_at_once_exactly_one_binds_it(nodes: Nodes) -> None:
    for n in range(ROUNDS):
        results = await asyncio.gather(
            commit(nodes.a, version(f"a{n}", 1), f"k{n}"),
            commit(nodes.b, version(f"b{n}", 1), f"k{n}"),
            return_exceptions=True,
        )
        assert outcomes(results) == ["Committed", "StaleEvent"]
        stored = await nodes.b.receipt("s", f"k{n}")
        assert stored is not None
        (made,) = (result for result in results if isinstance(result, Committed))
        assert stored.receipt_id == made.receipt_id
    assert nodes.ask("SELECT COUNT(*) FROM events") == [(ROUNDS,)]
    nodes.require_sound()


async def test_the_lane_of_a_slot_that_two_nodes_make_at_once_is_one(nodes: Nodes) -> None:
    for n in range(ROUNDS):
        await asyncio.gather(
            commit(nodes.a, version(f"a{n}", 1, slot=f"s{n}"), f"a{n}"),
            commit(nodes.b, version(f"b{n}", 1, slot=f"s{n}"), f"b{n}"),
        )
    assert nodes.ask("SELECT COUNT(*), MIN(seq), MAX(seq) FROM lanes") == [(ROUNDS, 2, 2)]
    nodes.require_sound()


class Together:
    """Jobs that meet, each at its first run, when all have read and none has written."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count, timeout=20)
        self._met: set[int] = set()
        self.runs = 0

    def meet(self, who: int) -> None:
        """Wait for the others, unless `who` has met them."""
        self.runs += 1
        if who not in self._met:
            self._met.add(who)
            self._barrier.wait()


@pytest.mark.parametrize("there_before", [False, True])
async def test_a_gate_that_two_nodes_change_at_once_gets_both_changes(
    nodes: Nodes, there_before: bool
) -> None:
    if there_before:
        await nodes.a.pause("gvr", "first")
    together = Together(2)

    def counting(who: int) -> Any:
        def job(tx: SqlSession) -> None:
            gate = tx.gates.gate("gvr")
            together.meet(who)
            tx.gates.save(replace(gate, throttled=gate.throttled + 1))

        return job

    await asyncio.gather(nodes.a.write(counting(1)), nodes.b.write(counting(2)))
    assert together.runs == 3
    assert nodes.ask("SELECT throttled FROM gates") == [(2,)]


async def test_pauses_and_resumes_of_many_at_once_leave_a_sound_ledger(nodes: Nodes) -> None:
    for _ in range(5):
        await asyncio.gather(
            nodes.a.pause("gvr", "r"), nodes.b.pause("gvr", "r"), nodes.a.resume("gvr"), nodes.b.resume("gvr")
        )
    await asyncio.gather(nodes.a.resume("gvr"), nodes.b.resume("gvr"))
    assert nodes.ask("SELECT paused FROM gates") == [(None,)]
    assert nodes.ask("SELECT COUNT(*) FROM notices WHERE cleared_at IS NULL") == [(0,)]
    nodes.require_sound()


async def test_jobs_that_wait_for_each_other_in_a_circle_are_both_done_in_the_end(
    nodes: Nodes,
) -> None:
    nodes.ask(f"ALTER DATABASE {nodes.url.rpartition('/')[2]} SET deadlock_timeout = '20ms'")
    await nodes.close()
    nodes.a, nodes.b = nodes.open(), nodes.open()
    await nodes.report("e1")
    await nodes.report("e2")
    lanes = [row[0] for row in nodes.ask("SELECT id FROM lanes ORDER BY id")]
    together = Together(2)

    def renaming(who: int, first: int, second: int) -> Any:
        def job(tx: SqlSession) -> None:
            tx.db.execute("UPDATE lanes SET tries = tries + 1 WHERE id = ?", (first,))
            together.meet(who)
            tx.db.execute("UPDATE lanes SET tries = tries + 1 WHERE id = ?", (second,))

        return job

    await asyncio.gather(
        nodes.a.write(renaming(1, lanes[0], lanes[1])), nodes.b.write(renaming(2, lanes[1], lanes[0]))
    )
    assert together.runs >= 3  # more when the one that was broken off is back before the other went on
    assert nodes.ask("SELECT tries FROM lanes") == [(2,), (2,)]


async def test_nodes_that_write_all_the_time_lose_nothing_and_leave_a_sound_ledger(nodes: Nodes) -> None:
    """Intake at both nodes, corrections of the same events, claims and settlements, all at once."""
    taken: set[tuple[str, int]] = set()

    async def send(node: PostgresLedger, who: int) -> None:
        for turn in range(12):
            event_id, n = f"e{turn % 4}", 100 * who + turn
            while True:
                known = (await node.known([event_id])).get(event_id)
                try:
                    await commit(node, version(event_id, n, known), f"{who}-{turn}")
                except StaleEvent:
                    continue
                break
            taken.add((event_id, n))

    async def deliver(node: PostgresLedger, who: int) -> None:
        for turn in range(12):
            for work in await nodes.claim(node, 2, f"w{who}"):
                kind = OutcomeClass.REJECTED if turn % 3 else OutcomeClass.ACCEPTED
                await node.settle(work, Outcome(kind=kind, cause="c"), 0.0)

    await asyncio.gather(
        *(send(node, who) for who, node in enumerate((nodes.a, nodes.b, nodes.a, nodes.b), 1)),
        *(deliver(node, who) for who, node in enumerate((nodes.a, nodes.b))),
    )
    assert len(taken) == 48
    assert nodes.ask("SELECT COUNT(*), SUM(revision) FROM events") == [(4, 48)]
    assert nodes.ask("SELECT COUNT(*) FROM messages") == [(48,)]
    assert (await nodes.a.audit_verify()).broken_at is None
    nodes.require_sound()


async def test_what_a_node_that_is_gone_had_in_hand_does_not_stop_the_others(nodes: Nodes) -> None:
    for number in range(8):
        await nodes.report(f"e{number}")
    gone = nodes.open(connections=1)
    assert len(await nodes.claim(gone, 4, "gone", most=4)) == 4
    assert await nodes.claim(nodes.b, 4, "b", most=4) == []
    await gone.close()
    until(lambda: nodes.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(6,)])
    assert len(await nodes.claim(nodes.b, 4, "b", most=4)) == 4
    assert await nodes.claim(nodes.a, 4, "a", most=4) == []
    nodes.require_sound()
