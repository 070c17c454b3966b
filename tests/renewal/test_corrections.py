"""Chosen contacts are brought to what the rules in use make of them: registers are told in order, once."""

import pytest

from adapter.errors import NotPossible
from adapter.ledger.sql.edits import Edits as StoredEdits
from tests.renewal.conftest import KNOWN_UNIT, Bureau
from tests.renewal.test_trials import COPD, coded_in_snomed, snomed_map
from tests.replay.conftest import contact


async def corrected(bureau: Bureau, *events: str, **more: str) -> list[str]:
    results = await bureau.corrections.correct(events, "anna", "ny karta", **more)
    return [result["became"] for result in results]


async def told_otherwise(bureau: Bureau) -> str:
    """A contact that a register has accepted, and that the rules in use would tell otherwise; its event."""
    await bureau.send(coded_in_snomed(1))
    await bureau.deliver()
    (bureau.overlay / "concept-maps").mkdir()
    bureau.write("concept-maps/own.json", snomed_map(COPD, "J18.8"))
    await bureau.rules.reload("anna")
    return str((await bureau.messages())[0]["event_id"])


async def test_an_accepted_contact_is_corrected_by_an_update_in_its_lane(bureau: Bureau) -> None:
    event = await told_otherwise(bureau)
    assert await corrected(bureau, event) == ["corrected"]
    await bureau.deliver()
    assert await bureau.states() == ["accepted", "accepted"]
    assert [request.method for request in bureau.requests] == ["POST", "PUT"]
    assert b'"J188"' in (bureau.requests[1].body or b"")


async def test_the_trail_says_who_corrected_it_and_why(bureau: Bureau) -> None:
    event = await told_otherwise(bureau)
    await corrected(bureau, event)
    assert await bureau.facts("corrected") == [{"event": event, "actor": "anna", "reason": "ny karta"}]


async def test_a_contact_that_the_rules_make_no_different_is_left_alone(small: Bureau) -> None:
    event = await told_otherwise(small)
    await corrected(small, event)
    await small.deliver()
    assert await corrected(small, event) == ["unchanged"]
    assert len(await small.messages()) == 2


async def test_a_contact_that_is_no_longer_reported_is_cancelled(small: Bureau) -> None:
    await small.send(contact(1, unit=KNOWN_UNIT))
    await small.deliver()
    rule = small.own_rule().replace("    severity: error\n    hold: true\n", "    not_reported: true\n")
    small.write("rules/region.yaml", rule.replace("    require: 'event.kontakt.akut'\n", ""))
    await small.rules.reload("anna")
    assert await corrected(small, (await small.messages())[0]["event_id"]) == ["corrected"]
    await small.deliver()
    assert [request.method for request in small.requests] == ["POST", "DELETE"]


async def test_an_operators_edit_stays_an_edit(small: Bureau) -> None:
    event = await told_otherwise(small)
    await small.ledger.write(
        lambda tx: tx.db.execute("UPDATE events SET edited = 1 WHERE event_id = ?", (event,))
    )
    await corrected(small, event)
    source = await small.ledger.read(lambda db: StoredEdits(db).source(event))
    assert source is not None
    assert source.edited
    assert [message["flag"] for message in await small.messages()] == [None, None]


async def test_what_the_sender_sends_again_afterwards_changes_nothing(small: Bureau) -> None:
    event = await told_otherwise(small)
    await corrected(small, event)
    await small.deliver()
    assert await small.send(coded_in_snomed(1)) == 200
    assert await small.states() == ["accepted", "accepted"]


async def test_other_rules_than_those_in_use_correct_nothing(small: Bureau) -> None:
    event = await told_otherwise(small)
    with pytest.raises(NotPossible, match="not those in use"):
        await corrected(small, event, version="other")
    assert len(await small.messages()) == 1


async def test_an_event_that_nobody_knows_is_told(small: Bureau) -> None:
    assert await corrected(small, "vunknown") == ["unknown"]
