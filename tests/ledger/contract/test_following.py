"""Where a sender's events stand, as the ledger knows it: state, why, since when, what the register holds."""

import msgspec

from adapter.delivery.framing import Framer, request_of
from adapter.domain.finding import Finding
from adapter.domain.message import OutcomeClass
from adapter.ledger.following import Following
from adapter.ledger.model import Fate
from adapter.ledger.sql.changes import BEGINNING
from adapter.ledger.sql.following import AtRegister, Followed
from adapter.registers.protocol import Answer
from tests.support.following import SYSTEM, submit
from tests.support.register import FakeReceiver
from tests.support.world import LEASE, World, message, with_abilities


async def followed(world: World, identifier: str = "e1", sender: str = "s") -> list[Followed]:
    return (await Following(world.ledger).events(sender, [f"{SYSTEM}|{identifier}"]))[0]


async def lane(world: World, identifier: str = "e1") -> AtRegister:
    (event,) = await followed(world, identifier)
    (only,) = event.lanes
    return only


def let_look_up(world: World) -> None:
    world.abilities, world.receiver = with_abilities(can_look_up=True), FakeReceiver(looks_up=True)
    world.framer = Framer(world.receiver)


async def test_an_accepted_event_says_what_was_asked_and_when_it_was_accepted(world: World) -> None:
    await submit(world.ledger, version="2025-03-03T09:15:00Z")
    world.advance(10)
    await world.run()
    accepted_at = world.clock.now
    world.advance(100)
    (event,) = await followed(world)
    assert (event.revision, event.version, event.status) == (1, "2025-03-03T09:15:00Z", "final")
    assert event.received_at == 1_700_000_000.0
    (found,) = event.lanes
    assert (found.register, found.service, found.message.state) == ("gvr", "vardkontakt", "accepted")
    assert (found.operation, found.since, found.accepted_at) == ("create", accepted_at, accepted_at)


async def test_a_correction_on_its_way_leaves_what_the_register_holds_to_be_seen(world: World) -> None:
    await submit(world.ledger)
    await world.run()
    accepted_at = world.clock.now
    world.advance(100)
    await submit(world.ledger, n=2)
    found = await lane(world)
    assert (found.message.state, found.operation) == ("waiting", None)
    assert (found.since, found.accepted_at) == (world.clock.now, accepted_at)


async def test_a_parked_message_carries_the_outcome_that_parked_it(world: World) -> None:
    world.register.faults.append(400)
    await submit(world.ledger)
    await world.run()
    parked_at = world.clock.now
    world.advance(50)
    found = await lane(world)
    assert found.message.state == "parked"
    assert found.why.outcome is not None
    assert (found.why.outcome.kind, found.why.outcome.cause) == (OutcomeClass.REJECTED, "http-400")
    assert (found.since, found.accepted_at) == (parked_at, None)


async def test_an_unknown_outcome_dates_from_when_it_became_unknown(world: World) -> None:
    world.register.faults.append("timeout-after")
    await submit(world.ledger)
    await world.run()
    unknown_at = world.clock.now
    world.advance(50)
    found = await lane(world)
    assert (found.message.state, found.message.cause) == ("unknown", "read-timeout")
    assert (found.since, found.accepted_at) == (unknown_at, None)


async def test_look_ups_that_find_nothing_out_do_not_make_a_doubt_younger(world: World) -> None:
    let_look_up(world)
    world.register.faults.append("timeout-after")
    world.register.lookup_faults.extend([500, 500, 500])
    await submit(world.ledger)
    await world.turn()
    unknown_at = world.clock.now
    for _ in range(3):
        world.advance(3000)
        assert [work.attempt.kind for work in await world.turn()] == ["lookup"]
    found = await lane(world)
    assert (found.message.state, found.since, found.operation) == ("unknown", unknown_at, "create")


async def test_evidence_that_moves_nothing_does_not_change_the_time_of_acceptance(world: World) -> None:
    let_look_up(world)
    await submit(world.ledger)
    (late,) = await world.claim()
    world.register.work(request_of(late.attempt.request))
    world.advance(LEASE + 1)
    await world.run()
    accepted_at = world.clock.now
    world.advance(500)
    await world.evidence(late, Answer(status=201))
    found = await lane(world)
    assert (found.message.state, found.since, found.accepted_at) == ("accepted", accepted_at, accepted_at)


async def test_a_held_message_carries_its_findings(world: World) -> None:
    finding = Finding(rule="UNIT-NO-KOMBIKA", severity="error", expression=("Bundle.entry[0]",))
    held = msgspec.structs.replace(message("e1", held="rule:X"), findings=msgspec.json.encode([finding]))
    await submit(world.ledger, "e1", 1, held)
    found = await lane(world)
    assert found.message.state == "held"
    assert msgspec.json.decode(found.why.findings, type=list[Finding]) == [finding]


async def test_a_shadow_message_is_no_accepted_one(world: World) -> None:
    await submit(world.ledger, shadow=True)
    found = await lane(world)
    assert (found.message.state, found.accepted_at, found.operation) == ("shadow", None, None)


async def test_the_fates_of_the_newest_version_are_kept_with_their_rules(world: World) -> None:
    fates = (Fate("gvr", "message"), Fate("pasis", "not-reported", "PASIS-X"))
    await submit(world.ledger, fates=fates)
    (event,) = await followed(world)
    assert event.fates == {"gvr": ("message", None), "pasis": ("not-reported", "PASIS-X")}


async def test_a_group_has_an_event_for_each_member(world: World) -> None:
    for member in ("m1", "m2", "m3"):
        await submit(world.ledger, member, identifier=f"{SYSTEM}|group")
    assert [event.event_id for event in await followed(world, "group")] == ["m1", "m2", "m3"]


async def test_another_senders_event_of_the_same_identifier_is_not_shown(world: World) -> None:
    await submit(world.ledger, "mine", identifier=f"{SYSTEM}|1")
    await submit(world.ledger, "theirs", identifier=f"{SYSTEM}|1", sender="other")
    assert [event.event_id for event in await followed(world, "1")] == ["mine"]
    assert await followed(world, "1", sender="nobody") == []


async def test_the_feed_tells_the_cause_as_it_was_then(world: World) -> None:
    world.register.faults.extend([400, 409])
    await submit(world.ledger)
    await world.run()
    world.advance(10)
    await submit(world.ledger, n=2)
    await world.run()
    page = await Following(world.ledger).changes("s", BEGINNING, 100)
    kinds = {change.facts["state"]: change.why.outcome and change.why.outcome.kind for change in page.changes}
    assert kinds == {"parked": "rejected", "superseded": None, "unknown": "elsewhere"}
    assert (page.next, page.more) == (page.changes[-1].facts["cursor"], False)


async def test_a_page_says_whether_there_is_more(world: World) -> None:
    for n in range(3):
        await submit(world.ledger, f"e{n}", held="rule:R")
    following = Following(world.ledger)
    first = await following.changes("s", BEGINNING, 2)
    second = await following.changes("s", first.next, 2)
    last = await following.changes("s", second.next, 2)
    assert [(len(page.changes), page.more) for page in (first, second, last)] == [
        (2, True), (1, False), (0, False)
    ]  # fmt: skip
    assert last.next == second.next
    assert await following.has_news("s", first.next)
    assert not await following.has_news("s", second.next)
