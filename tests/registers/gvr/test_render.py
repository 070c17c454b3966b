"""GVR messages: bodies against golden files, and what steers their lanes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from adapter.domain.event import Enhet, Kombika, Kontakt, Patient, Vardhandelse
from adapter.domain.message import RegisterMessage
from adapter.domain.trace import Provenance
from adapter.registers.gvr import GvrReceiver
from adapter.registers.gvr.parts import IDENTIFICATION
from adapter.registers.gvr.services import SERVICES
from adapter.registers.protocol import RegisterSettings
from adapter.resources import data_folder

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
SCHEMAS = {
    path.name.split(".")[0]: json.loads(path.read_text("utf-8"))
    for path in (data_folder("profiles") / "registers" / "gvr").glob("*.schema.json")
}
SCHEMA = SCHEMAS["vardkontakt"]
Origins = Callable[[Vardhandelse], Provenance]
replace = msgspec.structs.replace


def _read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return {"settings": {}, "service": "vardkontakt", **case}


def _rendered(case: dict[str, Any], origins: Origins) -> RegisterMessage:
    event = msgspec.convert(case["event"], Vardhandelse)
    receiver = GvrReceiver(msgspec.convert(case["settings"], RegisterSettings))
    assert case["service"] in receiver.services(event)
    (message,) = receiver.render(event, origins(event), "2025", case["service"])
    return message


def _message(event: Vardhandelse, origins: Origins, **settings: Any) -> RegisterMessage:
    (message,) = GvrReceiver(RegisterSettings(**settings)).render(
        event, origins(event), "2025", "vardkontakt"
    )
    return message


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        inner = [_leaves(each, f"{path}.{name}".lstrip(".")) for name, each in value.items()]
    elif isinstance(value, list):
        inner = [_leaves(each, f"{path}[{index}]") for index, each in enumerate(value)]
    else:
        return {path: value}
    return {leaf: each for leaves in inner for leaf, each in leaves.items()}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_body_is_the_golden_one_in_content_and_order(path: Path, origins: Origins) -> None:
    case = _read(path)
    message = _rendered(case, origins)
    assert json.dumps(message.body) == json.dumps(case["body"])
    assert message.service == case["service"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_member_has_one_trace_line_with_its_value(path: Path, origins: Origins) -> None:
    message = _rendered(_read(path), origins)
    assert [(line.field, line.value) for line in message.trace] == list(_leaves(message.body).items())
    assert {line.register for line in message.trace} == {"gvr"}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_reported_body_fits_the_schema_of_its_service(path: Path, origins: Origins) -> None:
    message = _rendered(_read(path), origins)
    if message.intent == "report":
        body = {name: value for name, value in message.body.items() if name != "handelse"}
        Draft202012Validator(SCHEMAS[message.service], format_checker=FormatChecker()).validate(body)


def test_every_service_has_golden_bodies_and_a_schema() -> None:
    assert set(SCHEMAS) == set(SERVICES)
    assert {_read(path)["service"] for path in GOLDEN} == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_the_schema_has_the_members_of_the_service_in_their_order(service: str) -> None:
    assert tuple(SCHEMAS[service]["properties"]) == (*IDENTIFICATION, *SERVICES[service].content)


def test_the_trace_names_the_members_own_origin(event: Vardhandelse, origins: Origins) -> None:
    lines = {line.field: line for line in _message(event, origins).trace}
    assert lines["diagnoser[1].kod"].source == ("Bundle.diagnoser[1].kod",)
    assert lines["vardgivare[1]"].by == ("RULE-personal[1].yrkeskategori", "gvr-vardkontakt:vardgivare")
    assert lines["enhet.klin"].source == ("Bundle.enhet.kombika.klin",)
    assert lines["akut"].source == ("Bundle.kontakt.akut",)


def test_a_member_takes_the_origin_of_its_group_when_it_has_none(
    event: Vardhandelse, origins: Origins
) -> None:
    provenance = origins(event)
    provenance["enhet.kombika"] = provenance.pop("enhet.kombika.avd")
    (message,) = GvrReceiver(RegisterSettings()).render(event, provenance, "2025", "vardkontakt")
    (line,) = [line for line in message.trace if line.field == "enhet.avd"]
    assert line.source == ("Bundle.enhet.kombika.avd",)


def test_a_member_without_origin_is_not_forwarded(event: Vardhandelse, origins: Origins) -> None:
    provenance = origins(event)
    del provenance["diagnoser[0].kod"]
    with pytest.raises(LookupError, match=r"diagnoser\[0\]\.kod"):
        GvrReceiver(RegisterSettings()).render(event, provenance, "2025", "vardkontakt")


def test_a_default_is_traced_to_the_setting(event: Vardhandelse, origins: Origins) -> None:
    bare = replace(event, kontakt=Kontakt(typ="telefonsamtal"))
    message = _message(bare, origins, default_besokstyp="2", default_taxa="05")
    lines = {line.field: line for line in message.trace}
    assert (lines["taxa"].source, lines["taxa"].by) == (
        (),
        ("config:registers.gvr.default_taxa", "gvr-vardkontakt:taxa"),
    )
    assert lines["besokTyp"].by == ("config:registers.gvr.default_besokstyp", "gvr-vardkontakt:besokTyp")


def test_of_two_besokstyper_none_is_chosen(event: Vardhandelse, origins: Origins) -> None:
    two = replace(event, kontakt=replace(event.kontakt, besokstyp=("1", "2")))
    assert "besokTyp" not in _message(two, origins, default_besokstyp="3").body


def test_a_cancelled_event_is_a_cancel(event: Vardhandelse, origins: Origins) -> None:
    assert _message(event, origins).intent == "report"
    assert _message(replace(event, status="cancelled"), origins).intent == "cancel"


@pytest.mark.parametrize("kind", ["koordineringsinsats", "fast_lakarkontakt", "vardtillfalle"])
def test_other_kinds_of_event_give_no_vardkontakt(kind: Any, event: Vardhandelse, origins: Origins) -> None:
    other = replace(event, kind=kind)
    assert list(GvrReceiver(RegisterSettings()).render(other, origins(other), "2025", "vardkontakt")) == []


def test_a_pending_contact_gives_no_message(event: Vardhandelse, origins: Origins) -> None:
    pending = replace(event, status="pending")
    assert (
        list(GvrReceiver(RegisterSettings()).render(pending, origins(pending), "2025", "vardkontakt")) == []
    )


def test_the_slot_is_the_event_and_names_nobody(event: Vardhandelse, origins: Origins) -> None:
    message = _message(event, origins)
    assert message.slot == message.event_id == event.event_id
    assert (message.edition, message.care_date, message.unit) == ("2025", "2025-03-03", "30216311002")
    assert event.patient.id not in message.identity + message.slot + message.unit


def test_the_unit_is_the_hsa_id_where_there_is_no_kombika(event: Vardhandelse, origins: Origins) -> None:
    elsewhere = replace(event, status="cancelled", enhet=Enhet(vardenhet="SE2321000016-14L1"))
    assert _message(elsewhere, origins).unit == "SE2321000016-14L1"


def test_the_identity_changes_with_patient_and_unit_and_nothing_else(
    event: Vardhandelse, origins: Origins
) -> None:
    identity = _message(event, origins).identity
    other_unit = Enhet(kombika=Kombika(inr="30216", klin="311", avd="003"))
    assert _message(replace(event, patient=Patient(id="195009072553")), origins).identity != identity
    assert _message(replace(event, enhet=other_unit), origins).identity != identity
    assert _message(replace(event, diagnoser=(), version="2"), origins).identity == identity


def test_two_events_of_one_patient_cannot_be_told_by_their_identities(
    event: Vardhandelse, origins: Origins
) -> None:
    other = replace(event, event_id="another-event")
    assert _message(event, origins).identity != _message(other, origins).identity


@pytest.mark.parametrize("service", SERVICES)
def test_every_name_but_the_units_is_marked_as_assumed(service: str) -> None:
    assumed = {name: member["x-assumed"] for name, member in SCHEMAS[service]["properties"].items()}
    assert {name for name, mark in assumed.items() if not mark} == {"enhet"}
    kombika = SCHEMAS[service]["$defs"]["kombika"]
    assert not any(part["x-assumed"] for part in kombika["properties"].values())
