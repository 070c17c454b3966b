"""Rules, maps and tables are loaded anew, all or nothing; what is held for them is tried again."""

import asyncio

import pytest

from adapter.errors import PackError
from adapter.ledger import replaying, rules_in_use
from adapter.ledger.replay import Choice
from adapter.renewal.retrying import ACTOR
from tests.renewal.conftest import KNOWN_UNIT, Bureau
from tests.replay.conftest import contact


async def until_noted(bureau: Bureau) -> None:
    """Wait until the version in use is in the trail."""
    for _ in range(400):
        if await bureau.facts(rules_in_use.TAKEN):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("no version was noted")


async def until_tried(bureau: Bureau) -> None:
    """Wait until what was begun is at rest."""
    for _ in range(400):
        found = (await bureau.desk.replays(100, None))["replays"]
        if found and all(one["state"] == "done" for one in found):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def test_a_unit_that_no_table_knew_is_reported_once_a_later_file_knows_it(bureau: Bureau) -> None:
    bureau.rules.start()
    for number in range(3):
        await bureau.send(contact(number))
    assert await bureau.states() == ["held"] * 3
    bureau.know_unit()
    done = await bureau.rules.reload("anna")
    assert (done["version"] != done["before"], len(done["replays"])) == (True, 1)
    await until_tried(bureau)
    await bureau.deliver()
    assert await bureau.states() == ["accepted"] * 3


async def test_what_is_held_for_another_cause_stays_held(bureau: Bureau) -> None:
    bureau.rules.start()
    await bureau.send(contact(1, unit="SE2321000016-ANNAN"))
    bureau.know_unit()
    await bureau.rules.reload("anna")
    await until_tried(bureau)
    assert await bureau.states() == ["held"]
    (replay,) = (await bureau.desk.replays(10, None))["replays"]
    assert (replay["actor"], replay["totals"]["skipped"]) == ("reload", {"still-held": 1})


async def test_the_trail_says_who_took_which_version_into_use(bureau: Bureau) -> None:
    bureau.know_unit()
    done = await bureau.rules.reload("anna")
    assert await bureau.facts(rules_in_use.TAKEN) == [
        {"version": done["version"], "before": done["before"], "actor": "anna"}
    ]


async def test_bad_rules_are_refused_with_file_and_line_and_the_old_ones_stay(bureau: Bureau) -> None:
    version = bureau.rules.version
    bureau.know_unit()
    bureau.write("rules/region.yaml", bureau.own_rule().replace("severity: error", "severity: grave"))
    with pytest.raises(PackError, match=r"rules/region.yaml:6: REGION-AKUT: severity"):
        await bureau.rules.reload("anna")
    assert bureau.rules.version == version
    await bureau.send(contact(1))
    assert await bureau.states() == ["held"]
    (refused,) = await bureau.facts(rules_in_use.REFUSED)
    assert (refused["actor"], refused["version"]) == ("anna", version)


async def test_new_rules_judge_what_comes_from_then_on(small: Bureau) -> None:
    await small.send(contact(1, unit=KNOWN_UNIT))
    small.write("rules/region.yaml", small.own_rule())
    await small.rules.reload("anna")
    await small.send(contact(2, unit=KNOWN_UNIT))
    assert await small.states() == ["waiting", "held"]
    assert (await small.lanes())[1]["cause"] == "rule:REGION-AKUT"


async def test_a_rule_that_is_taken_away_stays_explained_and_what_it_held_is_tried_again(
    small: Bureau,
) -> None:
    small.rules.start()
    small.write("rules/region.yaml", small.own_rule())
    await small.rules.reload("anna")
    await small.send(contact(1, unit=KNOWN_UNIT))
    assert await small.states() == ["held"]
    (small.overlay / "rules/region.yaml").unlink()
    await small.rules.reload("anna")
    await until_tried(small)
    assert await small.states() == ["waiting"]
    assert "REGION-AKUT" in small.translator.catalogue


async def test_what_is_held_for_a_fault_of_the_senders_is_not_tried_again(small: Bureau) -> None:
    small.rules.start()
    small.write("rules/region.yaml", small.own_rule())
    await small.rules.reload("anna")
    await small.send(contact(1, unit=KNOWN_UNIT))
    small.write("rules/region.yaml", small.own_rule(hold=False))
    done = await small.rules.reload("anna")
    assert done["replays"] == []
    assert await small.states() == ["held"]


async def test_the_start_with_other_files_than_the_last_time_tries_again_what_is_held(bureau: Bureau) -> None:
    bureau.rules.start()
    await bureau.send(contact(1))
    await until_noted(bureau)
    bureau.know_unit()
    await bureau.rules.stop()
    await bureau.desk.runner.stop()
    await bureau.reopen()
    bureau.rules.start()
    await until_tried(bureau)
    assert await bureau.states() == ["waiting"]


async def test_the_start_with_the_same_files_tries_nothing(small: Bureau) -> None:
    small.rules.start()
    await small.send(contact(1))
    await until_noted(small)
    await small.rules.stop()
    await small.reopen()
    small.rules.start()
    await asyncio.sleep(0.2)
    assert (await small.desk.replays(10, None))["replays"] == []
    assert len(await small.facts(rules_in_use.TAKEN)) == 1


async def test_a_replay_that_was_begun_before_a_kill_is_run_at_the_next_start(small: Bureau) -> None:
    small.know_unit()
    await small.reopen()
    small.rules.start()
    await until_noted(small)
    await small.rules.stop()
    (small.overlay / "tables/kombika@later.csv").rename(small.overlay / ".hidden")
    await small.reopen()
    await small.send(contact(1))
    (small.overlay / ".hidden").rename(small.overlay / "tables/kombika@later.csv")
    choice = Choice(state="held", cause="rule:GVR-KOMBIKA")
    await small.ledger.write(lambda tx: replaying.begin(tx, "remap", choice, 100, ACTOR, "killed then"))
    await small.reopen()
    small.rules.start()
    await until_tried(small)
    assert await small.states() == ["waiting"]


async def test_another_node_that_is_told_loads_its_own_files(small: Bureau) -> None:
    small.rules.start()
    await small.send(contact(1))
    version = small.rules.version
    small.know_unit()
    small.rules.heard(frozenset({"gvr"}))
    small.rules.heard(frozenset({f"{rules_in_use.RING}{version}"}))
    await asyncio.sleep(0.1)
    assert small.rules.version == version
    small.rules.heard(frozenset({f"{rules_in_use.RING}another"}))
    await until_tried(small)
    assert small.rules.version != version
    assert await small.states() == ["waiting"]


async def test_a_bundle_is_translated_with_one_version_though_another_comes_into_use(small: Bureau) -> None:
    small.write("rules/region.yaml", small.own_rule())
    sent = [asyncio.create_task(small.send(contact(number, unit=KNOWN_UNIT))) for number in range(20)]
    reloaded = asyncio.create_task(small.rules.reload("anna"))
    sent += [asyncio.create_task(small.send(contact(number + 20, unit=KNOWN_UNIT))) for number in range(20)]
    assert await asyncio.gather(*sent) == [200] * 40
    await reloaded
    for message in await small.messages():
        is_new = message["edition"].endswith("+region-gvr")
        assert message["state"] == ("held" if is_new else "waiting")
