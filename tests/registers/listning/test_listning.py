"""The listing service: one link per patient, and the file of a batch."""

import json
from collections.abc import Callable
from hashlib import blake2b

import jsonschema
import pytest
from msgspec.structs import replace

from adapter.domain.event import Patient, Personal, Tid, Vardhandelse
from adapter.domain.message import Operation
from adapter.domain.naming_key import NamingKey
from adapter.domain.trace import Provenance
from adapter.errors import ConfigurationError
from adapter.registers.files.batch import record_of
from adapter.registers.files.desk import BatchDesk
from adapter.registers.listning import ListningReceiver
from adapter.registers.listning.layout import ListningLayout
from adapter.registers.protocol import RegisterSettings, Request
from adapter.resources import data_folder

SCHEMA = json.loads(
    (data_folder("profiles") / "registers/listning/fast-lakarkontakt.schema.json").read_text("utf-8")
)
RECEIVER = ListningReceiver(RegisterSettings(naming=NamingKey(b"a key of the tests")))
SERVICE = "fast-lakarkontakt"
Origins = Callable[[Vardhandelse], Provenance]


@pytest.fixture
def link() -> Vardhandelse:
    """A patient's named physician since 1 February. The patient is a public test person."""
    return Vardhandelse(
        event_id="b5a3c1e0f2d4-0001",
        kind="fast_lakarkontakt",
        status="final",
        patient=Patient(id="191212121212", kind="personnummer"),
        tid=Tid(startdatum="2026-02-01"),
        personal=(Personal(hsa_id="SE2321000131-P000000000001", lakare=True, huvudansvarig=True),),
    )


def test_a_link_is_patient_physician_and_day(link, origins):
    [message] = RECEIVER.render(link, origins(link), "2026", SERVICE)
    assert message.body == {
        "patientId": "191212121212",
        "lakareHsaId": "SE2321000131-P000000000001",
        "fran": "2026-02-01",
    }
    jsonschema.validate(message.body, SCHEMA)
    assert {line.field for line in message.trace} == set(message.body)


def test_the_lane_is_the_patient_whoever_is_the_physician_and_whoever_says_so(link, origins):
    other = replace(
        link,
        event_id="another",
        personal=(Personal(hsa_id="SE2321000131-P2"),),
        tid=Tid(startdatum="2026-05-01"),
    )
    one, two = (RECEIVER.render(event, origins(event), "2026", SERVICE)[0] for event in (link, other))
    assert (one.slot, one.identity) == (two.slot, two.identity)
    assert "191212121212" not in one.slot


def lane(link, origins, settings):
    return ListningReceiver(settings).render(link, origins(link), "2026", SERVICE)[0].slot


def test_who_sees_a_lane_cannot_find_the_patient_by_trying_all_numbers(link, origins):
    plain = blake2b(b"191212121212", digest_size=16, person=b"vardbro-listning").hexdigest()
    keyed = lane(link, origins, RegisterSettings(naming=NamingKey(b"one")))
    assert keyed not in (plain, lane(link, origins, RegisterSettings(naming=NamingKey(b"other"))))


def test_a_ledger_that_began_without_a_key_keeps_its_lanes(link, origins):
    plain = blake2b(b"191212121212", digest_size=16, person=b"vardbro-listning").hexdigest()
    assert lane(link, origins, RegisterSettings(naming=NamingKey(b""))) == plain


def test_the_record_of_a_file_is_known_by_its_lane(link, origins):
    [message] = RECEIVER.render(link, origins(link), "2026", SERVICE)
    assert RECEIVER.record(message.body) == message.slot


def test_another_patient_has_another_lane(link, origins):
    other = replace(link, patient=Patient(id="195009072553", kind="personnummer"))
    one, two = (RECEIVER.render(event, origins(event), "2026", SERVICE)[0] for event in (link, other))
    assert one.slot != two.slot


@pytest.mark.parametrize("change", [{"kind": "vardkontakt"}, {"patient": Patient()}])
def test_what_is_no_link_of_a_patient_gives_no_message(link, origins, change):
    event = replace(link, **change)
    assert RECEIVER.render(event, origins(event), "2026", SERVICE) == ()


def test_a_link_that_is_withdrawn_is_a_row_without_a_physician(link, origins):
    [message] = RECEIVER.render(link, origins(link), "2026", SERVICE)
    record = record_of(RECEIVER.request(Operation.CANCEL, SERVICE, message.body, "k"))
    assert ListningLayout().encode([record], "b").decode() == (
        "personnummer;hsaId;fromDatum\n191212121212;;2026-02-01\n"
    )


def row(patient: str, since: str, physician: str = "SE2321000131-P1") -> Request:
    body = {"patientId": patient, "lakareHsaId": physician, "fran": since}
    return RECEIVER.request(Operation.CREATE, SERVICE, body, "k")


def test_the_file_has_heads_and_a_row_per_patient_sorted():
    layout = ListningLayout()
    records = [record_of(row(number, "2026-02-01")) for number in ("195009072553", "191212121212")]
    text = layout.encode(layout.arranged(records), "b").decode()
    assert text.splitlines() == [
        "personnummer;hsaId;fromDatum",
        "191212121212;SE2321000131-P1;2026-02-01",
        "195009072553;SE2321000131-P1;2026-02-01",
    ]


def test_of_two_rows_of_a_patient_the_newest_day_stands():
    layout = ListningLayout()
    rows = [row("191212121212", since, since) for since in ("2026-02-01", "2026-05-01", "2026-03-01")]
    [record] = layout.arranged([record_of(one) for one in rows])
    assert b"2026-05-01" in record.body


def test_heads_can_be_renamed():
    layout = ListningLayout({"patientId": "pnr"})
    assert layout.encode([], "b") == b"pnr;hsaId;fromDatum\n"


@pytest.mark.parametrize("settings", [{"rename": {"personnummer": "pnr"}}, {"paths": {SERVICE: "/x"}}])
def test_settings_of_something_that_there_is_not_are_refused(settings):
    with pytest.raises(ConfigurationError):
        ListningReceiver(RegisterSettings(**settings))


def test_neither_manifest_nor_file_names_nor_index_hold_the_patients_number(tmp_path):
    desk = BatchDesk("listning", tmp_path, ListningLayout())
    assert desk.serve([row("191212121212", "2026-02-01")])[0].status == 200
    holding = [
        file for file in tmp_path.rglob("*") if file.is_file() and b"191212121212" in file.read_bytes()
    ]
    assert [file.suffix for file in holding] == [".csv"]
    assert not [file for file in tmp_path.rglob("*") if "191212121212" in file.name]


def test_the_records_of_the_manifest_stand_in_the_order_of_the_rows(tmp_path):
    desk = BatchDesk("listning", tmp_path, ListningLayout())
    rows = [row("195009072553", "2026-02-01"), row("191212121212", "2026-02-01")]
    desk.serve(rows)
    [manifest] = [json.loads(file.read_text()) for file in tmp_path.glob("*.manifest.json")]
    assert manifest["records"] == [rows[1].path.split("/")[-1], rows[0].path.split("/")[-1]]
    assert manifest["format"] == "csv"
