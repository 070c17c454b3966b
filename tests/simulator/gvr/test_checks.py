"""Every check has calls that trigger it and calls that narrowly pass; one taken out is missed."""

import dataclasses
from typing import Any

import pytest

from adapter.simulator.gvr import checks
from adapter.simulator.settings import Settings

UNITS = frozenset({"30216311002", "30216312A1"})
TOO_LONG = "a" * 34

# id of the check, changes to the good contact, the members that the answer names
BAD: list[tuple[str, dict[str, Any], list[str]]] = [
    ("medlem-saknas", {"patientId": None}, ["patientId"]),
    ("medlem-saknas", {"enhet.avd": None}, ["enhet.avd"]),
    ("medlem-saknas", {"diagnoser.1.kod": None}, ["diagnoser[1].kod"]),
    ("medlem-saknas", {"atgarder.0.datum": None}, ["atgarder[0].datum"]),
    ("medlem-okand", {"kommentar": "x"}, [""]),
    ("medlem-okand", {"enhet.hsaId": "SE2321000016-A1B2"}, ["enhet"]),
    ("medlem-okand", {"diagnoser.0.text": "x"}, ["diagnoser[0]"]),
    ("medlem-typ", {"handelseId": 17}, ["handelseId"]),
    ("medlem-typ", {"besokTyp": ["1", "2"]}, ["besokTyp"]),
    ("medlem-typ", {"enhet": "30216311002"}, ["enhet"]),
    ("medlem-typ", {"vardgivare": ["01", 70]}, ["vardgivare[1]"]),
    ("medlem-typ", {"diagnoser.0": "J189"}, ["diagnoser[0]"]),
    ("medlem-typ", {"diagnoser.0.ordning": "1"}, ["diagnoser[0].ordning"]),
    ("medlem-typ", {"diagnoser.0.ordning": True}, ["diagnoser[0].ordning"]),
    ("medlem-tom", {"tid": ""}, ["tid"]),
    ("medlem-tom", {"atgarder": []}, ["atgarder"]),
    ("medlem-tom", {"vardgivare": []}, ["vardgivare"]),
    ("handelseid-form", {"handelseId": TOO_LONG}, ["handelseId"]),
    ("handelseid-form", {"handelseId": "kontakt_1"}, ["handelseId"]),
    ("patientid-form", {"patientId": "19121212-1212"}, ["patientId"]),
    ("patientid-form", {"patientId": "1212121212"}, ["patientId"]),
    ("patientid-form", {"patientId": "19810829m071"}, ["patientId"]),
    ("patientid-kontrollsiffra", {"patientId": "191212121213"}, ["patientId"]),
    ("patientid-kontrollsiffra", {"patientId": "196109732394"}, ["patientId"]),
    ("patientid-kontrollsiffra", {"patientId": "991981000011"}, ["patientId"]),
    ("patientid-kontrollsiffra", {"patientId": "19810829M072"}, ["patientId"]),
    ("patientid-fodelsedatum", {"patientId": "202513320008"}, ["patientId"]),
    ("patientid-fodelsedatum", {"patientId": "202511220002"}, ["patientId"]),
    ("enhet-form", {"enhet.inr": "3021"}, ["enhet.inr"]),
    ("enhet-form", {"enhet.klin": "31a"}, ["enhet.klin"]),
    ("enhet-form", {"enhet.avd": "0021"}, ["enhet.avd"]),
    ("enhet-okand", {"enhet.avd": "003"}, ["enhet"]),
    ("datum-form", {"datum": "2025-02-30", "slutdatum": None, "atgarder": None}, ["datum"]),
    ("datum-form", {"slutdatum": "20250303"}, ["slutdatum"]),
    ("datum-form", {"atgarder.0.datum": "2025-03-03T10:15"}, ["atgarder[0].datum"]),
    ("datum-framtid", {"datum": "2025-11-22", "slutdatum": None, "atgarder": None}, ["datum"]),
    ("datum-framtid", {"slutdatum": "2025-11-22"}, ["slutdatum"]),
    ("slutdatum-fore-datum", {"slutdatum": "2025-03-02"}, ["slutdatum"]),
    ("tid-form", {"tid": "24:00"}, ["tid"]),
    ("tid-form", {"tid": "10:15:00"}, ["tid"]),
    ("besoktyp-form", {"besokTyp": "123"}, ["besokTyp"]),
    ("taxa-oppenvard", {"taxa": None}, ["taxa"]),
    ("taxa-form", {"taxa": "0-"}, ["taxa"]),
    ("akut-kod", {"akut": "1"}, ["akut"]),
    ("yrkeskategori-form", {"vardgivare": ["01", "1"]}, ["vardgivare[1]"]),
    ("diagnos-form", {"diagnoser.0.kod": "J18.9"}, ["diagnoser[0].kod"]),
    ("diagnos-form", {"diagnoser.1.kod": "195967001"}, ["diagnoser[1].kod"]),
    ("diagnos-ordning", {"diagnoser.1.ordning": 3}, ["diagnoser[1].ordning"]),
    ("diagnos-ordning", {"diagnoser.0.ordning": 2}, ["diagnoser[0].ordning"]),
    ("diagnos-dubblett", {"diagnoser.1.kod": "J189"}, ["diagnoser[1].kod"]),
    ("diagnos-lakare", {"diagnoser": None, "atgarder": None}, ["diagnoser"]),
    ("atgard-form", {"atgarder.0.kod": "XS12"}, ["atgarder[0].kod"]),
    ("atgard-ordning", {"atgarder.0.ordning": 0}, ["atgarder[0].ordning"]),
    ("atgard-datum", {"atgarder.0.datum": "2025-03-02"}, ["atgarder[0].datum"]),
    ("atgard-datum", {"atgarder.0.datum": "2025-03-04"}, ["atgarder[0].datum"]),
    ("atgard-diagnos", {"atgarder.0.diagnos": 3}, ["atgarder[0].diagnos"]),
    ("atgard-diagnos", {"atgarder.0.diagnos": 0}, ["atgarder[0].diagnos"]),
    ("remittent-form", {"remittent.inr": "123456"}, ["remittent.inr"]),
    ("remittent-okand", {"remittent.avd": "A2"}, ["remittent"]),
]  # fmt: skip

