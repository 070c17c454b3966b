"""Kind, type and channel of the contact, as the sender states them or the evidence shows them."""


def test_of_the_channel_the_stated_type_is_named_first(contact):
    contact.distance("XS012")
    contact.stated("telefonsamtal")
    mapped = contact.map()
    assert mapped.event.kontakt.kanal == "telefon"
    at = f"{contact.at(contact.encounter)}.type[0].coding[0]"
    assert mapped.provenance["kontakt.kanal"].paths[0] == f"{at}.code"
