"""Orders as evidence of a decision: further investigation, but not sampling ahead of a booked visit."""

import pytest

SNOMED = "http://snomed.info/sct"
LABORATORY = {"coding": [{"system": SNOMED, "code": "108252007"}]}


def decided(contact):
    return contact.map().event.kontakt.ersatter_besok


def told(contact):
    return [finding.rule for finding in contact.map().findings if finding.rule.startswith("KVAL-EJ")]


@pytest.fixture
def call(contact):
    """A phone call with a diagnosis."""
    contact.distance()
    return contact


def booking(call, **elements):
    elements = {"status": "booked", "start": "2025-03-05T09:00:00+01:00", **elements}
    return call.add("Appointment", **{name: value for name, value in elements.items() if value is not None})


@pytest.mark.parametrize("category", ["363679005", "3457005", "108252007", "409063005"])
def test_an_order_at_the_contact_is_further_investigation(call, category):
    call.order(category=[call.concept(SNOMED, category)])
    assert decided(call) is True


def test_an_order_without_any_code_is_one(call):
    call.order(category=None)
    assert decided(call) is True


def test_an_order_of_education_is_information(call):
    call.order(category=[call.concept(SNOMED, "409073007")])
    assert told(call) == ["KVAL-EJ-INFORMATION"]


@pytest.mark.parametrize("status", ["draft", "revoked", "entered-in-error", "on-hold", "unknown"])
def test_a_status_that_is_no_order_is_no_decision(call, status):
    call.order(status=status)
    assert told(call) == ["KVAL-EJ-AVSIKT"]


@pytest.mark.parametrize("intent", ["proposal", "plan", "directive", "option"])
def test_an_intent_that_is_no_order_is_no_decision(call, intent):
    call.order(intent=intent)
    assert told(call) == ["KVAL-EJ-AVSIKT"]


def test_what_is_not_to_be_done_is_no_decision(call):
    call.order(doNotPerform=True)
    assert told(call) == ["KVAL-EJ-AVSIKT"]


def test_an_order_from_before_the_contact_is_none(call):
    call.order(authoredOn="2025-03-02")
    assert told(call) == ["KVAL-EJ-TIDIGARE"]


def test_the_referral_that_the_contact_is_based_on_is_none(call):
    call.encounter["basedOn"] = [call.ref(call.order())]
    assert told(call) == ["KVAL-EJ-TIDIGARE"]


class TestSampling:
    @pytest.mark.parametrize(
        "category",
        [
            LABORATORY,
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB"}]},
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                    }
                ]
            },
        ],
    )
    def test_ahead_of_a_booked_visit_it_is_no_decision(self, call, category):
        call.order(category=[category])
        booking(call)
        assert told(call) == ["KVAL-EJ-PROVTAGNING"]
        assert call.map().event.kontakt.typ == "telefonsamtal"

    def test_without_a_booked_visit_it_is_further_investigation(self, call):
        call.order(category=[LABORATORY])
        assert decided(call) is True

    @pytest.mark.parametrize("status", ["cancelled", "noshow", "entered-in-error"])
    def test_a_visit_that_does_not_come_to_be_is_none(self, call, status):
        call.order(category=[LABORATORY])
        booking(call, status=status)
        assert decided(call) is True

    def test_a_visit_that_lies_before_the_call_is_none(self, call):
        call.order(category=[LABORATORY])
        booking(call, start="2025-03-01T09:00:00+01:00")
        assert decided(call) is True

    def test_a_visit_without_a_time_still_is_one(self, call):
        call.order(category=[LABORATORY])
        booking(call, start=None)
        assert decided(call) is False

    def test_samples_that_are_taken_after_the_visit_are_not_ahead_of_it(self, call):
        call.order(category=[LABORATORY], occurrenceDateTime="2025-03-10")
        booking(call)
        assert decided(call) is True

    def test_the_calls_own_booking_is_no_visit(self, call):
        call.order(category=[LABORATORY])
        call.encounter["appointment"] = [call.ref(booking(call))]
        assert decided(call) is True

    def test_the_time_at_the_laboratory_is_no_visit(self, call):
        order = call.order(category=[LABORATORY])
        booking(call, basedOn=[call.ref(order)])
        assert decided(call) is True

    def test_another_patients_visit_is_none(self, call):
        call.order(category=[LABORATORY])
        other = call.add("Patient")
        booking(call, participant=[{"actor": call.ref(other), "status": "accepted"}])
        assert decided(call) is True

    def test_the_patients_own_visit_is_one(self, call):
        call.order(category=[LABORATORY])
        booking(call, participant=[{"actor": call.ref(call.patient), "status": "accepted"}])
        assert decided(call) is False

    @pytest.mark.parametrize(("hour", "expected"), [("09", True), ("11", False)])
    def test_of_the_same_day_only_what_comes_after_the_call_is_ahead(self, call, hour, expected):
        call.order(category=[LABORATORY])
        booking(call, start=f"2025-03-03T{hour}:00:00+01:00")
        assert decided(call) is expected

    @pytest.mark.parametrize(
        ("changes", "ahead"),
        [
            ({}, True),
            ({"status": "planned"}, True),
            ({"status": "cancelled"}, False),
            ({"class": {"code": "VR"}}, False),
            ({"subject": {"reference": "Patient/9"}}, False),
            ({"period": {"start": "2025-03-01T09:00:00+01:00"}}, False),
            ({"period": {}}, False),
        ],
        ids=str,
    )
    def test_the_visit_itself_may_stand_in_the_bundle(self, call, changes, ahead):
        call.order(category=[LABORATORY])
        visit = {
            **call.encounter,
            "identifier": [{"system": "s", "value": "2"}],
            "class": {**call.encounter["class"], "code": "AMB"},
            "period": {"start": "2025-03-05T09:00:00+01:00"},
            **changes,
        }
        call.add("Encounter", **visit)
        rules = [finding.rule for finding in call.map_all()[0].findings]
        assert ("KVAL-EJ-PROVTAGNING" in rules) is ahead

    def test_the_visit_at_which_the_samples_are_taken_is_not_what_they_are_ahead_of(self, call):
        order = call.order(category=[LABORATORY])
        elsewhere = call.add("Organization", identifier=[{"system": "s", "value": "lab"}])
        visit = {
            **call.encounter,
            "identifier": [{"system": "s", "value": "2"}],
            "class": {**call.encounter["class"], "code": "AMB"},
            "period": {"start": "2025-03-05T09:00:00+01:00"},
            "serviceProvider": call.ref(elsewhere),
            "basedOn": [call.ref(order)],
        }
        call.add("Encounter", **visit)
        assert call.map_all()[0].event.kontakt.typ == "telefon-ersatter-besok"

    def test_imaging_with_a_visit_booked_stays_a_decision(self, call):
        call.order()
        booking(call)
        assert decided(call) is True


