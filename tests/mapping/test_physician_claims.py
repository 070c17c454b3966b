"""Which participant of a care team is the fast läkarkontakt."""

OWN = "https://vardbro.example/fhir"


def events(contact, system, code):
    item = {
        "role": [contact.concept(system, code)],
        "member": contact.ref(contact.role),
        "period": {"start": "2025-02-01"},
    }
    contact.add("CareTeam", subject=contact.ref(contact.patient), participant=[item])
    return [one for one in contact.map_all() if one.event.kind == "fast_lakarkontakt"]


def test_it_is_the_one_with_that_role(contact):
    (one,) = events(contact, f"{OWN}/CodeSystem/teamroll", "fast-lakarkontakt")
    assert one.event.tid.startdatum == "2025-02-01"


def test_another_role_is_none(contact):
    assert events(contact, f"{OWN}/CodeSystem/teamroll", "annat") == []


def test_the_same_code_of_another_system_is_none(contact):
    assert events(contact, "https://journal.example/roller", "fast-lakarkontakt") == []
