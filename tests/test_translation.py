"""From bytes to messages, with the installed packs, maps and tables."""

import copy
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from adapter.config.model import Config
from adapter.domain.canonical import extension
from adapter.offline import build_translator
from adapter.registers.gvr import GvrReceiver
from adapter.registers.listning import ListningReceiver
from adapter.registers.pasis import PasisReceiver
from adapter.registers.signe import SigneReceiver
from adapter.resources import data_folder
from adapter.translation import Translation, Translator

Json = dict[str, Any]


@pytest.fixture(scope="module")
def translator() -> Translator:
    config = Config()
    return build_translator(config, {"gvr": GvrReceiver(config.registers.gvr.settings())})[0]


@pytest.fixture(scope="module")
def translate(translator: Translator) -> Callable[[Json], Translation]:
    return lambda bundle: translator.translate(translator.read(orjson.dumps(bundle)))


def sample(name: str) -> Json:
    return copy.deepcopy(orjson.loads((data_folder("samples") / f"{name}.json").read_bytes()))


def rules(translation: Translation) -> set[str]:
    return {finding.rule for finding in translation.all_findings}


def encounter(bundle: Json, number: int = 0) -> Json:
    found = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Encounter"]
    return found[number]["resource"]


def test_a_visit_becomes_one_message_with_a_line_of_trace_for_every_field(translate):
    (contact,) = translate(sample("mottagningsbesok-lakare")).contacts
    (verdict,) = contact.verdicts
    (message,) = verdict.messages
    assert verdict.fate == "message"
    assert {line.field for line in message.trace} == set(_leaves(message.body))
    assert all(line.source or line.by for line in message.trace)


def _leaves(value: Any, path: str = "") -> list[str]:
    if isinstance(value, dict):
        return [
            leaf for name, inner in value.items() for leaf in _leaves(inner, f"{path}.{name}".lstrip("."))
        ]
    if isinstance(value, list):
        return [leaf for index, inner in enumerate(value) for leaf in _leaves(inner, f"{path}[{index}]")]
    return [path]


def test_the_same_bytes_give_the_same_translation(translator):
    raw = (data_folder("samples") / "gruppbesok.json").read_bytes()
    first, second = (translator.translate(translator.read(raw)) for _ in range(2))
    assert first.contacts == second.contacts


def test_a_transaction_with_a_broken_entry_is_not_mapped_at_all(translate):
    bundle = sample("gruppbesok")
    encounter(bundle)["status"] = "completed"
    translation = translate(bundle)
    assert translation.contacts == ()
    assert "FHIR-CODE" in rules(translation)


def test_a_broken_entry_of_a_batch_refuses_its_own_contact_only(translate):
    bundle = sample("batch-med-ett-fel")
    encounter(bundle, 0)["status"] = "completed"
    fates = [contact.verdicts[0].fate for contact in translate(bundle).contacts]
    assert fates == ["refused", "message"]


def test_a_contact_that_a_broken_condition_belongs_to_is_held_back_in_a_batch(translate):
    bundle = sample("batch-med-ett-fel")
    condition = next(
        entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Condition"
    )
    condition["recordedDate"] = "i går"
    translation = translate(bundle)
    assert [contact.refused for contact in translation.contacts] == [True, True, False]
    assert "INTAKE-HELD-BACK" in rules(translation)


def test_a_bundle_without_a_contact_is_told_so(translate):
    bundle = sample("mottagningsbesok-lakare")
    bundle["entry"] = bundle["entry"][:2]
    assert rules(translate(bundle)) == {"INTAKE-NO-CONTACT"}


def test_a_bundle_of_a_type_that_hands_nothing_over_is_refused(translate):
    bundle = sample("mottagningsbesok-sjukskoterska") | {"type": "searchset"}
    assert "INTAKE-BUNDLE-TYPE" in rules(translate(bundle))


@pytest.mark.parametrize("method", ["GET", "PATCH", "HEAD"])
def test_an_entry_that_asks_instead_of_telling_is_refused(translate, method):
    bundle = sample("mottagningsbesok-lakare")
    bundle["entry"][0]["request"]["method"] = method
    translation = translate(bundle)
    assert translation.contacts == ()
    assert "INTAKE-METHOD" in rules(translation)


def test_only_an_encounter_can_be_deleted(translate):
    bundle = sample("makulering-med-delete")
    bundle["entry"][0]["request"]["url"] = "Condition/1"
    assert "INTAKE-METHOD" in rules(translate(bundle))


def test_a_cancellation_is_judged_by_no_rule(translate):
    (contact,) = translate(sample("makulering")).contacts
    (message,) = contact.verdicts[0].messages
    assert message.intent == "cancel"
    assert not contact.refused


