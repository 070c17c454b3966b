"""The last look at a message's body before it goes."""

from pathlib import Path

import orjson
import pytest

from adapter.config.model import Config
from adapter.domain.message import RegisterMessage
from adapter.domain.naming_key import NamingKey
from adapter.domain.trace import TraceLine
from adapter.offline import offline_translator
from adapter.registers.forms import Forms
from adapter.resources import data_folder

SAMPLES = Path(__file__).parents[1] / "samples"
BODY = {"handelseId": "v1", "kod": ["J189"]}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "handelseId": {"type": "string"},
        "kod": {"type": "array", "items": {"type": "string", "pattern": "^[A-Z0-9]+$"}},
    },
}
FORMS = Forms({("gvr", "vardkontakt"): SCHEMA})


def message(body: dict[str, object]) -> RegisterMessage:
    line = TraceLine(register="gvr", field="kod[0]", value="x", source=("Bundle.entry[1]",), by=())
    return RegisterMessage(
        register="gvr",
        service="vardkontakt",
        slot="s",
        event_id="v1",
        intent="report",
        body=body,
        identity="",
        unit="",
        edition="2025",
        care_date="2025-01-01",
        trace=(line,),
    )


def test_a_body_as_the_register_takes_it_has_no_faults() -> None:
    assert FORMS.faults("gvr", "vardkontakt", BODY) == ()


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({**BODY, "kod": ["J18.9"]}, ("kod[0]",)),
        ({**BODY, "kod": ["A", 1]}, ("kod[1]",)),
        ({**BODY, "extra": 1}, ("",)),
        ({"handelseId": 5, "kod": "x"}, ("handelseId", "kod")),
    ],
)
def test_the_members_at_fault_are_named(body: dict[str, object], faults: tuple[str, ...]) -> None:
    assert FORMS.faults("gvr", "vardkontakt", body) == faults


def test_a_fault_points_to_where_the_value_came_from_and_does_not_quote_it() -> None:
    (finding,) = FORMS.findings(message({**BODY, "kod": ["19121212-1212"]}), "Bundle.entry[0]")
    assert finding.expression == ("Bundle.entry[1]",)
    assert "1212" not in str(finding)


def test_a_fault_of_a_value_without_origin_points_to_the_encounter() -> None:
    (finding,) = FORMS.findings(message({**BODY, "handelseId": 5}), "Bundle.entry[0]")
    assert finding.expression == ("Bundle.entry[0]",)


def test_a_service_without_a_schema_is_let_through() -> None:
    assert FORMS.faults("gvr", "other", {"anything": 1}) == ()


def test_every_service_that_is_rendered_has_a_schema() -> None:
    named = {
        (file.parent.name, file.name.split(".")[0])
        for file in (data_folder("profiles") / "registers").glob("*/*.schema.json")
    }
    assert named >= {
        ("gvr", "vardkontakt"),
        ("gvr", "koordinering"),
        ("gvr", "inskrivning"),
        ("gvr", "utskrivning"),
        ("gvr", "tillganglighet"),
        ("pasis", "vardkontakt"),
        ("signe", "vardkontakt"),
        ("listning", "fast-lakarkontakt"),
    }


def test_what_comes_from_the_configuration_is_held_too_and_other_registers_are_told() -> None:
    config = Config(registers={"gvr": {"default_taxa": "much"}})
    translator = offline_translator(config, NamingKey(b"a key of this test alone"))
    bundle = orjson.loads((SAMPLES / "taxa-ur-konfiguration.json").read_bytes())
    encounter = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Encounter")
    encounter.setdefault("type", []).append(
        {"coding": [{"system": "https://vardbro.example/fhir/CodeSystem/gvr-btyp", "code": "1"}]}
    )
    (contact,) = translator.translate(translator.read(orjson.dumps(bundle))).contacts
    fates = {verdict.register: verdict.fate for verdict in contact.verdicts}
    assert (fates["gvr"], fates["pasis"]) == ("held", "message")
    assert [one.params["field"] for one in contact.findings if one.rule == "REGISTER-FORM"] == ["taxa"]
