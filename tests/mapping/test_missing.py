"""Where a fact that an event lacks is missed: at the element that would have held it."""

from typing import Any, get_args

import msgspec
import pytest

from adapter.domain.event import Vardhandelse
from adapter.domain.trace import absent_key
from adapter.rules.origins import expressions

INDEXED = ("personal", "diagnoser", "atgarder", "lakemedel")
OF_THE_UNIT = ("enhet.vardenhet", "enhet.vardgivare", "enhet.kombika")
"""A unit that is named but lacks one of these is pointed at itself."""
ALWAYS = ("event_id", "kind", "status", "patient.skyddad", "kontakt.besokstyp", "kontakt.taxa")


def _members(struct: Any = Vardhandelse, prefix: str = "") -> list[str]:
    found = []
    for field in msgspec.structs.fields(struct):
        name = prefix + field.name
        kinds = [field.type, *get_args(field.type)]
        group = next((kind for kind in kinds if hasattr(kind, "__struct_fields__")), None)
        found.append(name)
        if group is not None and prefix == "" and name not in INDEXED:
            found += _members(group, name + ".")
    return found


def _missed(contact: Any, *members: str) -> tuple[str, ...]:
    return expressions(contact.map().provenance, members)


@pytest.mark.parametrize("member", sorted({*_members()} - {*ALWAYS, *OF_THE_UNIT}))
def test_every_member_that_a_rule_can_miss_has_its_place(contact, member):
    provenance = contact.map().provenance
    assert absent_key(member) in provenance or any(
        name == member or name.startswith((member + ".", member + "[")) for name in provenance
    )


@pytest.mark.parametrize(
    ("member", "element"),
    [
        ("tillgang.kompetens", ".extension"),
        ("tillgang.delomrade", ".extension"),
        ("tillgang.medicinskt_maldatum", ".extension"),
        ("kontakt.planerad", ".appointment"),
        ("kontakt.remittent", ".basedOn"),
        ("atgarder", ""),
        ("slutenvard.viste_fore", ".hospitalization"),
    ],
)
def test_without_order_or_booking_the_encounter_is_where_it_is_missed(contact, member, element):
    contact.extension("nytt-halsoproblem", valueBoolean=False)  # others of the group are known
    assert _missed(contact, member) == (contact.at(contact.encounter) + element,)


def test_in_an_element_that_is_there_the_part_is_missed(contact):
    contact.encounter["hospitalization"] = {"preAdmissionIdentifier": {"value": "1"}}
    at = contact.at(contact.encounter)
    assert _missed(contact, "slutenvard.viste_fore") == (at + ".hospitalization.admitSource",)
    contact.encounter["period"] = {"end": "2025-03-03T10:45:00+01:00"}
    assert _missed(contact, "tid.startdatum") == (at + ".period.start",)
    del contact.encounter["period"]
    assert _missed(contact, "tid.startdatum") == (at + ".period",)


def test_what_an_order_or_a_booking_could_have_said_is_missed_there(contact):
    order = contact.add("ServiceRequest", status="active", intent="order")
    booking = contact.add("Appointment", status="fulfilled")
    contact.encounter["basedOn"] = [contact.ref(order)]
    contact.encounter["appointment"] = [contact.ref(booking)]
    assert _missed(contact, "tillgang.medicinskt_maldatum") == (contact.at(order) + ".extension",)
    assert _missed(contact, "tillgang.bokad") == (contact.at(booking) + ".created",)
    assert _missed(contact, "tillgang.nybesok") == (contact.at(booking) + ".appointmentType",)
    assert _missed(contact, "tillgang.kompetens") == (contact.at(contact.encounter) + ".extension",)


def test_what_is_not_known_of_the_patient_is_missed_at_the_patient(contact):
    contact.patient["identifier"] = [
        {"system": "http://electronichealth.se/identifier/nationelltReservnummer", "value": "25AB12CD34EF"}
    ]
    at = contact.at(contact.patient)
    assert _missed(contact, "patient.kon", "patient.alder") == (at + ".gender", at + ".birthDate")


def test_a_patient_who_is_no_resource_is_missed_at_the_reference(contact):
    contact.encounter.pop("subject")
    assert _missed(contact, "patient.kon") == (contact.at(contact.encounter) + ".subject",)


def test_what_is_known_is_never_missed(contact):
    contact.extension("kompetens", valueBoolean=True)
    provenance = contact.map().provenance
    assert not {
        absent_key(name) for name in ("tillgang.kompetens", "tillgang", "personal", "enhet", "tid")
    } & {*provenance}
    assert expressions(provenance, ("tillgang.kompetens",))[0].endswith(".extension[0].valueBoolean")


def test_the_place_that_a_concern_has_noted_itself_stands(contact):
    contact.patient["identifier"][0]["value"] = "191212121213"
    assert _missed(contact, "patient.id") == (contact.at(contact.patient) + ".identifier[0].value",)