def test_a_late_report_is_judged_by_the_edition_of_its_date_of_care(translate):
    bundle = sample("mottagningsbesok-lakare")
    encounter(bundle)["period"] = {
        "start": "2024-12-31T22:30:00+01:00",
        "end": "2024-12-31T22:50:00+01:00",
    }
    late = translate(bundle).contacts[0].verdicts[0].edition
    now = translate(sample("mottagningsbesok-lakare")).contacts[0].verdicts[0].edition
    assert (late, now) == ("gvr-vardkontakt-2024", "gvr-vardkontakt-2025")


def test_an_override_of_the_date_picks_the_edition(translator):
    reading = translator.read((data_folder("samples") / "mottagningsbesok-lakare.json").read_bytes())
    verdict = translator.translate(reading, at="2020-01-01").contacts[0].verdicts[0]
    assert verdict.edition == "gvr-vardkontakt-2024"


def test_what_a_table_may_mend_is_held_and_not_refused(translate):
    (contact,) = translate(sample("enhet-utan-kombika")).contacts
    assert contact.verdicts[0].fate == "held"
    assert not contact.refused


def test_an_error_of_the_mapping_names_the_register_that_it_stops(translate):
    findings = [
        finding
        for finding in translate(sample("fel-kontrollsiffra")).all_findings
        if finding.rule == "ID-CHECKSUM"
    ]
    assert [finding.register for finding in findings] == ["gvr"]


def test_without_a_register_nothing_is_rendered_and_nothing_refused():
    translator = build_translator(Config(), {})[0]
    raw = (data_folder("samples") / "mottagningsbesok-lakare.json").read_bytes()
    (contact,) = translator.translate(translator.read(raw)).contacts
    assert contact.verdicts == ()
    assert not contact.refused


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_a_bundle_under_rules_of_its_own_is_refused_whole(translate, kind):
    found = translate(sample("mottagningsbesok-lakare") | {"type": kind, "implicitRules": "urn:x"})
    (finding,) = [one for one in found.findings if one.severity == "error"]
    assert (finding.rule, finding.expression) == ("FHIR-IMPLICIT-RULES", ("Bundle.implicitRules",))


def test_rules_that_a_resource_was_made_under_are_seen_in_its_bytes(translate):
    bundle = sample("mottagningsbesok-lakare")
    encounter(bundle)["implicitRules"] = "urn:x"
    (contact,) = translate(bundle).contacts
    assert contact.refused


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("Patient", True),
        ("Patient/5", True),
        ("Encounter", False),
        ("Encounter/5", False),
        ("Encounter?identifier=a|b", False),
        ("https://journal.example/fhir/Encounter/5", False),
    ],
)
def test_a_request_for_another_type_is_warned_of_and_taken(translate, url, told):
    bundle = sample("mottagningsbesok-lakare")
    (entry,) = [one for one in bundle["entry"] if one["resource"]["resourceType"] == "Encounter"]
    entry["request"]["url"] = url
    found = translate(bundle)
    warned = [one.severity for one in found.findings if one.rule == "FHIR-REQUEST-TYPE"]
    assert warned == (["warning"] if told else [])
    assert not found.contacts[0].refused


def test_a_contradicted_contact_type_is_not_taken_for_one_that_is_not_reported(translate):
    bundle = sample("video-ersatter-ej-besok")
    encounter(bundle)["extension"].append({"url": extension("ersatter-besok"), "valueBoolean": True})
    (contact,) = translate(bundle).contacts
    assert contact.verdicts[0].fate == "refused"
    assert any(finding.rule.startswith("KT-") for finding in contact.findings)


def test_an_unsound_identity_does_not_refuse_what_the_register_is_not_told_of(translate):
    bundle = sample("telefonsamtal")
    patient = bundle["entry"][0]["resource"]
    patient["identifier"][0]["value"] = "191212121213"
    (contact,) = translate(bundle).contacts
    assert contact.verdicts[0].fate == "not-reported"
    assert not contact.refused


def test_a_wrong_number_stops_no_register_that_is_not_told_it():
    config = Config(registers={"signe": {"pseudonym_key": "a key of this test alone"}})
    receivers = {
        "gvr": GvrReceiver(config.settings_of("gvr")),
        "signe": SigneReceiver(config.settings_of("signe")),
    }
    translator = build_translator(config, receivers)[0]
    found = translator.translate(translator.read(orjson.dumps(sample("fel-kontrollsiffra"))))
    fates = {verdict.register: verdict.fate for contact in found.contacts for verdict in contact.verdicts}
    assert fates == {"gvr": "refused", "signe": "message"}


