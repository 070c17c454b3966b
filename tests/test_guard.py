"""Test persons and registers in production: the contact is held there, and flows everywhere else."""

import copy
from typing import Any

import orjson
import pytest

from adapter.config.model import Config
from adapter.documents import map_document
from adapter.offline import build_translator, offline_translator
from adapter.registers.gvr import GvrReceiver
from adapter.resources import data_folder
from adapter.translation import Contact

SAMPLE = orjson.loads((data_folder("samples") / "mottagningsbesok-lakare.json").read_bytes())


def translated(bundle: dict[str, Any] = SAMPLE, guard: dict[str, Any] | None = None, **gvr: Any) -> Contact:
    config = Config(registers={"gvr": gvr}, guard=guard or {})
    translator = build_translator(config, {"gvr": GvrReceiver(config.settings_of("gvr"))})[0]
    (contact,) = translator.translate(translator.read(orjson.dumps(bundle))).contacts
    return contact


def found(contact: Contact) -> list[tuple[str, str, str | None]]:
    return [
        (finding.rule, finding.severity, finding.register)
        for finding in contact.findings
        if finding.rule.startswith("GUARD-")
    ]


def test_at_a_register_in_production_a_test_persons_contact_is_held():
    contact = translated(production=True)
    (verdict,) = contact.verdicts
    assert (verdict.fate, verdict.messages) == ("held", ())
    assert found(contact) == [("GUARD-TESTPERSON", "error", "gvr")]
    assert not contact.refused


def test_elsewhere_it_flows_and_is_noted():
    contact = translated(production=False)
    (verdict,) = contact.verdicts
    assert (verdict.fate, len(verdict.messages)) == ("message", 1)
    assert found(contact) == [("GUARD-TESTPERSON", "information", None)]


def test_a_person_whose_number_only_looks_so_flows_in_production(tmp_path):
    listed = tmp_path / "real.txt"
    listed.write_text("191212121212\n")
    contact = translated(guard={"real_persons": listed}, production=True)
    assert (contact.verdicts[0].fate, found(contact)) == ("message", [])


def test_a_person_of_the_users_list_is_held(tmp_path):
    listed = tmp_path / "test.txt"
    listed.write_text("195711212893\n")
    bundle = orjson.loads(orjson.dumps(SAMPLE).replace(b"191212121212", b"195711212893"))
    assert translated(bundle, production=True).verdicts[0].fate == "message"
    assert translated(bundle, {"test_persons": listed}, production=True).verdicts[0].fate == "held"


def test_test_data_is_held_whoever_the_patient_is():
    bundle = orjson.loads(orjson.dumps(SAMPLE).replace(b"191212121212", b"195711212893"))
    bundle["meta"] = {
        "tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]
    }
    contact = translated(bundle, production=True)
    assert contact.verdicts[0].fate == "held"
    assert found(contact) == [("GUARD-TESTDATA", "error", "gvr")]


def test_what_went_out_before_the_guard_stood_can_be_cancelled():
    bundle = copy.deepcopy(SAMPLE)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Encounter":
            entry["resource"]["status"] = "cancelled"
    (verdict,) = translated(bundle, production=True).verdicts
    assert [message.intent for message in verdict.messages] == ["cancel"]


@pytest.mark.parametrize(
    ("gvr", "production"),
    [
        ({}, False),
        ({"url": "http://[::1]:8090/gvr"}, False),
        ({"url": "http://localhost:8090/gvr"}, False),
        ({"url": "https://gvr.example/rest"}, True),
        ({"url": "https://gvr-test.example/rest", "production": False}, False),
        ({"production": True}, True),
    ],
)
def test_a_register_is_in_production_unless_it_is_on_loopback_or_said_not_to_be(gvr, production):
    assert Config(registers={"gvr": gvr}).settings_of("gvr").production is production


def test_map_shows_the_finding_and_stops_nothing_offline():
    translator = offline_translator(Config())
    translation = translator.translate(translator.read(orjson.dumps(SAMPLE)))
    document = map_document(translation, "x.json", translator.catalogue, lang="sv")
    (finding,) = [one for one in document["findings"] if one["rule"] == "GUARD-TESTPERSON"]
    assert (finding["severity"], finding["source"]["document"]) == ("information", "SKV-TEST")
    assert "testperson" in finding["text"]
    assert document["messages"]
    assert "191212121212" not in orjson.dumps(document["findings"]).decode()
