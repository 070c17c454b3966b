"""Which contacts of two systems belong together, and what is told of their differences."""

import copy
from typing import Any

import msgspec
import pytest

from adapter.registers.gvr import GvrReceiver
from adapter.registers.protocol import RegisterSettings
from adapter.shadow.comparison import compare
from adapter.shadow.report import MOST_EXAMPLES, Ours, Report, Theirs

RECEIVER = GvrReceiver(RegisterSettings(url="http://127.0.0.1:1"))
PATIENT = "191212121212"
BODY: dict[str, Any] = {
    "handelseId": "v1",
    "patientId": PATIENT,
    "enhet": {"inr": "30216", "klin": "311", "avd": "002"},
    "datum": "2025-03-03",
    "tid": "10:15",
    "slutdatum": "2025-03-03",
    "besokTyp": "1",
    "taxa": "01",
    "akut": "N",
    "vardgivare": ["01"],
    "diagnoser": [{"kod": "J189", "ordning": 1}],
    "atgarder": [{"kod": "AV034", "datum": "2025-03-03", "ordning": 1, "diagnos": 1}],
}
UNIT = "30216311002"


def body(**members: Any) -> dict[str, Any]:
    return {**copy.deepcopy(BODY), **members}


def ours(*bodies: dict[str, Any]) -> list[Ours]:
    return [Ours(f"v{number}", "vardkontakt", UNIT, one) for number, one in enumerate(bodies, start=1)]


def compared(mine: list[dict[str, Any]], other: list[dict[str, Any]]) -> Report:
    return compare(RECEIVER, ours(*mine), [Theirs(place, one) for place, one in enumerate(other)])


def counts(report: Report) -> dict[str, int]:
    return {kind: n for kind, n in report.counts.items() if n}


def test_the_same_contact_under_another_id_and_spelling_is_equal() -> None:
    theirs = body(
        handelseId="OLD-7",
        patientId="19121212-1212",
        enhet={"inr": 30216, "klin": "311", "avd": "002"},
        datum="20250303",
        tid="10:15:00",
        diagnoser=[{"kod": "J18.9"}],
    )
    report = compared([body()], [theirs])
    assert counts(report) == {"equal": 1}
    assert report.agrees


@pytest.mark.parametrize(
    ("member", "value", "pair"),
    [
        ("besokTyp", "3", ("1", "3")),
        ("taxa", None, ("01", "-")),
        ("akut", "J", ("N", "J")),
        ("vardgivare", ["01", "70"], ("01", "01, 70")),
        ("diagnoser", [], ("J189", "-")),
        ("atgarder", [{"kod": "XS012"}], ("AV034", "XS012")),
    ],
)
def test_a_coded_member_that_differs_is_told_with_its_codes(
    member: str, value: Any, pair: tuple[str, str]
) -> None:
    report = compared([body()], [body(**{member: value})])
    (field,) = report.fields
    assert (field.field, field.count, field.examples) == (member, 1, ("v1",))
    assert [(one.ours, one.theirs, one.count) for one in field.pairs] == [(*pair, 1)]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("tid", "10:20"),
        ("slutdatum", "2025-03-04"),
        ("remittent", {"inr": "11111", "klin": "222", "avd": "333"}),
    ],
)
def test_times_and_units_are_told_without_their_values(member: str, value: Any) -> None:
    (field,) = compared([body()], [body(**{member: value})]).fields
    assert (field.field, field.pairs) == (member, ())


def test_no_identity_number_is_told_wherever_the_other_system_puts_it() -> None:
    number = "195009072553"
    hidden = {
        "anteckning": number,
        number: "x",
        "diagnoser": [{"kod": number}],
        "taxa": number,
        "besokTyp": number,
    }
    report = compared([body(), body(patientId=number)], [body(**hidden), body(patientId="196101182803")])
    told = msgspec.json.encode(report).decode()
    assert not [one for one in (PATIENT, number, "196101182803") if one in told]
    assert {field.field for field in report.fields} >= {"(other members)", "diagnoser", "taxa"}