class TestBooking:
    def visit(self, call, order, **changes):
        return call.add(
            "Encounter",
            **{
                **call.encounter,
                "identifier": [{"system": "s", "value": "2"}],
                "class": {"system": call.encounter["class"]["system"], "code": "AMB"},
                "period": {"start": "2025-03-05T09:00:00+01:00"},
                "basedOn": [call.ref(order)],
                **changes,
            },
        )

    def test_the_order_that_books_a_visit_at_the_own_unit_is_no_decision(self, call):
        order = call.order(category=None)
        self.visit(call, order)
        first, _ = call.map_all()
        assert first.event.kontakt.typ == "telefonsamtal"
        assert "KVAL-EJ-BESOK" in [finding.rule for finding in first.findings]

    def test_nor_where_the_booking_names_it(self, call):
        order = call.order(category=None)
        booked = booking(call, basedOn=[call.ref(order)])
        self.visit(call, order, basedOn=[], appointment=[call.ref(booked)])
        assert call.map_all()[0].event.kontakt.typ == "telefonsamtal"

    def test_a_referral_to_another_unit_is_one_also_when_its_visit_is_there(self, call):
        elsewhere = call.add(
            "Organization", identifier=[{"system": "urn:oid:1.2.752.29.4.19", "value": "SE2321000016-X"}]
        )
        self.visit(call, call.order(category=None), serviceProvider=call.ref(elsewhere))
        assert call.map_all()[0].event.kontakt.typ == "telefon-ersatter-besok"

    def test_a_visit_that_was_cancelled_books_nothing(self, call):
        self.visit(call, call.order(category=None), status="cancelled")
        assert call.map_all()[0].event.kontakt.typ == "telefon-ersatter-besok"


@pytest.mark.parametrize(
    "system", ["urn:oid:1.2.752.108.1", "http://npu-terminology.org", "http://loinc.org"]
)
def test_a_code_of_a_laboratory_system_is_sampling_by_itself(call, system):
    call.order(category=None, code=call.concept(system, "NPU28309"))
    booking(call)
    assert told(call) == ["KVAL-EJ-PROVTAGNING"]


@pytest.mark.parametrize("system", ["urn:oid:1.2.752.108.1", "http://loinc.org"])
def test_without_a_visit_ahead_it_is_further_investigation(call, system):
    call.order(category=None, code=call.concept(system, "NPU28309"))
    assert decided(call) is True


def test_a_loinc_code_of_imaging_is_no_sampling(call):
    call.order(code=call.concept("http://loinc.org", "24627-2"))
    booking(call)
    assert decided(call) is True


@pytest.mark.parametrize(
    ("end", "authored", "expected"),
    [
        ("2025-03-03T10:45:00+01:00", "2025-03-04", ["KVAL-EJ-SENARE"]),
        ("2025-03-03T10:45:00+01:00", "2025-03-03T23:59:00+01:00", []),
        ("2025-03-05T10:45:00+01:00", "2025-03-05", []),
        ("2025-03-05T10:45:00+01:00", "2025-03-06", ["KVAL-EJ-SENARE"]),
        (None, "2025-03-04", ["KVAL-EJ-SENARE"]),
        (None, "2025-03", []),
    ],
)
def test_an_order_from_after_the_day_on_which_the_contact_ended_is_none(call, end, authored, expected):
    if end is None:
        del call.encounter["period"]["end"]
    else:
        call.encounter["period"]["end"] = end
    call.order(authoredOn=authored)
    assert told(call) == expected
    assert decided(call) is not bool(expected)