@pytest.mark.parametrize("name", ["motsagande-kanal", "fel-kontrollsiffra", "mottagningsbesok-lakare"])
def test_what_is_wrong_with_a_contact_is_no_concern_of_a_register_that_takes_none(name):
    config = Config()
    receivers = {
        "gvr": GvrReceiver(config.settings_of("gvr")),
        "listning": ListningReceiver(config.settings_of("listning")),
    }
    translator = build_translator(config, receivers)[0]
    bundle = sample(name)
    for dated in (True, False):
        if not dated:
            encounter(bundle).pop("period")
        found = translator.translate(translator.read(orjson.dumps(bundle)))
        [verdict] = [one for one in found.contacts[0].verdicts if one.register == "listning"]
        assert (verdict.fate, verdict.findings) == ("not-reported", ())
        assert verdict.not_reported == ("LISTNING-ANNAN-HANDELSE",)


@pytest.mark.parametrize("fault", ["kombika", "taxa"])
def test_what_only_gvr_has_a_use_for_holds_back_gvr_alone(fault):
    config = Config()
    receivers = {
        "gvr": GvrReceiver(config.registers.gvr.settings()),
        "pasis": PasisReceiver(config.registers.pasis.settings()),
    }
    translator = build_translator(config, receivers)[0]
    bundle = sample("mottagningsbesok-lakare")
    if fault == "kombika":
        unit = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Organization")
        kombika = next(one for one in unit["identifier"] if "kombika" in one["system"])
        kombika["value"] = "3021631"
    else:
        taxa = next(one for one in encounter(bundle)["extension"] if one["url"] == extension("taxa"))
        other = {**taxa, "valueCoding": {**taxa["valueCoding"], "code": "02"}}
        encounter(bundle)["extension"].append(other)
    (contact,) = translator.translate(translator.read(orjson.dumps(bundle))).contacts
    fates = {verdict.register: verdict.fate for verdict in contact.verdicts}
    assert fates == {"gvr": "refused", "pasis": "message"}


def _four_registers() -> Translator:
    config = Config(registers={"signe": {"pseudonym_key": "a key of this test alone"}})
    receivers = {
        "gvr": GvrReceiver(config.settings_of("gvr")),
        "pasis": PasisReceiver(config.settings_of("pasis")),
        "signe": SigneReceiver(config.settings_of("signe")),
        "listning": ListningReceiver(config.settings_of("listning")),
    }
    return build_translator(config, receivers)[0]


def _named_physician(since: str) -> Json:
    """A bundle that names a fast läkarkontakt, and holds no contact."""
    dated = {"url": extension("fast-lakarkontakt-fran"), "valueDate": since}
    bundle = sample("mottagningsbesok-lakare")
    patient = bundle["entry"][0]["resource"]
    patient["generalPractitioner"] = [{"reference": "Practitioner/lakare", "extension": [dated]}]
    return {**bundle, "entry": bundle["entry"][:1]}


@pytest.mark.parametrize("since", ["2026", "1999-01-01"])
def test_a_fast_lakarkontakt_concerns_the_listing_service_alone_whatever_is_wrong_with_it(since):
    translator = _four_registers()
    bundle = _named_physician(since)
    bundle["entry"][0]["resource"]["identifier"][0]["value"] = "191212121213"
    (contact,) = translator.translate(translator.read(orjson.dumps(bundle))).contacts
    silent = {one.register: one for one in contact.verdicts if one.register != "listning"}
    assert {one.fate for one in silent.values()} == {"not-reported"}
    assert all(not one.findings and one.not_reported for one in silent.values())
    (asked,) = [one for one in contact.verdicts if one.register == "listning"]
    assert asked.fate != "not-reported"
    assert "ID-CHECKSUM" in {finding.rule for finding in asked.findings}


def test_a_contact_that_may_have_been_forgotten_is_missed_where_contacts_are_taken():
    translator = _four_registers()
    bundle = _named_physician("2026-02-01")
    bundle["entry"][0]["resource"]["generalPractitioner"] = [{"reference": "Practitioner/lakare"}]
    (contact,) = translator.translate(translator.read(orjson.dumps(bundle))).contacts
    told = {one.register for one in contact.findings if one.rule == "CONTACT-NONE-BUT-PHYSICIAN"}
    assert told == {"gvr", "pasis", "signe", "listning"}
    assert contact.refused


