"""GVR's services beside the open-care contact: their checks, and the two calls about one stay."""

import dataclasses
import json
from typing import Any

import pytest

from adapter.simulator.gvr import checks
from adapter.simulator.settings import Settings
from tests.support.changes import changed as with_changes

KOORDINERING, TILLGANGLIGHET = "/koordineringsinsats", "/tillganglighet"
IN, UT = "/vardhandelse/inskrivning", "/vardhandelse/utskrivning"

NAMED: dict[str, Any] = {
    "handelseId": "kontakt-1",
    "patientId": "191212121212",
    "enhet": {"inr": "30216", "klin": "311", "avd": "002"},
    "datum": "2025-03-03",
}
GOOD: dict[str, dict[str, Any]] = {
    KOORDINERING: {
        **NAMED,
        "yrkeskategori": "41",
        "diagnoser": [{"kod": "F438", "ordning": 1}],
        "atgarder": [
            {"kod": "GC001", "datum": "2025-03-03", "ordning": 1},
            {"kod": "XS003", "datum": "2025-03-03", "ordning": 2},
            {"kod": "ZV051", "datum": "2025-03-03", "ordning": 3},
        ],
        "teknik": "digitalt-brev",
    },
    IN: {**NAMED, "tid": "10:15", "akut": "J", "visteFore": "1"},
    UT: {
        **NAMED,
        "utskrivningsdatum": "2025-03-07",
        "utskrivningstid": "11:00",
        "utskrivandeEnhet": {"inr": "30216", "klin": "312", "avd": "A1"},
        "visteEfter": "1",
        "vardEfter": "4",
        "vardgivare": ["01"],
        "diagnoser": [{"kod": "J189", "ordning": 1}],
    },
    TILLGANGLIGHET: {**NAMED, "bokningsdatum": "2025-03-01", "vardgaranti": "J"},
}

# path, id of the check, changes to the good message, the members that the answer names
BAD: list[tuple[str, str, dict[str, Any], list[str]]] = [
    (KOORDINERING, "medlem-saknas", {"diagnoser": None}, ["diagnoser"]),
    (KOORDINERING, "medlem-saknas", {"yrkeskategori": None}, ["yrkeskategori"]),
    (KOORDINERING, "medlem-okand", {"taxa": "01"}, [""]),
    (KOORDINERING, "koord-datum", {"datum": "2021-01-31"}, ["datum"]),
    (KOORDINERING, "koord-yrke", {"yrkeskategori": "71"}, ["yrkeskategori"]),
    (KOORDINERING, "koord-yrke", {"yrkeskategori": "00"}, ["yrkeskategori"]),
    (KOORDINERING, "koord-gc001", {"atgarder.0.kod": "DV077"}, ["atgarder"]),
    (KOORDINERING, "koord-zv051", {"atgarder.1.kod": "XS007", "teknik": None}, ["atgarder[2].kod"]),
    (
        KOORDINERING,
        "koord-aw024",
        {"atgarder.1.kod": "AW026", "atgarder.2.kod": "AW024", "teknik": None},
        ["atgarder[2].kod"],
    ),
    (KOORDINERING, "koord-teknik", {"teknik": "telefon"}, ["teknik"]),
    (KOORDINERING, "koord-teknik", {"teknik": "fax"}, ["teknik"]),
    (KOORDINERING, "diagnos-form", {"diagnoser.0.kod": "F43.8"}, ["diagnoser[0].kod"]),
    (IN, "medlem-saknas", {"akut": None}, ["akut"]),
    (IN, "medlem-okand", {"taxa": "01"}, [""]),
    (IN, "in-tid-form", {"tid": "1015"}, ["tid"]),
    (IN, "in-akut-kod", {"akut": "1"}, ["akut"]),
    (IN, "in-viste-form", {"visteFore": "10"}, ["visteFore"]),
    (IN, "patientid-kontrollsiffra", {"patientId": "191212121213"}, ["patientId"]),
    (UT, "medlem-saknas", {"utskrivningsdatum": None}, ["utskrivningsdatum"]),
    (UT, "datum-form", {"utskrivningsdatum": "2025-03-32"}, ["utskrivningsdatum"]),
    (UT, "datum-framtid", {"utskrivningsdatum": "2025-11-22"}, ["utskrivningsdatum"]),
    (UT, "ut-fore-in", {"utskrivningsdatum": "2025-03-02"}, ["utskrivningsdatum"]),
    (UT, "ut-tid-form", {"utskrivningstid": "11.00"}, ["utskrivningstid"]),
    (UT, "ut-enhet", {"utskrivandeEnhet.inr": "1"}, ["utskrivandeEnhet.inr"]),
    (UT, "ut-enhet", {"utskrivandeEnhet.avd": "A2"}, ["utskrivandeEnhet"]),
    (UT, "ut-viste-form", {"visteEfter": "hemmet"}, ["visteEfter"]),
    (UT, "yrkeskategori-form", {"vardgivare": ["1"]}, ["vardgivare[0]"]),
    (TILLGANGLIGHET, "tg-uppgift-saknas", {"bokningsdatum": None}, [""]),
    (TILLGANGLIGHET, "tg-garanti-kod", {"vardgaranti": "ja"}, ["vardgaranti"]),
    (TILLGANGLIGHET, "tg-avvikelse-kod", {"avvikelseorsak": "semester"}, ["avvikelseorsak"]),
    (TILLGANGLIGHET, "datum-form", {"medicinsktMaldatum": "2025-3-1"}, ["medicinsktMaldatum"]),
]

