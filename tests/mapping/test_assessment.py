"""What shows that a medical assessment was made: a diagnosis, else a KVÅ code that says what was done."""

import pytest


def origin(mapped):
    return mapped.provenance["kontakt.ersatter_besok"]


def test_a_diagnosis_shows_it_before_any_code_does(contact):
    contact.distance(diagnosis="J189")
    contact.procedure("AV034")
    contact.prescription()
    mapped = contact.map()
    assert mapped.event.kontakt.typ == "telefon-ersatter-besok"
    assert "KVAL-BEDOMNING-DIAGNOS" in origin(mapped).by
    assert "KVAL-BEDOMNING-KVA" not in origin(mapped).by


def test_without_a_diagnosis_a_code_that_says_what_was_done_shows_it(contact):
    contact.distance(diagnosis=None)
    done = contact.procedure("AV034")
    contact.prescription()
    mapped = contact.map()
    assert mapped.event.kontakt.typ == "telefon-ersatter-besok"
    assert "KVAL-BEDOMNING-KVA" in origin(mapped).by
    assert f"{contact.at(done)}.code.coding[0].code" in origin(mapped).paths


@pytest.mark.parametrize("code", ["XS012", "XS007", "XS910", "XS926", "ZV051", "ZV021"])
def test_a_code_of_technique_conference_profession_or_addition_does_not(contact, code):
    contact.distance(diagnosis=None)
    contact.procedure(code)
    contact.prescription()
    assert contact.map().event.kontakt.typ == "telefonsamtal"


@pytest.mark.parametrize("code", ["XS927", "AV034"])
def test_the_codes_beside_those_of_professions_do(contact, code):
    contact.distance(diagnosis=None)
    contact.procedure(code)
    contact.prescription()
    assert contact.map().event.kontakt.typ == "telefon-ersatter-besok"