# id of the check, changes that come as near to it as a good contact can
GOOD: list[tuple[str, dict[str, Any]]] = [
    ("medlem-saknas", {"tid": None, "slutdatum": None, "diagnoser.1": None, "remittent": None}),
    ("medlem-saknas", {"vardgivare": None, "diagnoser": None, "atgarder": None}),
    ("medlem-okand", {"atgarder.0.diagnos": 2}),
    ("medlem-typ", {"vardgivare": ["01"]}),
    ("medlem-tom", {"atgarder": None}),
    ("handelseid-form", {"handelseId": "A-1" * 11}),
    ("handelseid-form", {"handelseId": "a"}),
    ("patientid-form", {"patientId": "195009072553"}),
    ("patientid-form", {"patientId": "22198211ABCD"}),
    ("patientid-kontrollsiffra", {"patientId": "196109732393"}),
    ("patientid-kontrollsiffra", {"patientId": "991981000010"}),
    ("patientid-kontrollsiffra", {"patientId": "991993000032"}),
    ("patientid-kontrollsiffra", {"patientId": "19810829M071"}),
    ("patientid-kontrollsiffra", {"patientId": "19450829K088"}),
    ("patientid-fodelsedatum", {"patientId": "202511210003"}),
    ("enhet-form", {"enhet.avd": "002"}),
    ("enhet-okand", {"enhet.avd": "002"}),
    ("datum-form", {"datum": "2024-02-29", "slutdatum": "2024-02-29", "atgarder.0.datum": "2024-02-29"}),
    ("datum-framtid", {"datum": "2025-11-21", "slutdatum": "2025-11-21", "atgarder.0.datum": "2025-11-21"}),
    ("slutdatum-fore-datum", {"slutdatum": "2025-03-04"}),
    ("tid-form", {"tid": "23:59"}),
    ("tid-form", {"tid": "00:00"}),
    ("besoktyp-form", {"besokTyp": "1A"}),
    ("taxa-oppenvard", {"taxa": "1"}),
    ("taxa-form", {"taxa": "0A"}),
    ("akut-kod", {"akut": "J"}),
    ("yrkeskategori-form", {"vardgivare": ["A2", "70", "70"]}),
    ("diagnos-form", {"diagnoser.0.kod": "B341A", "diagnoser.1.kod": "J06-P"}),
    ("diagnos-form", {"diagnoser.0.kod": "I10"}),
    ("diagnos-ordning", {"diagnoser.1": None}),
    ("diagnos-dubblett", {"diagnoser.1.kod": "J180"}),
    ("diagnos-lakare", {"vardgivare": ["70", "01"], "diagnoser": None, "atgarder": None}),
    ("atgard-form", {"atgarder.0.kod": "NHP09"}),
    ("atgard-form", {"atgarder.0.kod": "DT001AB"}),
    ("atgard-ordning", {"atgarder.0.ordning": 1}),
    ("atgard-datum", {"slutdatum": "2025-03-05", "atgarder.0.datum": "2025-03-05"}),
    ("atgard-diagnos", {"atgarder.0.diagnos": 2}),
    ("atgard-diagnos", {"atgarder.0.diagnos": None, "diagnoser": None, "vardgivare": ["70"]}),
    ("remittent-form", {"remittent.avd": "A1"}),
    ("remittent-okand", {"remittent": None}),
]