# path, changes that come as near to a check as a good message can
NEAR: list[tuple[str, dict[str, Any]]] = [
    (KOORDINERING, {"datum": "2021-02-01"}),
    (KOORDINERING, {"yrkeskategori": "69"}),
    (KOORDINERING, {"yrkeskategori": "A3"}),
    (KOORDINERING, {"teknik": None}),
    (KOORDINERING, {"teknik": "brev", "atgarder.2.kod": "XS008"}),
    (KOORDINERING, {"atgarder.2.kod": "AW026", "teknik": "brev"}),
    (IN, {"tid": None, "visteFore": None}),
    (IN, {"akut": "N", "visteFore": "A"}),
    (UT, {"utskrivningsdatum": "2025-03-03"}),
    (UT, {"utskrivandeEnhet": None, "visteEfter": None, "vardEfter": None, "utskrivningstid": None}),
    (TILLGANGLIGHET, {"bokningsdatum": None, "medicinsktMaldatum": "2026-03-01"}),
    (TILLGANGLIGHET, {"vardgaranti": "N", "avvikelseorsak": "patientvald"}),
]


def changed(path: str, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    return with_changes(GOOD[path], changes)


QUERY = {
    "handelseId": "kontakt-1",
    "patientId": "191212121212",
    "datum": "2025-03-03",
    "enhet.inr": "30216",
    "enhet.klin": "311",
    "enhet.avd": "002",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return dataclasses.replace(settings, units=frozenset({"30216311002", "30216312A1"}))


@pytest.mark.parametrize("path", GOOD)
def test_a_good_message_is_taken_corrected_shown_and_cancelled(counter, path):
    if path == UT:
        counter.send("POST", changed(IN), path=IN)
    assert counter.send("POST", changed(path), path=path).status == 201
    assert counter.send("PUT", changed(path), path=path).status == 200
    shown = json.loads(counter.send("GET", query=QUERY, path=path).body)
    assert shown == {**GOOD[path], "makulerad": False}
    assert counter.send("DELETE", query=QUERY, path=path).status == 200
    assert counter.send("PUT", changed(path), path=path).status == 404


@pytest.mark.parametrize(("path", "check_id", "changes", "fields"), BAD)
def test_a_bad_message_is_refused_with_code_and_member(counter, path, check_id, changes, fields):
    counter.send("POST", changed(IN), path=IN)
    answer = counter.send("PUT" if path == IN else "POST", changed(path, changes), path=path)
    assert answer.status == 400
    assert counter.errors(answer) == [(check_id.upper(), field) for field in fields]


@pytest.mark.parametrize(("path", "changes"), NEAR)
def test_a_message_that_narrowly_passes_is_taken(counter, path, changes):
    if path == UT:
        counter.send("POST", changed(IN), path=IN)
    answer = counter.send("POST", changed(path, changes), path=path)
    assert answer.status == 201, counter.errors(answer)


def test_every_check_of_these_services_has_a_message_that_strikes_it():
    own = {
        check.id
        for path in GOOD
        for check in checks.SERVICES[path].stages[-1]
        if check not in checks.CONTENT.checks
    }
    assert own <= {check_id for _, check_id, *_ in BAD}


def test_a_discharge_without_its_admission_is_not_found(counter):
    answer = counter.send("POST", changed(UT), path=UT)
    assert (answer.status, counter.errors(answer)) == (404, [("INSKRIVNING-SAKNAS", "handelseId")])
    counter.send("POST", changed(IN), path=IN)
    assert counter.send("POST", changed(UT), path=UT).status == 201


def test_an_admission_is_not_cancelled_before_its_discharge(counter):
    counter.send("POST", changed(IN), path=IN)
    counter.send("POST", changed(UT), path=UT)
    answer = counter.send("DELETE", query=QUERY, path=IN)
    assert (answer.status, counter.errors(answer)) == (409, [("UTSKRIVNING-FINNS", "handelseId")])
    assert counter.send("DELETE", query=QUERY, path=UT).status == 200
    assert counter.send("DELETE", query=QUERY, path=IN).status == 200


def test_each_service_keeps_its_own_events(counter, besok):
    for path in (KOORDINERING, IN, TILLGANGLIGHET):
        assert counter.send("POST", changed(path), path=path).status == 201
    assert counter.send("POST", besok()).status == 201
    shown = [(line["service"], line["handelseId"]) for line in counter.gvr.state()]
    services = ("koordinering", "inskrivning", "tillganglighet", "vardkontakt")
    assert shown == [(service, "kontakt-1") for service in services]
    assert counter.gvr.counts() == {"events": 4, "makulerade": 0}


def test_one_key_on_two_services_is_two_calls(settings, counter):
    counter = type(counter)(dataclasses.replace(settings, idempotency=True))
    assert counter.send("POST", changed(IN), path=IN, key="k").status == 201
    assert counter.send("POST", changed(IN), path=UT, key="k").status == 422