def test_what_one_side_has_alone_is_named() -> None:
    report = compared([body(), body(patientId="195009072553")], [body(), body(datum="2025-03-04")])
    assert counts(report) == {"equal": 1, "only_ours": 1, "only_theirs": 1}
    assert (report.only_ours.events, report.only_theirs.places) == (("v2",), (1,))
    assert not report.agrees


def test_several_contacts_of_a_day_are_told_apart_by_their_times() -> None:
    mine = [body(tid="09:00"), body(tid="10:00", taxa="02"), body(tid="13:00")]
    other = [body(tid="13:00"), body(tid="10:00"), body(tid="09:00")]
    assert counts(compared(mine, other)) == {"equal": 2, "different": 1}


def test_a_time_that_is_told_a_little_differently_is_a_difference_and_not_another_contact() -> None:
    assert counts(compared([body(tid="10:15")], [body(tid="10:40")])) == {"different": 1}
    assert counts(compared([body(tid="10:15")], [body(tid="14:00")])) == {"only_ours": 1, "only_theirs": 1}


def test_without_a_time_the_only_contact_of_the_day_is_the_one() -> None:
    report = compared([body()], [body(tid=None)])
    assert [field.field for field in report.fields] == ["tid"]


def test_equal_contacts_of_one_time_are_interchangeable() -> None:
    assert counts(compared([body(), body()], [body(), body()])) == {"equal": 2}


def test_contacts_that_nothing_tells_apart_are_ambiguous() -> None:
    report = compared([body(taxa="01"), body(taxa="02")], [body(taxa="03"), body(taxa="04")])
    assert counts(report) == {"ambiguous": 2}
    assert (report.ambiguous.events, report.ambiguous.places) == (("v1", "v2"), (0, 1))


def test_a_contact_that_the_other_system_reports_at_another_unit_differs_in_its_unit() -> None:
    theirs = body(enhet={"inr": "30216", "klin": "311", "avd": "003"})
    report = compared([body()], [theirs])
    assert [field.field for field in report.fields] == ["enhet"]


def test_counts_are_kept_for_each_unit() -> None:
    elsewhere = body(enhet="99999888777", patientId="195009072553")
    report = compared([body()], [body(), elsewhere])
    assert {unit: {kind: n for kind, n in found.items() if n} for unit, found in report.units.items()} == {
        UNIT: {"equal": 1},
        "99999888777": {"only_theirs": 1},
    }


def test_a_body_that_names_no_contact_is_told_by_its_place() -> None:
    report = compared([body()], [body(), {"taxa": "01"}])
    assert report.unnamed.places == (1,)
    assert not report.agrees


def test_only_a_few_events_are_named_for_a_field() -> None:
    mine = [body(datum=f"2025-03-{day:02}") for day in range(1, 10)]
    other = [body(datum=f"2025-03-{day:02}", taxa="09") for day in range(1, 10)]
    (field,) = compared(mine, other).fields
    assert (field.count, len(field.examples)) == (9, MOST_EXAMPLES)
    assert [(pair.ours, pair.theirs, pair.count) for pair in field.pairs] == [("01", "09", 9)]


def test_work_for_another_service_is_never_the_same_contact() -> None:
    mine = [Ours("v1", "koordinering", UNIT, body(yrkeskategori="41"))]
    report = compare(RECEIVER, mine, [Theirs(0, body())])
    assert counts(report) == {"only_ours": 1, "only_theirs": 1}


def test_nor_is_it_at_another_unit() -> None:
    elsewhere = body(enhet={"inr": "30216", "klin": "311", "avd": "003"})
    mine = [Ours("v1", "inskrivning", UNIT, elsewhere)]
    report = compare(RECEIVER, mine, [Theirs(0, body())])
    assert counts(report) == {"only_ours": 1, "only_theirs": 1}


def test_a_stay_is_compared_call_by_call() -> None:
    named = {name: BODY[name] for name in ("patientId", "enhet", "datum")}
    admission, discharge = {**named, "akut": "N"}, {**named, "utskrivningsdatum": "2025-03-07"}
    mine = [Ours("v1", "inskrivning", UNIT, admission), Ours("v1", "utskrivning", UNIT, discharge)]
    report = compare(RECEIVER, mine, [Theirs(0, dict(discharge)), Theirs(1, dict(admission))])
    assert counts(report) == {"equal": 2}
