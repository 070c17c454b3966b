"""PASiS messages: bodies, their trace, and what steers their lanes."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from adapter.domain.event import Enhet, Kontakt, Patient, Personal, Tid, Vardhandelse
from adapter.domain.message import RegisterMessage
from adapter.domain.trace import Provenance
from adapter.registers.pasis import PasisReceiver
from adapter.registers.pasis.types import NAMES_2024, NAMES_2025, type_name
from adapter.registers.protocol import RegisterSettings
from adapter.resources import data_folder

SCHEMA = json.loads(
    (data_folder("profiles") / "registers" / "pasis" / "vardkontakt.schema.json").read_text("utf-8")
)
EDITION = "pasis-vardkontakt-2025"
Origins = Callable[[Vardhandelse], Provenance]
replace = msgspec.structs.replace


@pytest.fixture
def home_visit(event: Vardhandelse) -> Vardhandelse:
    """A home visit that fills every member of a PASiS message."""
    return replace(
        event,
        kontakt=Kontakt(typ="hembesok", kanal="fysisk", boendeform="sarskilt-boende"),
        personal=(
            Personal(hsa_id="SE2321000016-AB12", yrkeskategori="01", lakare=True, huvudansvarig=True),
            Personal(hsa_id="SE2321000016-CD34", yrkeskategori="70"),
        ),
    )


def _message(event: Vardhandelse, origins: Origins, edition: str = EDITION) -> RegisterMessage:
    (message,) = PasisReceiver(RegisterSettings()).render(event, origins(event), edition, "vardkontakt")
    return message


def _leaves(value: Any, path: str = "") -> list[str]:
    if isinstance(value, dict):
        return [leaf for name, one in value.items() for leaf in _leaves(one, f"{path}.{name}".lstrip("."))]
    if isinstance(value, list):
        return [leaf for index, one in enumerate(value) for leaf in _leaves(one, f"{path}[{index}]")]
    return [path]


def test_the_body_of_a_home_visit(home_visit: Vardhandelse, origins: Origins) -> None:
    assert _message(home_visit, origins).body == {
        "kontaktId": "b5a3c1e0f2d4-0001",
        "patientId": "191212121212",
        "enhet": "SE2321000016-14L1",
        "datum": "2025-03-03",
        "tid": "10:15",
        "vardkontakt": "Hembesök",
        "vardkontaktKod": "hembesok",
        "huvudansvarig": "SE2321000016-AB12",
        "yrkeskategori": "01",
        "diagnoser": [{"kod": "J189", "ordning": 1}, {"kod": "B341A", "ordning": 2}],
        "kva": [{"kod": "XS012", "datum": "2025-03-03", "ordning": 1, "diagnos": 1}],
        "attribut": ["Särskilt boende"],
    }


def test_the_body_fits_the_schema(home_visit: Vardhandelse, origins: Origins) -> None:
    Draft202012Validator(SCHEMA, format_checker=FormatChecker()).validate(_message(home_visit, origins).body)


def test_every_member_has_a_trace_line_of_its_own(home_visit: Vardhandelse, origins: Origins) -> None:
    message = _message(home_visit, origins)
    assert [line.field for line in message.trace] == _leaves(message.body)


def test_the_name_of_the_type_is_explained_by_type_and_date(
    home_visit: Vardhandelse, origins: Origins
) -> None:
    lines = {line.field: line for line in _message(home_visit, origins).trace}
    assert lines["vardkontakt"].source == ("Bundle.kontakt.typ", "Bundle.tid.startdatum")
    assert lines["vardkontakt"].by[-1] == "pasis-vardkontakt:vardkontakt"


def test_what_is_not_known_is_left_out(event: Vardhandelse, origins: Origins) -> None:
    bare = replace(
        event,
        tid=Tid(startdatum="2025-03-03"),
        kontakt=Kontakt(typ="telefonsamtal"),
        personal=(),
        diagnoser=(),
        atgarder=(),
    )
    assert set(_message(bare, origins).body) == {
        "kontaktId", "patientId", "enhet", "datum", "vardkontakt", "vardkontaktKod",
    }  # fmt: skip


def test_a_cancellation_names_the_contact_and_no_more(event: Vardhandelse, origins: Origins) -> None:
    message = _message(replace(event, status="cancelled"), origins, "")
    assert message.intent == "cancel"
    assert set(message.body) == {"kontaktId", "patientId", "enhet", "datum"}


@pytest.mark.parametrize(
    "change",
    [{"kind": "koordineringsinsats"}, {"kind": "vardtillfalle"}, {"status": "pending"}],
)
def test_other_kinds_and_pending_contacts_give_no_message(
    event: Vardhandelse, origins: Origins, change: dict[str, Any]
) -> None:
    other = replace(event, **change)
    assert PasisReceiver(RegisterSettings()).render(other, origins(other), EDITION, "vardkontakt") == ()


def test_another_patient_or_unit_is_another_identity(event: Vardhandelse, origins: Origins) -> None:
    first = _message(event, origins)
    patient = _message(replace(event, patient=Patient(id="195009072553")), origins)
    unit = _message(replace(event, enhet=Enhet(vardenhet="SE2321000016-0000")), origins)
    assert len({first.identity, patient.identity, unit.identity}) == 3
    assert first.unit == "SE2321000016-14L1"


def test_a_later_version_of_the_contact_has_the_same_identity(event: Vardhandelse, origins: Origins) -> None:
    later = replace(event, diagnoser=(), tid=Tid(startdatum="2025-03-04"))
    assert _message(event, origins).identity == _message(later, origins).identity


@pytest.mark.parametrize(
    ("edition", "date", "name"),
    [
        ("pasis-vardkontakt-2024", "2025-06-01", "Distanskontakt realtid bild/ljud/chatt"),
        ("pasis-vardkontakt-2025", "2024-12-31", "Video som ersätter besök"),
        ("pasis-vardkontakt-2024+local", "2025-06-01", "Distanskontakt realtid bild/ljud/chatt"),
        ("our-own-2026", "2024-12-31", "Distanskontakt realtid bild/ljud/chatt"),
        ("our-own-2026", "2025-01-01", "Video som ersätter besök"),
        ("our-own-2026", None, "Video som ersätter besök"),
    ],
)
def test_the_name_is_that_of_the_edition_and_of_the_date_for_an_unknown_one(
    edition: str, date: str | None, name: str
) -> None:
    assert type_name("video-ersatter-besok", edition, date) == name


def test_the_edition_of_2025_brought_one_type_and_renamed_three() -> None:
    assert set(NAMES_2025) - set(NAMES_2024) == {"video-ersatter-ej-besok"}
    renamed = {code for code, name in NAMES_2024.items() if NAMES_2025[code] != name}
    assert renamed == {"video-ersatter-besok", "text-ersatter-besok", "text-ersatter-ej-besok"}


def test_the_schema_knows_every_name_and_code_that_goes_over() -> None:
    properties = SCHEMA["properties"]
    names = {*NAMES_2024.values(), *NAMES_2025.values()} - {"Kommentar"}
    assert set(properties["vardkontakt"]["enum"]) == names
    assert set(properties["vardkontaktKod"]["enum"]) == set(NAMES_2025) - {"kommentar"}
