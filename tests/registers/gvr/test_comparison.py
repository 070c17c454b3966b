from typing import Any

import pytest

from adapter.registers.gvr.comparison import differences, known_as, natural_key, reported
from adapter.registers.gvr.render import fingerprint

BODY: dict[str, Any] = {
    "handelseId": "OLD-1",
    "patientId": "19121212-1212",
    "enhet": {"inr": "30216", "klin": "311", "avd": "002"},
    "datum": "2025-03-03",
    "tid": "10:15",
    "taxa": "01",
}
KEY = ("191212121212", "30216311002", "20250303", "vardkontakt", "1015")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"patientId": " 191212121212"},
        {"enhet": "30216311002"},
        {"enhet": {"inr": 30216, "klin": 311, "avd": "002"}},
        {"datum": "20250303"},
        {"datum": "2025-03-03T00:00:00"},
        {"tid": "1015"},
        {"tid": "10:15:30"},
    ],
)
def test_a_contact_has_one_key_however_it_is_spelt(changes: dict[str, Any]) -> None:
    assert natural_key("", {**BODY, **changes}) == KEY


def test_a_time_that_is_not_given_is_not_known() -> None:
    assert natural_key("", {**BODY, "tid": None}) == (*KEY[:4], "")


@pytest.mark.parametrize(
    "changes",
    [
        {"patientId": None},
        {"patientId": "-"},
        {"enhet": {"inr": "30216"}},
        {"enhet": "X"},
        {"datum": "March"},
    ],
)
def test_a_body_without_patient_unit_or_date_names_no_contact(changes: dict[str, Any]) -> None:
    assert natural_key("", {**BODY, **changes}) is None
    with pytest.raises(ValueError, match="needed"):
        reported({**BODY, **changes}, "v1")


def test_what_was_reported_stands_as_the_report_of_our_event() -> None:
    message = reported(BODY, "v1")
    assert (message.slot, message.event_id, message.body["handelseId"]) == ("v1", "v1", "v1")
    assert message.identity == fingerprint("v1", "191212121212", "30216311002")
    assert (message.unit, message.care_date, message.intent) == ("30216311002", "2025-03-03", "report")


def test_the_register_knows_it_by_the_other_systems_id() -> None:
    assert known_as(BODY) == {"handelseId": "OLD-1"}
    assert known_as({**BODY, "handelseId": ""}) == {}


def test_the_event_id_is_no_difference_and_an_unknown_member_is_not_named() -> None:
    theirs = {**BODY, "handelseId": "OTHER", "191212121212": "x"}
    assert [one.field for one in differences(BODY, theirs)] == ["(other members)"]


def test_only_codes_are_shown() -> None:
    theirs = {**BODY, "taxa": "191212121212", "tid": "11:00"}
    found = {one.field: (one.ours, one.theirs) for one in differences(BODY, theirs)}
    assert found == {"taxa": ("01", "(no code)"), "tid": (None, None)}


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ({}, "vardkontakt"),
        ({"taxa": None, "yrkeskategori": "41"}, "koordinering"),
        ({"akut": "J", "visteFore": "1"}, "inskrivning"),
        ({"utskrivningsdatum": "2025-03-07"}, "utskrivning"),
        ({"bokningsdatum": "2025-03-01"}, "tillganglighet"),
        ({"tjanst": "inskrivning"}, "inskrivning"),
        ({"tjanst": "annan"}, "vardkontakt"),
    ],
)
def test_the_service_of_another_systems_body_is_said_or_read_off_its_members(
    said: dict[str, Any], service: str
) -> None:
    key = natural_key("", {**BODY, **said})
    assert key is not None
    assert key[3] == service
    assert reported({**BODY, **said}, "v1").service == service


def test_what_says_the_service_is_no_part_of_what_was_reported() -> None:
    assert "tjanst" not in reported({**BODY, "tjanst": "inskrivning"}, "v1").body
    assert list(differences(BODY, {**BODY, "tjanst": "vardkontakt"})) == []


def test_a_body_of_our_own_is_of_the_service_that_it_was_made_for() -> None:
    key = natural_key("koordinering", BODY)
    assert key is not None
    assert key[3] == "koordinering"


def test_units_and_times_of_a_discharge_are_compared_by_what_they_say() -> None:
    ours = {
        **BODY,
        "utskrivandeEnhet": {"inr": "30216", "klin": "312", "avd": "A1"},
        "utskrivningstid": "11:00",
    }
    assert (
        list(differences(ours, {**ours, "utskrivandeEnhet": "30216312A1", "utskrivningstid": "1100"})) == []
    )
    (found,) = differences(ours, {**ours, "visteEfter": "3"})
    assert (found.field, found.ours, found.theirs) == ("visteEfter", "-", "3")
