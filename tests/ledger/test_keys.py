"""Keys as they are written and read, and a ledger's memory of them."""

from pathlib import Path

import pytest

from adapter.errors import ConfigurationError
from adapter.ledger import envelope
from adapter.ledger.keys import make_key, read_keys
from tests.support.stores import STORES, store
from tests.support.world import World


def test_a_made_key_can_be_read_and_its_id_tells_nothing_of_it() -> None:
    text = make_key()
    (key,) = read_keys(text + "\n").keys
    assert len(key.secret) == 32
    assert key.id in repr(key)
    assert text not in repr(key)
    assert repr(key.secret) not in repr(key)


def test_the_newest_key_stands_first_and_comments_are_passed_over() -> None:
    one, two = make_key(), make_key()
    ring = read_keys(f"# of November\n{two}\n{one}\n")
    assert ring.keys == (*read_keys(two).keys, *read_keys(one).keys)


@pytest.mark.parametrize("text", ["", "# nothing\n", "short", make_key()[:-8], "å" * 44])
def test_what_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="key") as refused:
        read_keys(text)
    assert text.strip("# \n") not in str(refused.value) or not text.strip("# \n")


@pytest.mark.parametrize("name", STORES)
async def test_a_ledger_refuses_a_service_that_lacks_one_of_its_keys(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelope._Locks, "opens", {})
    first, second = make_key(), make_key()
    envelope.use(read_keys(first))
    world = World(tmp_path, store=store(name, tmp_path))
    try:
        await world.ledger.close()
        monkeypatch.setattr(envelope._Locks, "opens", {})
        envelope.use(read_keys(second))
        with pytest.raises(ConfigurationError, match=read_keys(first).keys[0].id):
            world.store.open(world.clock)
        monkeypatch.setattr(envelope._Locks, "opens", {})
        envelope.use(read_keys(first))  # the one that was refused has left nothing behind
        world.ledger = world.store.open(world.clock)
    finally:
        await world.close()
