"""The audit trail cannot be changed unseen."""

import sqlite3
from pathlib import Path

import pytest

from adapter.ledger.sqlite import SqliteLedger
from tests.support.world import World


async def filled(tmp_path: Path) -> Path:
    world = World(tmp_path)
    for number in range(5):
        await world.report(f"e{number}")
    await world.run()
    verdict = await world.ledger.audit_verify()
    assert (verdict.entries, verdict.broken_at) == (20, None)
    await world.close()
    return world.path


@pytest.mark.parametrize(
    ("tamper", "broken_at"),
    [
        (
            "UPDATE audit SET detail_json = replace(detail_json, 'create', 'update')",
            11,
        ),
        ("UPDATE audit SET lane_id = 4 WHERE id = 3", 3),
        ("UPDATE audit SET at = at + 1 WHERE id = 7", 7),
        ("DELETE FROM audit WHERE id = 4", 5),
        ("UPDATE audit SET id = 100 WHERE id = 6", 7),
        ("UPDATE audit SET hash = zeroblob(32) WHERE id = 1", 1),
    ],
)
async def test_a_changed_entry_is_found(tmp_path: Path, tamper: str, broken_at: int) -> None:
    path = await filled(tmp_path)
    db = sqlite3.connect(path)
    db.execute(tamper)
    db.commit()
    db.close()
    ledger = SqliteLedger.open(path)
    verdict = await ledger.audit_verify()
    await ledger.close()
    assert verdict.broken_at == broken_at


async def test_the_chain_goes_on_after_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.report("e1")
    await world.reopen()
    await world.report("e2")
    verdict = await world.ledger.audit_verify()
    assert (verdict.entries, verdict.broken_at) == (4, None)
    await world.close()
