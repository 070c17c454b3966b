"""Visits that an order has to do with: one that it books, or one that it is ahead of."""

import pytest

LABORATORY = {"coding": [{"system": "http://snomed.info/sct", "code": "108252007"}]}


@pytest.fixture
def call(contact):
    """A phone call with a diagnosis."""
    contact.distance()
    return contact


def told(contact, rule):
    return [one.expression for one in contact.map_all()[0].findings if one.rule == rule]


def booking(call, *people):
    return call.add(
        "Appointment",
        status="booked",
        start="2025-03-05T09:00:00+01:00",
        participant=[{"actor": call.ref(one), "status": "accepted"} for one in people],
    )


def visit(call, **elements):
    given = {
        key: value for key, value in call.encounter.items() if key not in ("resourceType", "participant")
    }
    given |= {
        "identifier": [{"system": "https://journal.example/vk", "value": "2"}],
        "class": {**call.encounter["class"], "code": "AMB"},
        "period": {"start": "2025-03-05T09:00:00+01:00"},
    }
    return call.add("Encounter", **given | elements)


def test_a_visit_that_names_the_order_is_what_the_order_books(call):
    order = call.order()
    named = visit(call, basedOn=[{"reference": "ServiceRequest/9"}, call.ref(order)])
    (paths,) = told(call, "KVAL-EJ-BESOK")
    assert f"{call.at(named)}.basedOn[1].reference" in paths


def test_a_visit_whose_booking_names_the_order_is_what_the_order_books(call):
    order = call.order()
    booked = booking(call)
    booked["basedOn"] = [call.ref(order)]
    named = visit(call, appointment=[call.ref(booked)])
    (paths,) = told(call, "KVAL-EJ-BESOK")
    assert f"{call.at(named)}.appointment[0].reference" in paths


def test_a_booking_that_names_staff_and_no_patient_is_the_patients(call):
    """Those who are not patients do not make it somebody else's."""
    call.order(category=[LABORATORY])
    booking(call, call.role)
    assert len(told(call, "KVAL-EJ-PROVTAGNING")) == 1


def test_a_booking_of_staff_and_another_patient_is_the_others(call):
    call.order(category=[LABORATORY])
    booking(call, call.role, call.add("Patient"))
    assert told(call, "KVAL-EJ-PROVTAGNING") == []
