"""The sender's word on whether a contact replaces a visit, where it has no say."""

import pytest


@pytest.mark.parametrize(("word", "is_told"), [(True, True), (False, False)])
def test_of_a_triage_only_the_word_that_it_replaces_a_visit_is_told(contact, found, word, is_told):
    """That it does not is true of every triage."""
    contact.stated("triage")
    contact.extension("ersatter-besok", valueBoolean=word)
    mapped = contact.map()
    assert mapped.event.kontakt.ersatter_besok is None
    assert ("KT-ERSATTER-OANVAND" in found(mapped)) is is_told


@pytest.mark.parametrize("word", [True, False])
def test_at_a_visit_either_word_is_told(contact, found, word):
    contact.stated("mottagningsbesok")
    contact.extension("ersatter-besok", valueBoolean=word)
    assert found(contact.map()) == ["KT-ERSATTER-OANVAND"]
