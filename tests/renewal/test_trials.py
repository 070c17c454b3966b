"""Recorded contacts through other rules, maps and tables: what would change is told, and nothing changes."""

import json
from typing import Any

import pytest

from adapter.errors import ConfigurationError, PackError
from adapter.resources import data_folder
from tests.renewal.conftest import KNOWN_UNIT, Bureau
from tests.replay.conftest import UNIT, contact

Json = dict[str, Any]
SNOMED = json.loads((data_folder("mappings") / "concept-maps/snomed-icd-10-se.json").read_bytes())["group"][0]
COPD, J449 = "13645005", "J449"


def snomed_map(code: str, target: str) -> str:
    element = {"code": code, "target": [{"code": target, "equivalence": "equivalent"}]}
    group = {"source": SNOMED["source"], "target": SNOMED["target"], "element": [element]}
    return json.dumps({"resourceType": "ConceptMap", "id": "region-snomed", "group": [group]})


def coded_in_snomed(number: int) -> Json:
    bundle = contact(number, unit=KNOWN_UNIT)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Condition":
            entry["resource"]["code"] = {"coding": [{"system": "http://snomed.info/sct", "code": COPD}]}
    return bundle


async def test_a_rule_that_would_hold_contacts_is_named_with_them(bureau: Bureau) -> None:
    for number in range(3):
        await bureau.send(contact(number, unit=KNOWN_UNIT))
    await bureau.send(contact(9, unit="SE2321000016-5RRR"))
    await bureau.deliver()
    found = await bureau.tried({"rules/region.yaml": bureau.own_rule()})
    assert [(one["kind"], one["rules"], one["unit"]) for one in found] == [
        ("newly-held", ["REGION-AKUT"], KNOWN_UNIT)
    ] * 3


async def test_a_trial_sends_and_writes_nothing(bureau: Bureau) -> None:
    await bureau.send(contact(1, unit=KNOWN_UNIT))
    await bureau.deliver()
    before = await bureau.messages(), await bureau.ledger.audit_verify(), bureau.rules.version
    await bureau.tried({"rules/region.yaml": bureau.own_rule()})
    assert (await bureau.messages(), await bureau.ledger.audit_verify(), bureau.rules.version) == before
    assert len(bureau.requests) == 1


async def test_a_map_that_changes_a_code_is_told_with_both_codes_and_both_maps(bureau: Bureau) -> None:
    await bureau.send(coded_in_snomed(1))
    (change,) = await bureau.tried({"concept-maps/own.json": snomed_map(COPD, "J18.8")})
    assert (change["kind"], change["rules"]) == ("changed", ["region-snomed", "snomed-icd-10-se"])
    assert change["fields"] == [{"field": "diagnoser[].kod", "before": J449, "after": "J188"}]


async def test_a_table_that_knows_a_unit_frees_what_is_held(bureau: Bureau) -> None:
    await bureau.send(contact(1))
    table = f"kombika;hsaId;from;to\n30220315001;{UNIT};2015-01-01;\n"
    (change,) = await bureau.tried({"tables/kombika@try.csv": table})
    assert (change["kind"], change["rules"]) == ("newly-accepted", ["GVR-KOMBIKA"])


async def test_a_rule_by_which_nothing_is_reported_any_more_is_told(small: Bureau) -> None:
    await small.send(contact(1, unit=KNOWN_UNIT))
    rule = small.own_rule().replace("    severity: error\n    hold: true\n", "    not_reported: true\n")
    rule = rule.replace("    require: 'event.kontakt.akut'\n", "")
    (change,) = await small.tried({"rules/region.yaml": rule})
    assert (change["kind"], change["rules"]) == ("newly-not-reported", ["REGION-AKUT"])


async def test_a_contact_that_a_rule_kept_from_a_register_would_be_reported_without_it(small: Bureau) -> None:
    rule = small.own_rule().replace("    severity: error\n    hold: true\n", "    not_reported: true\n")
    small.write("rules/region.yaml", rule.replace("    require: 'event.kontakt.akut'\n", ""))
    await small.rules.reload("anna")
    await small.send(contact(1, unit=KNOWN_UNIT))
    assert await small.messages() == []
    (small.overlay / "rules/region.yaml").unlink()
    (change,) = await small.tried({})
    assert (change["kind"], change["rules"]) == ("newly-reported", ["REGION-AKUT"])


async def test_what_is_installed_and_not_yet_in_use_is_tried_without_files(small: Bureau) -> None:
    await small.send(contact(1, unit=KNOWN_UNIT))
    assert await small.tried({}) == []
    small.write("rules/region.yaml", small.own_rule())
    assert len(await small.tried({})) == 1


async def test_contacts_are_chosen_by_date_of_care_and_sender(small: Bureau) -> None:
    await small.send(contact(1, unit=KNOWN_UNIT))
    found = {
        str(chosen): len(await small.tried({"rules/region.yaml": small.own_rule()}, **chosen))
        for chosen in (
            {"since": "2025-01-01", "until": "2025-12-31"},
            {"until": "2024-12-31"},
            {"since": "2099-01-01"},
            {"sender": "journal"},
            {"sender": "nobody"},
        )
    }
    assert list(found.values()) == [1, 0, 0, 1, 0]


async def test_only_the_newest_version_of_a_contact_counts(small: Bureau) -> None:
    await small.send(contact(1, unit=KNOWN_UNIT))
    await small.send(contact(1, unit=KNOWN_UNIT, diagnosis="J20.9"))
    assert len(await small.tried({"rules/region.yaml": small.own_rule()})) == 1


async def test_what_does_not_load_is_refused_with_its_place_in_the_overlay(small: Bureau) -> None:
    with pytest.raises(PackError, match=r"^rules/region.yaml:6: REGION-AKUT: severity"):
        await small.trials.begin(
            {"rules/region.yaml": small.own_rule().replace("severity: error", "severity: x")}
        )


async def test_a_name_that_leads_out_of_an_overlay_is_refused(small: Bureau) -> None:
    for name in ("../x.yaml", "rules/../../x.yaml", "/etc/x.yaml", "other/x.yaml", "rules"):
        with pytest.raises(ConfigurationError):
            await small.trials.begin({name: ""})


async def test_trials_make_room_for_newer_ones(small: Bureau) -> None:
    ids = [(await small.trials.begin({})).id for _ in range(3)]
    assert [small.trials.trial(one) is not None for one in ids] == [False, True, True]


async def test_a_change_holds_no_patient_data(small: Bureau) -> None:
    await small.send(coded_in_snomed(1))
    found = await small.tried(
        {"concept-maps/own.json": snomed_map(COPD, "J18.8"), "rules/region.yaml": small.own_rule()}
    )
    assert "19121212" not in json.dumps(found)
