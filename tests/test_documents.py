"""The document of `vardbro map`: its members, its languages, one register at a time."""

import pytest

from adapter.config.model import Config
from adapter.documents import map_document
from adapter.offline import build_translator
from adapter.registers.gvr import GvrReceiver
from adapter.resources import data_folder
from adapter.translation import Translation, Translator


@pytest.fixture(scope="module")
def translator() -> Translator:
    """For one register, so that what is counted is its own."""
    config = Config()
    return build_translator(config, {"gvr": GvrReceiver(config.settings_of("gvr"))})[0]


def translate(translator: Translator, name: str) -> Translation:
    return translator.translate(translator.read((data_folder("samples") / f"{name}.json").read_bytes()))


def test_a_message_says_where_it_goes_and_what_it_holds(translator):
    document = map_document(translate(translator, "teambesok"), "teambesok.json", translator.catalogue)
    (message,) = document["messages"]
    assert set(message) == {"register", "service", "operation", "lane", "event", "body"}
    assert (message["register"], message["service"], message["operation"]) == ("gvr", "vardkontakt", "create")
    assert message["body"]["handelseId"] == message["event"]


def test_a_cancellation_is_shown_as_cancel(translator):
    document = map_document(translate(translator, "makulering"), "m", translator.catalogue)
    assert [message["operation"] for message in document["messages"]] == ["cancel"]


def test_a_finding_says_what_where_why_and_what_to_do(translator):
    document = map_document(translate(translator, "fel-kontrollsiffra"), "f", translator.catalogue)
    finding = next(finding for finding in document["findings"] if finding["rule"] == "ID-CHECKSUM")
    assert finding["severity"] == "error"
    assert finding["register"] == "gvr"
    assert finding["expression"][0].startswith("Bundle.entry[0].resource.identifier[0]")
    assert finding["source"]["document"]
    assert finding["source"]["section"]
    assert finding["todo"]


def test_texts_come_in_both_languages(translator):
    translation = translate(translator, "utan-diagnos")
    texts = {
        lang: map_document(translation, "u", translator.catalogue, lang=lang)["findings"][0]["text"]
        for lang in ("sv", "en")
    }
    assert texts["sv"] != texts["en"]


def test_what_is_not_reported_names_the_rule(translator):
    document = map_document(translate(translator, "telefonsamtal"), "t", translator.catalogue)
    (entry,) = document["not_reported"]
    assert (entry["register"], entry["rule"]) == ("gvr", "GVR-DISTANS-ERSATTER-EJ")
    assert entry["text"]


def test_one_register_keeps_its_own_findings_and_those_of_all(translator):
    translation = translate(translator, "fel-kontrollsiffra")
    other = map_document(translation, "f", translator.catalogue, register="pasis")
    assert other["messages"] == []
    assert {finding["register"] for finding in other["findings"]} <= {None, "pasis"}


def test_the_trace_is_there_when_it_is_asked_for(translator):
    translation = translate(translator, "teambesok")
    assert "trace" not in map_document(translation, "t", translator.catalogue)
    lines = map_document(translation, "t", translator.catalogue, trace=True)["trace"]
    kod = next(line for line in lines if line["field"] == "diagnoser[0].kod")
    assert kod["value"] == "E119"
    assert kod["from"][0].endswith("code.coding[0].code")
    assert kod["register"] == "gvr"
