"""Contacts of a run are made new to an adapter that remembers the last run; all else stays byte for byte."""

import orjson
import pytest

from adapter.conformance.freshen import contact_identifiers, freshened
from adapter.fhir.xml.writing import to_xml
from tests.conformance_kit.conftest import bundle

SYSTEM = "https://journal.example/vardkontakt"


def test_encounters_and_the_bundle_get_new_identifiers() -> None:
    raw = orjson.dumps({**bundle(id="vk-0001"), "identifier": {"system": "x", "value": "bundle-1"}})
    fresh = freshened(raw, "-r7")
    assert contact_identifiers(fresh) == [f"{SYSTEM}|vk-0001-r7"]
    assert orjson.loads(fresh)["identifier"]["value"] == "bundle-1-r7"
    # ids of resources named like the identifier follow, and so do the references to them
    assert b'"Encounter/vk-0001-r7"' in fresh


def test_a_deletion_by_identifier_names_the_new_one() -> None:
    raw = orjson.dumps(
        {"resourceType": "Bundle", "type": "transaction",
         "identifier": {"value": "vk-0001"},
         "entry": [{"request": {"method": "DELETE", "url": f"Encounter?identifier={SYSTEM}|vk-0001"}}]}
    )  # fmt: skip
    assert b"|vk-0001-r7" in freshened(raw, "-r7")


def test_short_values_stay_since_they_may_be_codes() -> None:
    raw = orjson.dumps(bundle(id="1"))
    assert freshened(raw, "-r7") == raw


def test_the_twin_in_xml_is_freshened_alike() -> None:
    raw = to_xml(orjson.dumps(bundle(id="vk-0001")))
    assert contact_identifiers(freshened(raw, "-r7")) == [f"{SYSTEM}|vk-0001-r7"]


def test_a_message_gets_new_ids_too() -> None:
    header = {"resourceType": "MessageHeader", "id": "message-1"}
    entry = {"fullUrl": "https://a.example/MessageHeader/message-1", "resource": header}
    raw = orjson.dumps({"resourceType": "Bundle", "id": "transport-1", "type": "message", "entry": [entry]})
    fresh = orjson.loads(freshened(raw, "-r7"))
    assert fresh["id"] == "transport-1-r7"
    assert fresh["entry"][0]["resource"]["id"] == "message-1-r7"
    assert fresh["entry"][0]["fullUrl"].endswith("/message-1-r7")


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[1]", b"<Bundle", b'{"entry": 1}', b'{"entry": [1, {"resource": 2}]}', b"<!DOCTYPE x>",
     b'{"entry": [{"resource": {"resourceType": "Encounter", "identifier": 3}}]}'],
)  # fmt: skip
def test_what_cannot_be_read_stays_as_it_is(raw: bytes) -> None:
    assert freshened(raw, "-r7") == raw
    assert contact_identifiers(raw) == []
