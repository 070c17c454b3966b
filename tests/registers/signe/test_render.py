"""SIGN-e's records: who is told of what, under which pseudonym, and what never leaves."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import orjson
import pytest
from msgspec.structs import replace

from adapter.config.model import Config
from adapter.domain.event import Atgard, Enhet, Kontakt, Personal, Tillgang, Vardgaranti, Vardhandelse
from adapter.domain.message import Operation
from adapter.domain.trace import Provenance
from adapter.errors import ConfigurationError
from adapter.offline import offline_translator
from adapter.registers.protocol import RegisterSettings
from adapter.registers.signe import SigneReceiver
from adapter.registers.signe.kontaktform import kontaktform
from adapter.resources import data_folder

KEY = b"a key of this test alone"
SCHEMA = json.loads((data_folder("profiles") / "registers/signe/vardkontakt.schema.json").read_text("utf-8"))
DOCTOR = Personal(
    hsa_id="SE2321000016-9X4T", yrkesgrupp="lakare", yrkeskod="XS915", legitimerad=True, lakare=True
)
NURSE = Personal(hsa_id="SE2321000016-9X4U", yrkesgrupp="sjukskoterska", yrkeskod="XS919", legitimerad=True)
Origins = Callable[[Vardhandelse], Provenance]


@pytest.fixture
def visit(event: Vardhandelse) -> Vardhandelse:
    """A first visit to a physician that fills every member of a record."""
    return replace(
        event,
        patient=replace(event.patient, alder=112),
        kontakt=Kontakt(typ="mottagningsbesok", kanal="fysisk", planerad=True),
        personal=(DOCTOR,),
        tillgang=Tillgang(
            nybesok=True,
            kompetens=False,
            delomrade="allmanlakarvard",
            medicinskt_maldatum="2025-03-05",
            avvikelseorsak="patientvald",
            erbjuden="2025-03-02",
        ),
        vardgaranti=Vardgaranti(omfattas=True, start="2025-03-01", dagar=2, inom=True, regel="VG"),
    )


@pytest.fixture
def bodies(origins: Origins) -> Callable[[Vardhandelse], list[dict[str, Any]]]:
    receiver = SigneReceiver(RegisterSettings(pseudonym_key=KEY))

    def render(event: Vardhandelse) -> list[dict[str, Any]]:
        messages = receiver.render(event, origins(event), "2021", "vardkontakt")
        for message in messages:
            if message.intent == "report":
                jsonschema.validate(message.body, SCHEMA)
        return [message.body for message in messages]

    return render


def test_a_visit_is_one_record_with_every_member(visit, bodies):
    [body] = bodies(visit)
    pseudonym = body.pop("kontaktId")
    assert len(pseudonym) == 64
    assert body == {
        "enhet": "SE2321000016-14L1",
        "datum": "2025-03-03",
        "kontaktform": "besok",
        "yrke": "XS915",
        "legitimerad": True,
        "nybesok": True,
        "planerat": True,
        "kompetens": "NEJ",
        "delomrade": "allmanlakarvard",
        "vardgaranti": {"omfattas": True, "start": "2025-03-01", "dagar": 2, "inom": True},
        "medicinsktMaldatum": "2025-03-05",
        "avvikelseorsak": "patientvald",
        "kon": "M",
        "alder": 112,
        "diagnoser": ["J189", "B341A"],
        "atgarder": ["XS012"],
    }


def test_what_the_sender_does_not_say_is_null(visit, bodies):
    bare = replace(
        visit,
        patient=replace(visit.patient, kon=None, alder=None),
        kontakt=replace(visit.kontakt, planerad=None),
        personal=(Personal(hsa_id="SE2321000016-9X4T"),),
        tillgang=Tillgang(),
        vardgaranti=Vardgaranti(),
        diagnoser=(),
        atgarder=(),
    )
    [body] = bodies(bare)
    assert {name for name, value in body.items() if value is None} == {
        "legitimerad", "nybesok", "planerat", "kompetens", "delomrade", "vardgaranti", "medicinsktMaldatum",
        "avvikelseorsak", "kon", "alder",
    }  # fmt: skip
    assert body["yrke"] == "XS922"
    assert "diagnoser" not in body


def test_a_team_is_one_record_for_each_of_the_staff_with_all_diagnoses_and_actions(visit, bodies):
    team = replace(visit, kontakt=replace(visit.kontakt, typ="teambesok"), personal=(DOCTOR, NURSE))
    doctor, nurse = bodies(team)
    assert (doctor["yrke"], nurse["yrke"]) == ("XS915", "XS919")
    assert doctor["kontaktId"] != nurse["kontaktId"]
    assert doctor["diagnoser"] == nurse["diagnoser"] == ["J189", "B341A"]


@pytest.mark.parametrize(
    ("licensed", "guarantee"),
    [
        (True, {"omfattas": True, "start": "2025-03-01", "dagar": 2, "inom": True}),
        (False, {"omfattas": False, "start": None, "dagar": None, "inom": None}),
        (None, None),
    ],
)
def test_in_a_team_the_guarantee_covers_the_visits_to_licensed_staff_alone(
    visit, bodies, licensed, guarantee
):
    other = replace(NURSE, yrkeskod="XS921", legitimerad=licensed)
    doctor, assistant = bodies(replace(visit, personal=(DOCTOR, other)))
    assert doctor["vardgaranti"]["omfattas"] is True
    assert assistant["vardgaranti"] == guarantee


def test_a_team_that_is_not_covered_is_so_for_all_of_its_staff(visit, bodies):
    team = replace(
        visit, personal=(DOCTOR, replace(NURSE, legitimerad=None)), vardgaranti=Vardgaranti(omfattas=False)
    )
    assert [body["vardgaranti"]["omfattas"] for body in bodies(team)] == [False, False]


def test_staff_without_hsa_id_are_told_apart_by_profession_and_number(visit, bodies):
    nurses = tuple(replace(NURSE, hsa_id=None) for _ in range(2))
    team = replace(visit, personal=(*nurses, replace(DOCTOR, hsa_id=None)))
    assert len({body["kontaktId"] for body in bodies(team)}) == 3
    fewer = replace(visit, personal=(nurses[0], replace(DOCTOR, hsa_id=None)))
    assert {body["kontaktId"] for body in bodies(fewer)} < {body["kontaktId"] for body in bodies(team)}


def test_medical_service_in_a_team_gets_no_record_of_its_own(visit, bodies):
    lab = Personal(hsa_id="SE2321000016-9X4V", yrkesgrupp="biomedicinsk-analytiker")
    assert [body["yrke"] for body in bodies(replace(visit, personal=(lab, DOCTOR)))] == ["XS915"]


@pytest.mark.parametrize(
    ("typ", "codes", "form"),
    [
        ("mottagningsbesok", (), "besok"),
        ("hembesok", (), "besok"),
        ("gruppbesok", (), "besok"),
        ("teambesok", (), "besok"),
        ("video-ersatter-besok", ("UX007",), "distansbesok"),
        ("telefon-ersatter-besok", ("XS012",), "telefonkontakt"),
        ("text-ersatter-besok", (), "distansbesok"),
        ("text-ersatter-besok", ("XS003",), "brevkontakt"),
        ("text-ersatter-besok", ("XS003", "ZV051"), "distansbesok"),
        ("text-ersatter-besok", ("ZV051",), "distansbesok"),
        ("mottagningsbesok", ("XS003",), "besok"),
        ("telefonsamtal", (), None),
        ("video-ersatter-ej-besok", (), None),
        ("text-ersatter-ej-besok", (), None),
        ("triage", (), None),
        ("kontakt-om-patient", (), None),
        ("kommentar", (), None),
        (None, (), None),
    ],
)
def test_each_contact_type_has_its_form_or_none(visit, typ, codes, form):
    actions = tuple(Atgard(kod=code, ordning=number) for number, code in enumerate(codes, 1))
    assert kontaktform(replace(visit, kontakt=Kontakt(typ=typ), atgarder=actions)) == form


def test_a_part_that_is_none_of_the_eight_is_null(visit, bodies):
    [body] = bodies(replace(visit, tillgang=replace(visit.tillgang, delomrade="annat")))
    assert body["delomrade"] is None


@pytest.mark.parametrize("kind", ["koordineringsinsats", "vardtillfalle", "fast_lakarkontakt"])
def test_other_kinds_of_event_are_no_records(visit, bodies, kind):
    assert bodies(replace(visit, kind=kind)) == []


def test_a_pending_contact_is_no_record_yet(visit, bodies):
    assert bodies(replace(visit, status="pending")) == []


def test_a_cancellation_only_names_the_visit(visit, bodies):
    [report], [cancel] = bodies(visit), bodies(replace(visit, status="cancelled"))
    assert cancel == {name: report[name] for name in ("kontaktId", "enhet", "datum")}


def test_a_withdrawn_record_says_no_more_in_the_file_either(visit, bodies):
    receiver = SigneReceiver(RegisterSettings(pseudonym_key=KEY))
    [body] = bodies(visit)
    request = receiver.request(Operation.CANCEL, "vardkontakt", body, "k")
    assert set(orjson.loads(request.body or b"")) == {"kontaktId", "enhet", "datum"}
    assert request.path == f"/vardkontakt/{body['kontaktId']}"


def test_the_pseudonym_hangs_on_the_key_and_the_lane_does_not(visit, origins):
    def told(key: bytes | None) -> Any:
        receiver = SigneReceiver(RegisterSettings(pseudonym_key=key))
        [message] = receiver.render(visit, origins(visit), "2021", "vardkontakt")
        return message.body["kontaktId"], message.slot

    assert told(KEY) == told(KEY)
    assert told(KEY)[0] != told(b"another key of this test")[0]
    assert told(KEY)[1] == told(b"another key of this test")[1]
    assert told(None)[0] != told(None)[0], "without a key each start has one of its own"


def test_the_pseudonym_cannot_be_made_without_the_key_from_what_is_told(visit, bodies):
    """It is no plain hash of event and staff member."""

    [body] = bodies(visit)
    parts = [visit.event_id, DOCTOR.hsa_id or "", visit.patient.id or ""]
    plain = {
        hashlib.sha256(separator.join(some).encode()).hexdigest()
        for separator in ("", "\0", "|", "-")
        for some in ([*parts], parts[:2], parts[:1])
    }
    assert body["kontaktId"] not in plain


def test_another_patient_or_unit_is_another_identity_and_a_diagnosis_is_not(visit, origins):
    receiver = SigneReceiver(RegisterSettings(pseudonym_key=KEY))

    def identity(event: Vardhandelse) -> str:
        return receiver.render(event, origins(event), "2021", "vardkontakt")[0].identity

    assert identity(visit) == identity(replace(visit, diagnoser=()))
    assert identity(visit) != identity(replace(visit, enhet=Enhet(vardenhet="SE2321000016-14L2")))
    assert identity(visit) != identity(replace(visit, patient=replace(visit.patient, id="195009072553")))


def test_every_member_has_its_trace_line(visit, origins):
    receiver = SigneReceiver(RegisterSettings(pseudonym_key=KEY))
    [message] = receiver.render(visit, origins(visit), "2021", "vardkontakt")
    traced = {line.field.split("[")[0].split(".")[0] for line in message.trace}
    assert traced == set(message.body)


def test_a_profession_without_a_code_names_the_rule_that_places_it(visit, origins):
    receiver = SigneReceiver(RegisterSettings(pseudonym_key=KEY))
    other = replace(visit, personal=(replace(DOCTOR, yrkeskod=None),))
    [message] = receiver.render(other, origins(other), "2021", "vardkontakt")
    [line] = [line for line in message.trace if line.field == "yrke"]
    assert line.value == "XS922"
    assert "SIGNE-YRKE" in line.by


def test_renamed_members_have_their_new_names_in_the_file_only(visit, origins):
    settings = RegisterSettings(pseudonym_key=KEY, rename={"kontaktId": "id", "vardgaranti.inom": "garanti"})
    receiver = SigneReceiver(settings)
    [message] = receiver.render(visit, origins(visit), "2021", "vardkontakt")
    line = orjson.loads(receiver.request(Operation.CREATE, "vardkontakt", message.body, "k").body or b"")
    assert line["id"] == message.body["kontaktId"]
    assert line["garanti"] is True


@pytest.mark.parametrize("settings", [{"rename": {"patientId": "pnr"}}, {"paths": {"vardkontakt": "/x"}}])
def test_settings_of_something_that_there_is_not_are_refused(settings):
    with pytest.raises(ConfigurationError):
        SigneReceiver(RegisterSettings(**settings))


CANARIES = ("191212121212", "1912-12-12", "Tolvan", "Tolvansson", "Kanariegatan", "0701740605", "12121212")


@pytest.mark.parametrize("sample", ["mottagningsbesok-lakare", "teambesok", "skyddad-identitet"])
def test_no_identity_number_name_birth_date_address_or_phone_leaves(sample):
    bundle = orjson.loads((data_folder("samples") / f"{sample}.json").read_bytes())
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            entry["resource"] |= {
                "name": [{"family": "Tolvansson", "given": ["Tolvan"]}],
                "address": [{"line": ["Kanariegatan 12"]}],
                "telecom": [{"system": "phone", "value": "0701740605"}],
            }
    config = Config(registers={"signe": {"pseudonym_key": KEY.decode()}})
    translator = offline_translator(config)
    translation = translator.translate(translator.read(orjson.dumps(bundle)))
    messages = [
        message
        for contact in translation.contacts
        for verdict in contact.verdicts
        if verdict.register == "signe"
        for message in verdict.messages
    ]
    receiver = SigneReceiver(RegisterSettings(pseudonym_key=KEY))
    assert messages
    for message in messages:
        for operation in Operation:
            request = receiver.request(operation, message.service, message.body, "k")
            sent = f"{request.path} {request.query} {(request.body or b'').decode()} {message.slot}"
            assert not [canary for canary in CANARIES if canary in sent]