def test_an_undated_stay_holds_back_only_the_register_that_is_told_of_stays():
    translator = _four_registers()
    bundle = sample("slutenvard-avslutad")
    encounter(bundle).pop("period")
    (contact,) = translator.translate(translator.read(orjson.dumps(bundle))).contacts
    fates = {verdict.register: verdict.fate for verdict in contact.verdicts}
    assert fates == {
        "gvr": "refused",
        "pasis": "not-reported",
        "signe": "not-reported",
        "listning": "not-reported",
    }


def test_doubt_about_what_kind_of_contact_it_is_holds_back_who_would_take_the_other_kind():
    translator = _four_registers()
    bundle = sample("rehabkoordinering")
    encounter(bundle)["type"] = [
        {"coding": [{"system": "https://vardbro.example/fhir/CodeSystem/vardkontakttyp", "code": "hembesok"}]}
    ]
    (contact,) = translator.translate(translator.read(orjson.dumps(bundle))).contacts
    found = {verdict.register: {one.rule for one in verdict.findings} for verdict in contact.verdicts}
    assert "KT-KOORDINERING-MOTSAGD" in found["pasis"]
    assert found["listning"] == set()


CAME = 1_741_000_000.0
"""2025-03-03T11:06:40Z."""


@pytest.mark.parametrize(
    ("start", "ahead"),
    [
        ("2025-03-04T12:06:40+01:00", False),
        ("2025-03-04T12:06:41+01:00", True),
        ("2025-03-04T11:06:41Z", True),
        ("2025-03-04", False),
        ("2025-03-05", True),
    ],
)
def test_a_finished_contact_more_than_a_day_after_the_bundle_came_is_warned_of(translator, start, ahead):
    bundle = sample("mottagningsbesok-lakare")
    encounter(bundle)["period"] = {"start": start}
    found = translator.translate(translator.read(orjson.dumps(bundle)), arrived=CAME)
    assert ("TIME-AHEAD" in rules(found)) is ahead
    assert found.contacts[0].verdicts[0].fate == "message"


def test_an_end_that_lies_ahead_is_warned_of_once(translator):
    bundle = sample("mottagningsbesok-lakare")
    encounter(bundle)["period"] = {"start": "2025-03-03T08:00:00+01:00", "end": "2025-05-03T08:00:00+01:00"}
    found = translator.translate(translator.read(orjson.dumps(bundle)), arrived=CAME)
    (warning,) = [one for one in found.all_findings if one.rule == "TIME-AHEAD"]
    assert warning.expression[0].endswith(".period.end")


@pytest.mark.parametrize(("performed", "ahead"), [("2025-03-04", False), ("2025-05-03", True)])
def test_an_action_that_lies_ahead_is_warned_of_at_its_own_date(translator, performed, ahead):
    bundle = sample("mottagningsbesok-lakare")
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Procedure":
            entry["resource"]["performedDateTime"] = performed
    found = translator.translate(translator.read(orjson.dumps(bundle)), arrived=CAME)
    warnings = [one for one in found.all_findings if one.rule == "TIME-AHEAD"]
    assert bool(warnings) is ahead
    assert all(one.expression[0].endswith(".performedDateTime") for one in warnings)


@pytest.mark.parametrize("status", ["planned", "cancelled"])
def test_what_is_planned_or_cancelled_may_lie_ahead(translator, status):
    bundle = sample("mottagningsbesok-lakare")
    encounter(bundle).update(status=status, period={"start": "2026-03-03T08:00:00+01:00"})
    assert "TIME-AHEAD" not in rules(
        translator.translate(translator.read(orjson.dumps(bundle)), arrived=CAME)
    )


def test_without_an_arrival_no_contact_lies_ahead(translate):
    bundle = sample("mottagningsbesok-lakare")
    encounter(bundle)["period"] = {"start": "2999-03-03T08:00:00+01:00"}
    assert "TIME-AHEAD" not in rules(translate(bundle))


MODIFIER = [{"url": "https://journal.example/negerad", "valueBoolean": True}]


@pytest.mark.parametrize(
    ("name", "kind", "fate"),
    [("makulering", "Encounter", "refused"), ("makulering", "Condition", "message"),
     ("makulering-med-delete", None, "refused")],
)  # fmt: skip
def test_a_cancellation_that_an_unknown_modifier_may_turn_around_is_not_carried_out(
    translate, name, kind, fate
):
    bundle = sample(name)
    if kind is None:
        bundle["entry"][0]["modifierExtension"] = MODIFIER
    for entry in bundle["entry"]:
        if kind is not None and entry["resource"]["resourceType"] == kind:
            entry["resource"]["modifierExtension"] = MODIFIER
    (contact,) = translate(bundle).contacts
    assert {verdict.fate for verdict in contact.verdicts} == {fate}
