"""The audit trail of several nodes: a strand for each connection that writes, all of them verifiable."""

import asyncio

import pytest

from adapter.errors import LedgerUnavailable
from adapter.ledger.audit import first_of, strand_of
from adapter.ledger.model import Fact
from adapter.ledger.postgres import PostgresLedger
from adapter.ledger.postgres.connection import STRANDS
from adapter.ledger.sql import trail
from adapter.ledger.sql.session import SqlSession
from tests.ledger.postgres.conftest import CONNECTIONS, Nodes, until

HELD = f"SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = {STRANDS}::bigint::oid"


def note(tx: SqlSession) -> int:
    """Write an entry; gives its strand."""
    tx.trail.add(Fact("noted", detail={"by": tx.db.strand}))
    return tx.db.strand


async def noted(nodes: Nodes, each: int = 3) -> set[int]:
    """Let each connection of both nodes write entries; gives their strands."""
    strands: set[int] = set()
    while len(strands) < 2 * CONNECTIONS:
        done = await asyncio.gather(
            *(node.write(note) for _ in range(each * 4) for node in (nodes.a, nodes.b))
        )
        strands |= set(done)
    return strands


def held(nodes: Nodes) -> list[int]:
    return sorted(row[0] for row in nodes.ask(HELD))


async def test_each_connection_that_writes_has_a_strand_of_its_own(nodes: Nodes) -> None:
    assert held(nodes) == list(range(1, 2 * CONNECTIONS + 1))
    strands = await noted(nodes)
    assert strands == set(held(nodes))
    found = {strand_of(row[0]) for row in nodes.ask("SELECT id FROM audit")}
    assert found == strands


async def test_a_node_that_starts_takes_over_the_strands_of_one_that_ended(nodes: Nodes) -> None:
    strands = await noted(nodes)
    await nodes.close()
    until(lambda: held(nodes) == [])
    nodes.a, nodes.b = nodes.open(), nodes.open()
    assert set(held(nodes)) == strands
    await noted(nodes)
    verdict = await nodes.b.audit_verify()
    assert verdict.broken_at is None
    assert nodes.ask("SELECT COUNT(*) FROM strands") == [(2 * CONNECTIONS,)]


async def test_a_connection_that_was_lost_leaves_no_gap_in_its_strand(nodes: Nodes) -> None:
    await noted(nodes)
    nodes.ask(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'"
        f" AND classid = {STRANDS}::bigint::oid"
    )
    for node in (nodes.a, nodes.b):
        for _ in range(4 * CONNECTIONS):
            try:
                await node.write(note)
            except LedgerUnavailable:
                continue
    await noted(nodes)
    entries = nodes.ask("SELECT id FROM audit ORDER BY id")
    places: dict[int, list[int]] = {}
    for (entry_id,) in entries:
        places.setdefault(strand_of(entry_id), []).append(entry_id - first_of(strand_of(entry_id)))
    assert all(found == list(range(1, len(found) + 1)) for found in places.values())
    assert (await nodes.a.audit_verify()).broken_at is None


async def test_an_entry_that_was_rolled_back_leaves_no_gap(nodes: Nodes) -> None:
    def failing(tx: SqlSession) -> None:
        note(tx)
        raise ValueError("half way")

    for _ in range(6):
        with pytest.raises(ValueError, match="half way"):
            await nodes.a.write(failing)
        await nodes.a.write(note)
    verdict = await nodes.a.audit_verify()
    assert (verdict.entries, verdict.broken_at) == (6, None)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET detail_json = '{}' WHERE id = %s",
        "UPDATE audit SET at = at + 1 WHERE id = %s",
        "UPDATE audit SET hash = decode(repeat('00', 32), 'hex') WHERE id = %s",
    ],
)
async def test_an_entry_that_was_changed_is_found_in_whatever_strand_it_is(nodes: Nodes, change: str) -> None:
    for strand in sorted(await noted(nodes)):
        entry_id = first_of(strand) + 2
        (row,) = nodes.ask("SELECT detail_json, at, hash FROM audit WHERE id = %s", entry_id)
        nodes.ask(change, entry_id)
        assert (await nodes.b.audit_verify()).broken_at == entry_id
        nodes.ask("UPDATE audit SET detail_json = %s, at = %s, hash = %s WHERE id = %s", *row, entry_id)
    assert (await nodes.b.audit_verify()).broken_at is None


async def test_an_entry_that_was_taken_out_of_any_strand_is_missed(nodes: Nodes) -> None:
    for strand in sorted(await noted(nodes)):
        first = first_of(strand) + 1
        (row,) = nodes.ask("SELECT * FROM audit WHERE id = %s", first)
        nodes.ask("DELETE FROM audit WHERE id = %s", first)
        assert (await nodes.a.audit_verify()).broken_at == first + 1
        nodes.ask(f"INSERT INTO audit VALUES ({', '.join(['%s'] * len(row))})", *row)
    assert (await nodes.a.audit_verify()).broken_at is None


async def test_entries_that_were_put_before_the_first_are_found(nodes: Nodes) -> None:
    await noted(nodes)
    nodes.ask("INSERT INTO audit (id, at, kind, detail_json, hash) VALUES (-7, 1, 'forged', '{}', '')")
    assert (await nodes.a.audit_verify()).broken_at == -7


async def test_a_trail_is_verified_page_by_page_while_it_grows(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "_PAGE", 7)
    await noted(nodes)
    stop = False

    async def write(node: PostgresLedger) -> None:
        while not stop:
            await node.write(note)

    writers = [asyncio.create_task(write(node)) for node in (nodes.a, nodes.b)]
    for _ in range(5):
        assert (await nodes.a.audit_verify()).broken_at is None
    stop = True
    await asyncio.gather(*writers)
