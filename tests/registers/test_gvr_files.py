"""GVR over files: event documents, from an event to what lies in the folder."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from adapter.domain.event import Kontakt, Lakemedel, Patient, Slutenvard, Vardhandelse
from adapter.domain.message import Found, Operation
from adapter.domain.trace import Provenance
from adapter.registers.gvr import GvrReceiver
from adapter.registers.gvr.xml import load_schema
from adapter.registers.gvr_files import GvrFileReceiver, gvr_receiver
from adapter.registers.protocol import Answer, RegisterSettings, Request
from adapter.registers.transports import desk_for
from adapter.resources import data_folder

Origins = Callable[[Vardhandelse], Provenance]
replace = msgspec.structs.replace
SHARED = Path(os.environ.get("VARDBRO_SHARED", Path(__file__).parents[3] / "shared"))
PUBLISHED = SHARED / "schemas" / "ERSMOIndata2.2.xsd"
OWN = data_folder("profiles") / "registers" / "gvr" / "handelse.xsd"
XML = RegisterSettings(transport="file", format="xml")


def body(event: Vardhandelse, origins: Origins, settings: RegisterSettings = XML) -> dict[str, Any]:
    receiver = gvr_receiver(settings)
    (service,) = receiver.services(event)[:1]
    (message,) = receiver.render(event, origins(event), "2025", service)
    return message.body


@pytest.fixture
def stay(event: Vardhandelse) -> Vardhandelse:
    """An ended stay with everything that a document tells of one."""
    return replace(
        event,
        kind="vardtillfalle",
        tid=replace(event.tid, slutdatum="2025-03-07", sluttid="11:00"),
        lakemedel=(Lakemedel(kod="J01CE01", datum="2025-03-04", diagnos=1),),
        slutenvard=Slutenvard(
            viste_fore="1",
            viste_efter="3",
            vard_efter="4",
            utskrivande=event.kontakt.remittent,
            utskriven=True,
        ),
    )


def request(operation: Operation, told: dict[str, Any]) -> Request:
    receiver = gvr_receiver(XML)
    service = (
        "inskrivning" if told.get("handelse", {}).get("form") == "Slutenvårdstillfälle" else "vardkontakt"
    )
    return receiver.request(operation, service, told, "key")


def delivered(folder: Path, *requests: Request) -> bytes:
    """What lies in the folder after these requests, which make one batch."""
    desk = desk_for("gvr", replace(XML, folder=str(folder)))
    assert [answer.status for answer in desk.serve(requests)] == [200] * len(requests)
    (file,) = (file for file in folder.iterdir() if file.suffix == ".xml")
    return file.read_bytes()


def test_the_settings_choose_the_receiver() -> None:
    assert type(gvr_receiver(RegisterSettings())) is GvrReceiver
    assert type(gvr_receiver(XML)) is GvrFileReceiver


def test_a_document_has_more_to_say_than_a_rest_body(event: Vardhandelse, origins: Origins) -> None:
    told = replace(event, patient=replace(event.patient, lkf="018001"))
    more = body(told, origins)
    assert more.pop("handelse") == {
        "form": "Öppenvårdskontakt",
        "fodelsedatum": "1912-12-12",
        "kon": "M",
        "lkf": "018001",
    }
    assert more == body(told, origins, RegisterSettings())


def test_where_a_protected_patient_lives_is_left_out(event: Vardhandelse, origins: Origins) -> None:
    patient = replace(event.patient, lkf="018001", skyddad=True)
    assert "lkf" not in body(replace(event, patient=patient), origins)["handelse"]


def test_what_a_document_adds_has_its_trace(event: Vardhandelse, origins: Origins) -> None:
    home = replace(event, kontakt=replace(event.kontakt, hemsjukvard=True))
    receiver = gvr_receiver(XML)
    (message,) = receiver.render(home, origins(home), "2025", "vardkontakt")
    (line,) = [line for line in message.trace if line.field == "handelse.form"]
    assert (line.value, line.source) == ("Hemsjukvårdskontakt", ("Bundle.kontakt.hemsjukvard",))


def test_a_stay_is_one_message_with_all_that_is_known(stay: Vardhandelse, origins: Origins) -> None:
    assert gvr_receiver(XML).services(stay) == ("inskrivning",)
    begun = replace(stay, slutenvard=Slutenvard(viste_fore="1"))
    assert "utskrivningsdatum" not in body(begun, origins)
    told = body(stay, origins)
    assert (told["utskrivningsdatum"], told["visteFore"], told["visteEfter"]) == ("2025-03-07", "1", "3")
    assert told["handelse"]["lakemedel"] == [{"kod": "J01CE01", "datum": "2025-03-04", "diagnos": 1}]


def test_a_batch_becomes_one_valid_document(
    event: Vardhandelse, stay: Vardhandelse, origins: Origins, tmp_path: Path
) -> None:
    other = replace(stay, event_id="ev-stay")
    gone = replace(event, event_id="ev-gone")
    document = etree.fromstring(
        delivered(
            tmp_path,
            request(Operation.CREATE, body(event, origins)),
            request(Operation.UPDATE, body(other, origins)),
            request(Operation.CANCEL, body(gone, origins)),
        )
    )
    for schema in (OWN, PUBLISHED) if PUBLISHED.exists() else (OWN,):
        load_schema(schema).assertValid(document)
    assert [(one.get("ID"), one.get("Makulerad")) for one in document] == [
        (event.event_id, "false"),
        ("ev-stay", "false"),
        ("ev-gone", "true"),
    ]
    (vardkontakt,) = document[1].iter("Vårdkontakt")
    assert vardkontakt.get("Händelseform") == "Slutenvårdstillfälle"
    assert document[1].get("Slutdatum") == "2025-03-07"
    assert document[1].get("Slutverksamhet") == "17101011M04"
    coded = {str(one.tag): (one.get("Klass"), one.get("Kod")) for one in vardkontakt if one.get("Kod")}
    assert coded == {
        "VisteFöre": ("002", "1"),
        "RemissFöre": ("009", "17101011M04"),
        "VisteEfter": ("003", "3"),
        "VårdEfter": ("004", "4"),
    }
    drugs = [one for one in vardkontakt.iter("Åtgärd") if one.get("Klass") == "020"]
    assert [(one.get("Kod"), one.get("OrdnNr"), one.get("DiagnosNr")) for one in drugs] == [
        ("J01CE01", "2", "1")
    ]


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published XML schema is not here")
def test_the_published_schema_took_part() -> None:
    assert load_schema(PUBLISHED) is not None


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"patient": Patient(id="19810829M071")}, "patient.id"),
        ({"patient": Patient()}, "patient.id"),
    ],
)
def test_a_body_that_a_document_has_no_form_for_makes_no_request(
    change: dict[str, Any], member: str, event: Vardhandelse, origins: Origins
) -> None:
    with pytest.raises(ValueError, match=member) as raised:
        request(Operation.CREATE, body(replace(event, **change), origins))
    assert "19810829M071" not in str(raised.value)


def test_nor_does_one_that_was_made_for_rest(event: Vardhandelse, origins: Origins) -> None:
    with pytest.raises(ValueError, match="remap"):
        request(Operation.CREATE, body(event, origins, RegisterSettings()))


def test_the_index_of_what_was_delivered_answers_a_look_up(
    event: Vardhandelse, origins: Origins, tmp_path: Path
) -> None:
    receiver = gvr_receiver(XML)
    desk = desk_for("gvr", replace(XML, folder=str(tmp_path)))
    told, newer = (
        body(one, origins) for one in (event, replace(event, kontakt=Kontakt(besokstyp=("2",), taxa="02")))
    )
    question = receiver.lookup("vardkontakt", told)
    assert question is not None
    assert receiver.read_lookup(Operation.CREATE, told, desk.serve([question])[0]) is Found.ABSENT
    desk.serve([receiver.request(Operation.CREATE, "vardkontakt", told, None)])
    answer = desk.serve([question])[0]
    assert receiver.read_lookup(Operation.CREATE, told, answer) is Found.EQUAL
    assert receiver.read_lookup(Operation.UPDATE, newer, answer) is Found.DIFFERENT


def test_a_file_in_its_place_is_accepted() -> None:
    assert gvr_receiver(XML).read(Operation.CREATE, {}, Answer(status=200)).kind == "accepted"
