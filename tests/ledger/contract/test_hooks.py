"""A hook keeps its place, one node at a time tells, and what is told again is the same batch."""

from adapter.ledger.hooks import BATCH, Batch, HookLedger
from adapter.ledger.sql.hooks import Hook, Hooks
from tests.support.following import submit
from tests.support.world import World

NAME = "sender:s"
LEASE = 15.0


async def changes(world: World, *numbers: int) -> None:
    for n in numbers:
        await submit(world.ledger, f"e{n}", held="rule:R")


async def begun(world: World, name: str = NAME) -> HookLedger:
    hooks = HookLedger(world.ledger)
    await hooks.begin(name, NAME)
    return hooks


async def claim(hooks: HookLedger, owner: str = "a", name: str = NAME) -> Batch | None:
    return await hooks.claim(name, NAME, owner, LEASE)


async def stored(world: World) -> Hook | None:
    return await world.ledger.read(lambda db: Hooks(db).hook(NAME))


def events(batch: Batch | None) -> list[str]:
    return [] if batch is None else [change["event_id"] for change in batch.changes]


async def test_a_new_hook_tells_what_happens_from_now_on(world: World) -> None:
    await changes(world, 1)
    hooks = await begun(world)
    assert await hooks.due_in(NAME, NAME) is None
    assert await claim(hooks) is None
    await changes(world, 2)
    assert await hooks.due_in(NAME, NAME) == 0
    assert events(await claim(hooks)) == ["e2"]


async def test_a_hook_that_is_there_keeps_its_place(world: World) -> None:
    await begun(world)
    await changes(world, 1)
    await world.reopen()
    assert events(await claim(await begun(world))) == ["e1"]


async def test_what_was_taken_is_not_told_again(world: World) -> None:
    hooks = await begun(world)
    await changes(world, *range(BATCH + 5))
    read = []
    while (batch := await claim(hooks)) is not None:
        assert len(batch.changes) <= BATCH
        read += events(batch)
        await hooks.told(batch)
    assert read == [f"e{n}" for n in range(BATCH + 5)]


async def test_what_was_not_taken_is_told_again_as_the_same_batch(world: World) -> None:
    hooks = await begun(world)
    await changes(world, 1, 2)
    first = await claim(hooks)
    assert first is not None
    await hooks.failed(first, "http-500", 5.0)
    await changes(world, 3)
    assert await hooks.due_in(NAME, NAME) == 5.0
    assert await claim(hooks) is None
    world.advance(5)
    again = await claim(hooks)
    assert again is not None
    assert (again.changes, again.tries) == (first.changes, 1)
    await hooks.told(again)
    assert events(await claim(hooks)) == ["e3"]


async def test_a_hook_is_one_nodes_until_its_lease_ends(world: World) -> None:
    hooks = await begun(world)
    await changes(world, 1)
    first = await claim(hooks, "a")
    assert await claim(hooks, "b") is None
    assert await hooks.due_in(NAME, NAME) == LEASE
    world.advance(LEASE + 1)
    second = await claim(hooks, "b")
    assert second is not None
    assert first is not None
    assert second.changes == first.changes


async def test_a_node_that_lost_its_lease_moves_nothing(world: World) -> None:
    hooks = await begun(world)
    await changes(world, 1)
    late = await claim(hooks, "a")
    world.advance(LEASE + 1)
    await claim(hooks, "b")
    assert late is not None
    before = await stored(world)
    await hooks.told(late)
    await hooks.failed(late, "timeout", 5.0)
    await hooks.give_back(late)
    assert await stored(world) == before


async def test_a_hook_that_is_given_back_can_be_claimed_at_once(world: World) -> None:
    hooks = await begun(world)
    await changes(world, 1)
    batch = await claim(hooks, "a")
    assert batch is not None
    await hooks.give_back(batch)
    assert events(await claim(hooks, "b")) == ["e1"]


async def test_only_the_first_failure_and_the_first_success_after_it_are_news(world: World) -> None:
    hooks = await begun(world)
    await changes(world, 1, 2)
    news = []
    for _ in range(3):
        batch = await claim(hooks)
        assert batch is not None
        news.append((await hooks.failed(batch, "connect", 0.0)).news)
        world.advance(1)
    batch = await claim(hooks)
    assert batch is not None
    assert batch.tries == 3
    ended = await hooks.told(batch)
    assert (news, ended.news) == ([True, False, False], True)
    assert ended.failing_since == world.clock.now - 3
    assert await stored(world) == Hook(name=NAME, cursor=batch.upto)


async def test_a_failing_hook_waits_on_after_a_restart(world: World) -> None:
    hooks = await begun(world)
    await changes(world, 1)
    batch = await claim(hooks)
    assert batch is not None
    await hooks.failed(batch, "connect", 7200.0)
    await world.reopen()
    due_in = await HookLedger(world.ledger).due_in(NAME, NAME)
    assert due_in is not None
    assert 7000 < due_in <= 7200


async def test_two_hooks_of_one_audience_keep_places_of_their_own(world: World) -> None:
    hooks = await begun(world)
    await begun(world, "log")
    await changes(world, 1)
    batch = await claim(hooks, name="log")
    assert batch is not None
    await hooks.told(batch)
    assert events(await claim(hooks)) == ["e1"]
    assert await claim(hooks, name="log") is None
