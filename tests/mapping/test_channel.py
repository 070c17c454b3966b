"""The evidence for the channel of a contact."""

import pytest

SNOMED = "http://snomed.info/sct"
KV = "https://terminologitjansten.inera.se/inera-kodverksforvaltning/kodverk/kv_vardkontakttyp"


@pytest.mark.parametrize("code", ["AMB", "EMER", "FLD", "HH"])
def test_a_class_tells_a_physical_contact(contact, code):
    contact.encounter["class"]["code"] = code
    assert contact.map().event.kontakt.kanal == "fysisk"


@pytest.mark.parametrize(
    ("codes", "kanal"), [(["XS012"], "telefon"), (["UX007"], "video"), (["XS003"], "text")]
)
def test_a_technique_code_tells_the_channel_of_a_distance_contact(contact, codes, kanal):
    contact.encounter["class"]["code"] = "VR"
    contact.procedure(*codes)
    mapped = contact.map()
    assert mapped.event.kontakt.kanal == kanal
    assert set(mapped.provenance["kontakt.kanal"].by) == {"KT-KANAL-KVA", "KT-KANAL-KLASS"}


def test_a_digital_letter_takes_two_codes_and_is_text(contact):
    contact.encounter["class"]["code"] = "VR"
    contact.procedure("XS003")
    contact.procedure("ZV051")
    assert contact.map().event.kontakt.kanal == "text"


def test_telemedicine_alone_tells_no_channel(contact, found):
    contact.encounter["class"]["code"] = "VR"
    contact.procedure("ZV051")
    mapped = contact.map()
    assert found(mapped) == ["KT-KANAL-SAKNAS"]
    assert mapped.event.kontakt.typ is None


@pytest.mark.parametrize(
    ("code", "kanal"), [("185317003", "telefon"), ("453131000124105", "video"), ("1197766005", "text")]
)
def test_a_type_coding_tells_the_channel(contact, code, kanal):
    contact.encounter["class"]["code"] = "VR"
    contact.type(SNOMED, code)
    mapped = contact.map()
    assert mapped.event.kontakt.kanal == kanal
    assert "snomed-kanal" in mapped.provenance["kontakt.kanal"].by


def test_a_distance_contact_without_evidence_is_an_error(contact, found):
    contact.encounter["class"]["code"] = "VR"
    mapped = contact.map()
    assert found(mapped) == ["KT-KANAL-SAKNAS"]
    assert contact.at(contact.encounter) + ".class.code" in mapped.findings[0].expression


@pytest.mark.parametrize(
    ("class_code", "technique"), [("AMB", "XS012"), ("HH", "UX007"), ("EMER", "XS003"), ("FLD", "XS012")]
)
def test_a_physical_class_contradicts_a_technique_code(contact, found, class_code, technique):
    contact.encounter["class"]["code"] = class_code
    procedure = contact.procedure(technique)
    mapped = contact.map()
    assert found(mapped) == ["KT-KANAL-MOTSAGD"]
    (finding,) = (one for one in mapped.findings if one.rule == "KT-KANAL-MOTSAGD")
    assert f"{contact.at(procedure)}.code.coding[0].code" in finding.expression
    assert f"{contact.at(contact.encounter)}.class.code" in finding.expression
    assert (mapped.event.kontakt.kanal, mapped.event.kontakt.typ) == (None, None)


def _contradiction(mapped):
    (finding,) = (one for one in mapped.findings if one.rule == "KT-KANAL-MOTSAGD")
    return finding.params, finding.expression[:2]


def test_a_contradiction_names_both_sources_and_what_each_says(contact):
    procedure = contact.procedure("XS012")
    params, first_two = _contradiction(contact.map())
    assert params == {
        "one": "Procedure.code",
        "first": "telefon",
        "other": "Encounter.class",
        "second": "fysisk",
    }
    assert first_two == (
        contact.at(procedure) + ".code.coding[0].code",
        contact.at(contact.encounter) + ".class.code",
    )


def test_a_contradiction_does_not_name_a_source_that_agrees(contact):
    contact.encounter["class"]["code"] = "VR"
    first, second = contact.procedure("XS012"), contact.procedure("UX007")
    params, first_two = _contradiction(contact.map())
    assert (params["first"], params["second"]) == ("telefon", "video")
    assert first_two == tuple(contact.at(one) + ".code.coding[0].code" for one in (first, second))


def test_a_contradiction_with_inpatient_care_never_repeats_the_class_that_was_sent(contact):
    contact.type(KV, "3")
    contact.encounter["class"]["code"] = "191212121212"
    params, _ = _contradiction(contact.map(vardkontakttyp_reading="besok"))
    assert params == {
        "one": "Encounter.type",
        "first": "slutenvard",
        "other": "Encounter.class",
        "second": "annat",
    }


def test_two_techniques_contradict_each_other(contact, found):
    contact.encounter["class"]["code"] = "VR"
    contact.procedure("XS012")
    contact.procedure("UX007")
    assert found(contact.map()) == ["KT-KANAL-MOTSAGD"]


def test_a_technique_that_was_not_used_is_no_evidence(contact, found):
    contact.procedure("XS012", status="not-done")
    mapped = contact.map()
    assert mapped.event.kontakt.kanal == "fysisk"
    assert found(mapped) == ["ATGARD-STATUS"]


def test_an_unknown_class_says_nothing(contact, found):
    contact.encounter["class"] = {"code": "outpatient"}
    assert found(contact.map()) == ["KT-KLASS-OKAND", "KT-KANAL-SAKNAS"]


def test_a_class_of_another_system_says_nothing(contact, found):
    contact.encounter["class"] = {"system": "urn:x", "code": "AMB"}
    assert found(contact.map()) == ["KT-KLASS-OKAND", "KT-KANAL-SAKNAS"]


def test_a_class_without_system_is_read(contact, found):
    contact.encounter["class"] = {"code": "AMB"}
    assert found(contact.map()) == []


def test_kv_vardkontakttyp_is_never_read_by_assumption(contact, found):
    contact.type(KV, "2")
    mapped = contact.map()
    assert found(mapped) == ["KT-KV-LASNING"]
    assert mapped.event.kontakt.kanal == "fysisk"


def test_two_is_phone_for_senders_that_count_visits(contact):
    contact.encounter["class"]["code"] = "VR"
    contact.type(KV, "2")
    assert contact.map(vardkontakttyp_reading="besok").event.kontakt.kanal == "telefon"


def test_two_says_nothing_for_senders_that_count_open_care(contact, found):
    contact.type(KV, "2")
    mapped = contact.map(vardkontakttyp_reading="sluten-oppen")
    assert mapped.event.kontakt.kanal == "fysisk"
    assert found(mapped) == ["KT-TYP-OANVAND"]


def test_four_is_care_at_home_in_the_second_reading(contact):
    contact.type(KV, "4")
    assert contact.map(vardkontakttyp_reading="sluten-oppen").event.kontakt.typ == "hembesok"


@pytest.mark.parametrize(("reading", "code"), [("besok", "3"), ("sluten-oppen", "1")])
def test_inpatient_care_by_type_contradicts_an_open_class(contact, found, reading, code):
    contact.type(KV, code)
    assert found(contact.map(vardkontakttyp_reading=reading)) == ["KT-KANAL-MOTSAGD"]


def test_a_type_that_says_nothing_of_the_channel_is_told(contact, found):
    contact.type(SNOMED, "185349003")
    assert found(contact.map()) == ["KT-TYP-OANVAND"]
