"""What belongs to no contact of the bundle is told."""


def test_a_condition_without_a_link_is_told(contact, found):
    contact.condition("J189", linked=False)
    assert found(contact.map()) == ["LINK-STRAY"]


def test_a_condition_that_is_only_the_reason_is_a_warning_that_says_so(contact, found):
    condition = contact.condition("J189", linked=False)
    contact.encounter["reasonReference"] = [contact.ref(condition)]
    mapped = contact.map()
    (finding,) = mapped.findings
    assert (finding.rule, finding.severity) == ("LINK-REASON", "warning")
    assert finding.expression[0] == f"{contact.at(contact.encounter)}.reasonReference[0].reference"
    assert mapped.event.diagnoser == ()


def test_a_reason_that_is_linked_is_a_diagnosis_like_others(contact, found):
    condition = contact.condition("J189")
    contact.encounter["reasonReference"] = [contact.ref(condition)]
    mapped = contact.map()
    assert [diagnos.kod for diagnos in mapped.event.diagnoser] == ["J189"]
    assert found(mapped) == []


def test_a_reason_is_told_of_the_contact_that_names_it(contact, found):
    condition = contact.condition("J189", linked=False)
    other = {**contact.encounter, "identifier": [{"system": "https://journal.example/vk", "value": "2"}]}
    del other["resourceType"]
    contact.add("Encounter", reasonReference=[contact.ref(condition)], **other)
    assert [found(mapped) for mapped in contact.map_all()] == [[], ["LINK-REASON"]]


def test_a_stray_is_told_of_its_own_patient_among_a_groups(contact, found):
    patients = contact.group("195009072553")
    contact.condition("J189", linked=False, subject=contact.ref(patients[1]))
    assert ["LINK-STRAY" in found(mapped) for mapped in contact.map_all()] == [False, True]
