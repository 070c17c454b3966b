"""What a sender says it had, against what is here: every contact is in one class, and the gaps are named."""

from typing import Any

import pytest
from msgspec.structs import replace

from adapter.ledger.completeness import Answer, Completeness, Question
from adapter.ledger.model import Fate, NewEvent
from adapter.ledger.sql import completeness
from tests.support.world import World, message, receipt

UNIT, DAY = "SE1-U", "2025-03-03"
QUESTION = Question(sender="s", register="gvr", unit=UNIT, since="2025-03-01", until="2025-03-31")


async def take(world: World, event_id: str, *messages: Any, fate: Any = None, **members: Any) -> None:
    """A contact of the unit, with what the rules made of it."""
    known = (await world.ledger.known([event_id])).get(event_id)
    event = world.event_of(*messages, known=known, event_id=event_id)
    fates = (Fate("gvr", *fate),) if fate else (Fate("gvr", "message"),)
    given: dict[str, Any] = {
        "fates": fates, "unit": UNIT, "care_date": DAY, "identifier": f"sys|{event_id}", **members,
    }  # fmt: skip
    number = known.revision + 1 if known else 1
    key = f"{event_id}-{number}"
    await world.ledger.commit(receipt(key), [_changed(event, given)], lambda _: b"answer")


def _changed(event: NewEvent, given: dict[str, Any]) -> NewEvent:
    return replace(event, **given)


async def ask(world: World, *said: str, **members: Any) -> Answer:
    return await Completeness(world.ledger).ask(replace(QUESTION, identifiers=said, **members))


async def classes(world: World, *said: str) -> dict[str, int]:
    return (await ask(world, *said)).counts


async def test_what_the_register_has_accepted_is_complete(world: World) -> None:
    await take(world, "e1", message("e1"))
    await world.run()
    answer = await ask(world, "sys|e1")
    assert (answer.counts, answer.complete, answer.unlisted) == ({"accepted": 1}, True, ())


async def test_each_way_of_standing_has_its_class(world: World) -> None:
    await take(world, "not-reported", fate=("not-reported", "R-1"))
    await take(world, "pending", fate=("pending", None), status="pending")
    await take(world, "refused", fate=("refused", "R-2"))
    await take(world, "held", message("held", held="rule:R-3"), fate=("held", "R-3"))
    await take(world, "shadow", message("shadow", shadow=True))
    await take(world, "none", fates=())
    world.register.faults.append(400)
    await take(world, "parked", message("parked"))
    await world.run()
    world.register.faults.append("timeout-after")
    await take(world, "unknown", message("unknown"))
    await world.run()
    await take(world, "waiting", message("waiting"))
    names = ("not-reported", "pending", "refused", "held", "shadow", "parked", "unknown", "waiting")
    answer = await ask(world, *(f"sys|{name}" for name in (*names, "none", "never")))
    assert answer.classes == {
        **{name: (f"sys|{name}",) for name in names},
        "not-told": ("sys|none",),
        "never-received": ("sys|never",),
    }
    assert answer.rules == {"R-1": 1}
    assert (answer.said, answer.received, answer.complete) == (10, 9, False)


async def test_a_cancelled_contact_is_complete_once_the_register_knows(world: World) -> None:
    await take(world, "e1", message("e1"))
    await world.run()
    await take(world, "e1", message("e1", 2, intent="cancel"), status="cancelled")
    assert await classes(world, "sys|e1") == {"waiting": 1}
    await world.run()
    assert await classes(world, "sys|e1") == {"cancelled": 1}


async def test_an_outcome_in_doubt_comes_before_the_correction_behind_it(world: World) -> None:
    world.register.faults.append("timeout-after")
    await take(world, "e1", message("e1"))
    await world.run()
    await take(world, "e1", message("e1", 2))
    assert await classes(world, "sys|e1") == {"unknown": 1}


async def test_a_contact_of_another_unit_or_day_was_received_elsewhere(world: World) -> None:
    await take(world, "e1", message("e1"), unit="SE1-OTHER")
    await take(world, "e2", message("e2"), care_date="2025-04-01")
    await world.run()
    answer = await ask(world, "sys|e1", "sys|e2")
    assert answer.elsewhere == ("sys|e1", "sys|e2")
    assert (answer.counts, answer.complete) == ({"accepted": 2}, True)


async def test_what_the_sender_does_not_name_is_told_and_is_no_gap(world: World) -> None:
    await take(world, "e1", message("e1"))
    await take(world, "e2", message("e2"))
    await world.run()
    answer = await ask(world, "sys|e1")
    assert (answer.unlisted, answer.complete) == (("sys|e2",), True)


async def test_another_senders_contacts_are_not_its_own(world: World) -> None:
    await take(world, "e1", message("e1"), sender="other")
    answer = await ask(world, "sys|e1")
    assert (answer.counts, answer.unlisted) == ({"never-received": 1}, ())


async def test_a_value_alone_will_do_where_it_is_one_contacts(world: World) -> None:
    await take(world, "e1", message("e1"), identifier="a|1")
    await take(world, "e2", message("e2"), identifier="b|2")
    await take(world, "e3", message("e3"), identifier="c|2")
    await world.run()
    assert await classes(world, "1", "2") == {"accepted": 1, "never-received": 1}


async def test_a_group_stands_as_its_member_that_lacks_most(world: World) -> None:
    await take(world, "m1", message("m1"), identifier="sys|group")
    await world.run()
    assert await classes(world, "sys|group") == {"accepted": 1}
    await take(world, "m2", message("m2", held="rule:X"), identifier="sys|group")
    assert await classes(world, "sys|group") == {"held": 1}


async def test_a_count_tells_how_many_are_missing(world: World) -> None:
    for number in range(3):
        await take(world, f"e{number}", message(f"e{number}"))
    await world.run()
    less = await Completeness(world.ledger).ask(replace(QUESTION, count=5))
    assert (less.missing, less.received, less.complete) == (2, 3, False)
    assert (await Completeness(world.ledger).ask(replace(QUESTION, count=3))).complete


async def test_a_name_that_is_said_twice_counts_once(world: World) -> None:
    assert (await ask(world, "sys|e1", "sys|e1")).said == 1


async def test_both_questions_are_answered_by_an_index(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    if world.ledger.shared:
        return  # the other store plans by what its tables hold, and these are empty
    plans: list[str] = []

    def explained(db: Any) -> None:
        class Spy:
            def execute(self, statement: str, values: Any = ()) -> list[Any]:
                plans.extend(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", values))
                return []

        list(completeness.of_unit(Spy(), "s", UNIT, "a", "b", "gvr"))  # type: ignore[arg-type]
        list(completeness.of_identifiers(Spy(), "s", ["x"], "gvr"))  # type: ignore[arg-type]

    await world.ledger.read(explained)
    assert not [plan for plan in plans if plan.startswith("SCAN")]
