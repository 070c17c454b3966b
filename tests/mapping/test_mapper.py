"""What holds for every bundle: complete traces, findings silent on values, no accident with odd input."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from adapter.fhir.bundle import Bundle
from adapter.mapping import Mapped, map_bundle
from adapter.resources import data_folder

OWN = sorted(path for path in data_folder("samples").glob("*.json") if path.stem != "stu3-form")
SHARED = Path(os.environ.get("VARDBRO_SHARED", Path(__file__).parents[3] / "shared"))
SYNTHEA = sorted((SHARED / "samples" / "synthea").glob("[AC]*.json"))


def mapped_of(path: Path, contexts: Any) -> list[Mapped]:
    return map_bundle(Bundle(orjson.loads(path.read_bytes())), contexts())


def members(value: Any, at: str = "") -> Iterator[str]:
    """The paths of all members that are set, those at their defaults left out."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from members(inner, f"{at}.{name}" if at else name)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from members(inner, f"{at}[{index}]")
    else:
        yield at


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_every_member_that_is_set_has_an_origin(path, contexts):
    for mapped in mapped_of(path, contexts):
        untraced = set(members(msgspec.to_builtins(mapped.event))) - set(mapped.provenance)
        assert untraced == set()


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_every_origin_names_rules_and_elements_that_exist(path, contexts):
    bundle = orjson.loads(path.read_bytes())
    catalogue = contexts().catalogue
    maps = {file.stem for file in (data_folder("mappings") / "concept-maps").glob("*.json")}
    for mapped in mapped_of(path, contexts):
        for member, origin in mapped.provenance.items():
            assert all(rule in catalogue or rule in maps for rule in origin.by)
            for element in origin.paths:
                # a place where something would have stood is named by an element that may not be there
                there = element.rpartition(".")[0] if member.startswith("absent:") else element
                assert _at(bundle, there) is not None, element


def _at(bundle: Any, path: str) -> Any:
    """The element at a path such as ``Bundle.entry[3].resource.code.coding[0].code``."""
    for part in path.split(".")[1:]:
        name, _, index = part.partition("[")
        bundle = bundle.get(name) if isinstance(bundle, dict) else None
        if index and bundle is not None:
            bundle = bundle[int(index[:-1])]
    return bundle


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_defaults_have_an_origin_too(path, contexts):
    for mapped in mapped_of(path, contexts):
        if mapped.event.patient.id is not None and mapped.event.kind != "fast_lakarkontakt":
            assert {"patient.skyddad", "kontakt.akut"} <= set(mapped.provenance)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_no_finding_holds_a_value_from_the_bundle(path, contexts):
    said = {text for text in strings(orjson.loads(path.read_bytes())) if len(text) > 3}
    for mapped in mapped_of(path, contexts):
        for finding in mapped.findings:
            assert not said & set(finding.params.values())
            assert not any(text in place for text in said for place in finding.expression if text.isdigit())


@pytest.mark.parametrize("path", SYNTHEA or [pytest.param(None, marks=pytest.mark.skip("no public samples"))])
def test_real_bundles_give_an_event_for_each_encounter(path, contexts):
    bundle = Bundle(orjson.loads(path.read_bytes()))
    mapped = map_bundle(bundle, contexts())
    assert len(mapped) == len(bundle.of_type("Encounter"))
    assert all(one.event.kontakt.typ == "mottagningsbesok" for one in mapped)


@pytest.mark.parametrize(
    "changes",
    [
        {"class": {"extension": [{"url": "x"}]}},
        {"class": None},
        {"type": [{"text": "besök"}]},
        {"participant": [{}, {"individual": {"display": "Eva Ek"}}]},
        {"diagnosis": [{"condition": {"display": "hosta"}}]},
        {"location": [{"location": {"reference": "Location/9"}}]},
        {"identifier": [{"system": "s"}]},
        {"period": {}},
        {"serviceProvider": {"display": "Vårdcentralen"}},
        {"basedOn": [{"reference": "ServiceRequest/9"}], "appointment": [{"reference": "Appointment/9"}]},
        {"subject": {"reference": "Group/9"}},
        {"subject": {"display": "okänd"}},
        {"partOf": {"reference": "Encounter/9"}},
        {"extension": [{"url": "https://vardbro.example/fhir/StructureDefinition/taxa"}]},
    ],
)
def test_odd_but_legal_encounters_are_mapped(contact, changes):
    contact.encounter.update(changes)
    for name in [name for name, value in changes.items() if value is None]:
        del contact.encounter[name]
    assert contact.map().event.event_id


def test_contained_conditions_count(contact):
    contained = {
        "resourceType": "Condition",
        "id": "c",
        "code": contact.concept("https://www.icd10.se/", "J189"),
        "subject": contact.ref(contact.patient),
    }
    contact.encounter["contained"] = [contained]
    contact.encounter["diagnosis"] = [{"condition": {"reference": "#c"}, "rank": 1}]
    mapped = contact.map()
    assert [diagnos.kod for diagnos in mapped.event.diagnoser] == ["J189"]
    path = f"{contact.at(contact.encounter)}.contained[0].code.coding[0].code"
    assert mapped.provenance["diagnoser[0].kod"].paths[0] == path


def test_the_entries_are_those_that_the_event_was_read_from(contact):
    contact.diagnosis("J189", rank=1)
    contact.add("Patient")
    assert contact.map().entries == {0, 1, 2, 3, 4, 5}


def test_a_bundle_without_encounters_has_no_events(contact):
    del contact.entries[4]
    contact.condition("J189", linked=False)
    assert contact.map_all() == []


def test_the_same_bundle_gives_the_same_result(contact):
    contact.diagnosis("J189", rank=1)
    contact.procedure("AV034")
    assert contact.map() == contact.map()


def test_for_what_a_contact_lacks_the_place_is_known_where_it_would_stand(contact):
    del contact.encounter["serviceProvider"]
    contact.encounter["participant"] = []
    at = contact.at(contact.encounter)
    provenance = contact.map().provenance
    absent = {member: provenance[f"absent:{member}"].paths for member in ("diagnoser", "enhet", "personal")}
    assert absent == {
        "diagnoser": (f"{at}.diagnosis",),
        "enhet": (f"{at}.serviceProvider",),
        "personal": (f"{at}.participant",),
    }
