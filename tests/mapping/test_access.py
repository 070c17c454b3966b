"""Facts for the care guarantee."""


def test_what_the_sender_does_not_say_is_not_known(contact):
    tillgang = contact.map().event.tillgang
    assert (tillgang.nytt_halsoproblem, tillgang.kompetens, tillgang.beslutsdatum) == (None, None, None)


def test_extensions_of_the_encounter_are_read(contact):
    contact.extension("nytt-halsoproblem", valueBoolean=True)
    contact.extension("kompetens", valueBoolean=False)
    contact.extension("delomrade", valueCode="allmanlakarvard")
    contact.extension("beslutsdatum", valueDate="2025-03-01")
    tillgang = contact.map().event.tillgang
    assert (tillgang.nytt_halsoproblem, tillgang.kompetens) == (True, False)
    assert (tillgang.delomrade, tillgang.beslutsdatum) == ("allmanlakarvard", "2025-03-01")


def test_the_referral_fills_in_what_the_encounter_does_not_say(contact):
    request = contact.add(
        "ServiceRequest", status="completed", intent="order", authoredOn="2025-02-20T23:30:00Z"
    )
    contact.extension("medicinskt-maldatum", request, valueDate="2025-03-10")
    contact.encounter["basedOn"] = [contact.ref(request)]
    mapped = contact.map()
    assert (mapped.event.tillgang.remissdatum, mapped.event.tillgang.medicinskt_maldatum) == (
        "2025-02-21",
        "2025-03-10",
    )
    assert mapped.provenance["tillgang.remissdatum"].paths[0] == f"{contact.at(request)}.authoredOn"


def test_the_booking_tells_when_it_was_made_and_for_when(contact):
    booking = contact.add("Appointment", created="2025-02-27", start="2025-03-03T09:15:00Z")
    system = "https://vardbro.example/fhir/CodeSystem/avvikelseorsak"
    contact.extension("avvikelseorsak", booking, valueCoding={"system": system, "code": "patientvald"})
    contact.encounter["appointment"] = [contact.ref(booking)]
    tillgang = contact.map().event.tillgang
    assert (tillgang.bokad, tillgang.erbjuden) == ("2025-02-27", "2025-03-03")
    assert tillgang.avvikelseorsak == "patientvald"


def test_a_value_of_the_wrong_type_is_left_out_and_told(contact, found):
    contact.extension("kompetens", valueString="ja")
    mapped = contact.map()
    assert mapped.event.tillgang.kompetens is None
    assert found(mapped) == ["KT-TILLAGG-VARDE"]


def test_somebody_elses_extension_is_not_read(contact, found):
    contact.encounter["extension"] = [{"url": "https://other.example/kompetens", "valueBoolean": True}]
    mapped = contact.map()
    assert mapped.event.tillgang.kompetens is None
    assert found(mapped) == []


def test_two_different_values_of_one_extension_are_told_and_left_out(contact, found):
    for value in (True, False):
        contact.extension("kompetens", valueBoolean=value)
    mapped = contact.map()
    assert mapped.event.tillgang.kompetens is None
    assert found(mapped) == ["KT-TILLAGG-FLERA"]


def test_a_deviation_of_no_known_class_is_left_out_and_told(contact):
    system = "https://vardbro.example/fhir/CodeSystem/avvikelseorsak"
    contact.extension("avvikelseorsak", valueCoding={"system": system, "code": "platsbrist"})
    mapped = contact.map()
    assert mapped.event.tillgang.avvikelseorsak is None
    assert "KT-TILLAGG-VARDE" in [finding.rule for finding in mapped.findings]


def test_the_reason_for_a_deviation_is_traced_to_its_code_and_system(contact):
    system = "https://vardbro.example/fhir/CodeSystem/avvikelseorsak"
    contact.extension("avvikelseorsak", valueCoding={"system": system, "code": "patientvald"})
    at = f"{contact.at(contact.encounter)}.extension[0]"
    paths = contact.map().provenance["tillgang.avvikelseorsak"].paths
    assert {f"{at}.valueCoding.code", f"{at}.valueCoding.system", f"{at}.url"} <= set(paths)
