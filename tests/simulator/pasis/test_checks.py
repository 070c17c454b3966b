"""Every check of PASiS's has calls that trigger it and calls that narrowly pass."""

from typing import Any

import pytest

from adapter.simulator.pasis import checks

BAD: list[tuple[str, dict[str, Any], list[str]]] = [
    ("medlem-saknas", {"vardkontakt": None}, ["vardkontakt"]),
    ("medlem-okand", {"kassa": "ja"}, [""]),
    ("medlem-typ", {"attribut": "Särskilt boende"}, ["attribut"]),
    ("medlem-tom", {"kva": []}, ["kva"]),
    ("kontaktid-form", {"kontaktId": "kontakt_1"}, ["kontaktId"]),
    ("patientid-form", {"patientId": "19121212-1212"}, ["patientId"]),
    ("patientid-kontrollsiffra", {"patientId": "191212121213"}, ["patientId"]),
    ("hsaid-form", {"enhet": "30216311002"}, ["enhet"]),
    ("hsaid-form", {"huvudansvarig": "Eva Ek"}, ["huvudansvarig"]),
    ("datum-form", {"datum": "2025-02-30"}, ["datum"]),
    ("datum-framtid", {"datum": "2025-11-22"}, ["datum"]),
    ("tid-form", {"tid": "24:00"}, ["tid"]),
    ("vardkontakt-okand", {"vardkontaktKod": "kommentar", "vardkontakt": "Kommentar"}, ["vardkontaktKod"]),
    ("vardkontakt-namn", {"vardkontakt": "Mottagningsbesök"}, ["vardkontakt"]),
    (
        "vardkontakt-namn",
        {"vardkontaktKod": "video-ersatter-besok", "vardkontakt": "Distanskontakt realtid bild/ljud/chatt"},
        ["vardkontakt"],
    ),
    (
        "vardkontakt-namn",
        {
            "datum": "2024-12-31",
            "vardkontaktKod": "video-ersatter-ej-besok",
            "vardkontakt": "Video som inte ersätter besök",
        },
        ["vardkontakt"],
    ),
    ("diagnos-saknas", {"diagnoser": None}, ["diagnoser"]),
    ("kod-form", {"diagnoser": [{"kod": "J18.9", "ordning": 1}]}, ["diagnoser[0].kod"]),
    ("ordning", {"diagnoser": [{"kod": "J189", "ordning": 2}]}, ["diagnoser[0].ordning"]),
    ("attribut-okant", {"attribut": ["Hemma"]}, ["attribut[0]"]),
    ("attribut-okant", {"attribut": ["Särskilt boende", "Ordinärt boende"]}, ["attribut[1]"]),
]

FINE: list[dict[str, Any]] = [
    {},
    {"tid": None, "attribut": None, "kva": None},
    {"patientId": "19810829M071"},
    {"datum": "2025-11-21"},
    {"vardkontakt": "Telefonsamtal", "vardkontaktKod": "telefonsamtal", "diagnoser": None},
    {"vardkontakt": "Triage före annat besök", "vardkontaktKod": "triage", "diagnoser": None},
    {
        "datum": "2024-12-31",
        "vardkontaktKod": "video-ersatter-besok",
        "vardkontakt": "Distanskontakt realtid bild/ljud/chatt",
    },
    {
        "datum": "2025-01-01",
        "vardkontaktKod": "video-ersatter-besok",
        "vardkontakt": "Video som ersätter besök",
    },
]


@pytest.mark.parametrize(("check", "changes", "fields"), BAD)
def test_the_check_names_the_member_at_fault(pasis, kontakt, check, changes, fields):
    message = kontakt(**changes)
    answer = pasis.send("POST", message, at=message["kontaktId"])
    assert answer.status == 400
    assert [falt for kod, falt in pasis.errors(answer) if kod == check.upper()] == fields


@pytest.mark.parametrize("changes", FINE)
def test_a_good_contact_passes(pasis, kontakt, changes):
    assert pasis.send("POST", kontakt(**changes)).status == 201


def test_every_check_has_a_call_that_triggers_it():
    assert {check.id for stage in checks.STAGES for check in stage} == {check for check, _, _ in BAD}