# id of the check, changes to the query that names the good contact, the parameters that the answer names
BAD_QUERIES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("medlem-saknas", {"patientId": None}, ["patientId"]),
    ("medlem-saknas", {"enhet.klin": None}, ["enhet.klin"]),
    ("medlem-okand", {"besokTyp": "1"}, [""]),
    ("medlem-okand", {"enhet.a.b.c.d.e": "1"}, ["enhet"]),
    ("medlem-typ", {"datum.fran": "2025-03-03", "datum": None}, ["datum"]),
    ("medlem-tom", {"datum": ""}, ["datum"]),
    ("handelseid-form", {"handelseId": TOO_LONG}, ["handelseId"]),
    ("patientid-form", {"patientId": "19121212-1212"}, ["patientId"]),
    ("patientid-kontrollsiffra", {"patientId": "191212121213"}, ["patientId"]),
    ("patientid-fodelsedatum", {"patientId": "202513320008"}, ["patientId"]),
    ("enhet-form", {"enhet.inr": "3021X"}, ["enhet.inr"]),
    ("enhet-okand", {"enhet.avd": "009"}, ["enhet"]),
    ("datum-form", {"datum": "2025-3-3"}, ["datum"]),
    ("datum-framtid", {"datum": "2025-11-22"}, ["datum"]),
]

BESOK = checks.SERVICES[checks.BESOK_PATH]
STAGED = [*(check for stage in BESOK.stages for check in stage)]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return dataclasses.replace(settings, units=UNITS)


def expected(check_id: str, fields: list[str]) -> list[tuple[str, str]]:
    return [(check_id.upper(), field) for field in fields]


@pytest.mark.parametrize(("check_id", "changes", "fields"), BAD)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_bad_contact_is_refused_with_code_and_member(counter, besok, method, check_id, changes, fields):
    answer = counter.send(method, besok(changes))
    assert answer.status == 400
    assert counter.errors(answer) == expected(check_id, fields)
    assert counter.gvr.state() == []


@pytest.mark.parametrize(("check_id", "changes"), GOOD)
def test_a_contact_that_narrowly_passes_is_taken(counter, besok, check_id, changes):
    answer = counter.send("POST", besok(changes))
    assert (answer.status, answer.body) == (201, answer.body), counter.errors(answer)


@pytest.mark.parametrize(("check_id", "changes", "fields"), BAD_QUERIES)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_bad_query_is_refused_with_code_and_parameter(
    counter, besok, sokning, method, check_id, changes, fields
):
    counter.send("POST", besok())
    answer = counter.send(method, query=sokning(changes))
    assert answer.status == 400
    assert counter.errors(answer) == expected(check_id, fields)
    assert not counter.gvr.state()[0]["makulerad"]


def test_every_check_has_calls_on_both_sides_of_it():
    ids = {check.id for check in STAGED}
    assert {check_id for check_id, *_ in BAD} == ids
    assert {check_id for check_id, _ in GOOD} == ids


def test_every_check_says_where_it_comes_from_and_has_its_own_code():
    assert all(check.fact and check.text for check in [*STAGED, *checks.STATE_CHECKS])
    codes = [check.kod for check in [*STAGED, *checks.STATE_CHECKS]]
    assert len(set(codes)) == len(codes)
    assert max(map(len, codes)) <= 32


@pytest.mark.parametrize("broken", [check.id for check in STAGED])
def test_a_check_taken_out_of_the_table_is_noticed(counter, besok, monkeypatch, broken):
    without = tuple([check for check in stage if check.id != broken] for stage in BESOK.stages)
    monkeypatch.setitem(checks.SERVICES, checks.BESOK_PATH, dataclasses.replace(BESOK, stages=without))
    for check_id, changes, fields in BAD:
        if check_id == broken:
            try:
                answer = counter.send("PUT", besok(changes))
            except (KeyError, TypeError, IndexError, AttributeError):
                continue  # a later check met what this one should have kept from it
            assert counter.errors(answer) != expected(check_id, fields)


def test_nothing_that_was_sent_is_echoed_in_an_error(counter, besok):
    changes = {"patientId": "196109732394", "handelseId": "hemlig_1", "hemligt": "x", "tid": "hemlig"}
    for subset in (changes, {k: v for k, v in changes.items() if k != "hemligt"}):
        text = counter.send("POST", besok(subset)).body.decode()
        assert "196109732394" not in text
        assert "hemlig" not in text
