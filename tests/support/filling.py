"""A ledger with something of everything in it: lanes in every state, and rows in every table."""

import json
from typing import Any

from adapter.ledger import envelope
from adapter.ledger.envelope import seal
from adapter.ledger.keys import make_key, read_keys
from adapter.ledger.protocol import Work
from adapter.ledger.sql.database import Database
from tests.support.world import World, message

LEFT = {"waiting", "parked", "held", "unknown", "idle", "leased"}
"""The states of lanes that `fill` leaves."""


async def fill(world: World) -> list[Work]:
    """Leave lanes in every state; gives the attempts that a worker has under way.

    ``delivered`` was accepted twice, ``refused`` is parked,
    ``doubted`` is unknown with a correction behind, ``unmade`` is held, ``later`` backs off, ``ordered``
    waits with three messages of three events and patients in one lane, ``going`` is in a worker's hands.
    """
    for n in (1, 2):
        await world.report("delivered", n)
        await world.run()
    world.register.faults.append(400)
    await world.report("refused")
    await world.run()
    world.register.faults.append("lost")
    await world.report("doubted")
    await world.run()
    await world.report("doubted", 2)
    await world.report("unmade", held="rule:X-1")
    await world.report("shadowed", shadow=True)
    world.register.faults.extend([503, 503])
    await world.report("later")
    await world.run()
    await world.report("cancelled")
    await world.run()
    await world.cancel("cancelled", 2)
    await world.run()
    await world.report("going")
    going = await world.claim()
    for n in (1, 2, 3):
        await world.submit(message(f"ordered{n}", n, slot="ordered", patient=f"p{n}"))
    return going


def add_operations(db: Database) -> None:
    """A row in each of the tables that operators' doings fill."""
    (message_id, lane_id, event_id) = db.execute(
        "SELECT id, lane_id, event_id FROM messages WHERE state = 'parked'"
    ).fetchone()
    replay, edit = db.next_id("replays"), db.next_id("edits")
    for statement, values in _rows(message_id, lane_id, event_id, replay, edit):
        db.execute(statement, values)


def _rows(
    message_id: int, lane_id: int, event_id: str, replay: int, edit: int
) -> list[tuple[str, tuple[Any, ...]]]:
    text = json.dumps({"å": 1.5, "tom": None})
    return [
        (
            "INSERT INTO gates (register, paused, cause, since, forbidden_json, throttled, allowance,"
            " allowance_at, revision) VALUES (?, NULL, NULL, NULL, '[]', 3, ?, ?, 7)",
            ("annat", 0.1, 1_700_000_000.123456),
        ),
        (
            "INSERT INTO renderings (message_id, n, body, trace, findings, intent, content, identity, unit,"
            " edition, care_date, cause, replaced_at) VALUES (?, 0, ?, ?, ?, 'report', 'c', 'i', 'u', '2024',"
            " '2025-03-03', NULL, 1.5)",
            (message_id, seal(b"{}"), seal(b"[]"), seal(b"[]")),
        ),
        ("INSERT INTO pulses (strand, at) VALUES (77, 1.5)", ()),
        ("INSERT INTO hooks (name, cursor, upto, due_at) VALUES ('sender:s', '0-3', '0-5', 12.25)", ()),
        (
            "INSERT INTO replays (id, kind, state, filter_json, rate, actor, reason, made_at, total)"
            " VALUES (?, 'retry', 'paused', ?, 2.5, 'operatör', 'prov', 1.0, 1)",
            (replay, text),
        ),
        (
            "INSERT INTO replay_items (replay_id, n, lane_id, message_id, state, effect_json)"
            " VALUES (?, 1, ?, ?, 'planned', ?)",
            (replay, lane_id, message_id, text),
        ),
        (
            "INSERT INTO edits (id, event_id, based_on, state, actor, reason, proposed_at, payload,"
            " difference) VALUES (?, ?, 1, 'proposed', 'a', 'b', 1.0, ?, ?)",
            (edit, event_id, seal(b"{}"), seal(b"[]")),
        ),
        (
            "INSERT INTO cutovers (sender, identifier, register, loaded_at, reported, known_as)"
            " VALUES ('s', 'Åkommor 1', 'gvr', 1.0, ?, ?)",
            (seal(b"{}"), text),
        ),
        (
            "INSERT INTO referrals (sender, contact, visit, standing, pending, since, facts)"
            " VALUES ('s', 'Åkommor 1', 'v', 1, 0, 1.0, ?)",
            (seal(b"{}"),),
        ),
        ("INSERT INTO suggestions (contact, visit, state, since) VALUES ('c', 'v', 'open', 1.0)", ()),
        ("INSERT INTO message_ids (sender, bundle, message, seen_at) VALUES ('s', 'b', 'k', 1.0)", ()),
        ("INSERT INTO secrets (name, secret) VALUES ('prov', ?)", (seal(b"s"),)),
        ("INSERT INTO in_use (what, version, number, since) VALUES ('rules', 'a1', 1, 1.0)", ()),
        ("INSERT INTO sealing_keys (key_id, since) VALUES (?, 1.0)", (known_key(),)),
        ("INSERT INTO assertions (name, until) VALUES ('a', 1.5)", ()),
    ]


def known_key() -> str:
    """The id of a key that this process knows, though nothing is sealed with it."""
    ring = read_keys(make_key())
    before = envelope._Locks.header, envelope._Locks.seals
    envelope.use(ring)
    envelope._Locks.header, envelope._Locks.seals = before
    return ring.keys[0].id
