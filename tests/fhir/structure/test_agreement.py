"""The fast and the slow walk are two readings of one table: what the fast one passes, the slow one must."""

import copy
import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.domain.finding import Findings
from adapter.fhir.bundle import Bundle
from adapter.fhir.read import read, validate_resource
from adapter.fhir.structure.table import load_table
from adapter.fhir.structure.validator import r4_validator

NAMES = sorted(
    {name for elements in load_table().types.values() for name in elements} | {"_status", "x", "valueString"}
)
SCALARS = [
    None, True, False, 0, 1, -1, 1.5, 2**31, 2**70, "", " ", "x", "a b", " a", "\u0000", "å", "finished",
    "male", "2026", "2026-02-30", "2026-03-02T09:30:00", "2026-03-02T09:30:00Z", "2026-03-02T09:30:00.123Z",
    "Patient/1", "Practitioner/1", "#", "#x", "urn:uuid:00000000-1111-4222-8333-444444444444",
    "http://x.example", "https://a/b c", "x" * 70, "aGVq", "<div>x</div>",
]  # fmt: skip
VALUES = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=4,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
        for key in keys:
            found.append((item, key))
            waiting.append(item[key])
    return found


def mutate(data: st.DataObject, bundle: Any) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        spots = places(bundle)
        if not spots:
            return
        container, key = data.draw(st.sampled_from(spots))
        action = data.draw(st.sampled_from(["replace", "remove", "add", "repeat"]))
        if action == "replace":
            container[key] = data.draw(VALUES)
        elif action == "remove":
            del container[key]
        elif action == "add" and isinstance(container[key], dict):
            container[key][data.draw(st.sampled_from(NAMES))] = data.draw(VALUES)
        else:
            container[key] = [copy.deepcopy(container[key]), data.draw(VALUES)]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_the_fast_walk_passes_the_slow_one_passes(data: st.DataObject, sound, catalogue) -> None:
    bundle = sound()
    mutate(data, bundle)
    if not isinstance(bundle.get("entry"), list):
        return
    parsed = orjson.loads(orjson.dumps(bundle, default=str)) if _fits(bundle) else bundle
    index = Bundle(parsed)
    validator = r4_validator()
    head = {name: value for name, value in parsed.items() if name != "entry"}

    _, suspects, _ = validator.suspects(head, parsed["entry"], index.types)

    findings = Findings(catalogue)
    explanation = validator.explanation(findings, index.types)
    for number, entry in enumerate(parsed["entry"]):
        if number not in suspects:
            explanation.object("Bundle.entry", entry, f"Bundle.entry[{number}]")
    assert list(findings) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_makes_the_reader_raise(data: st.DataObject, sound, catalogue) -> None:
    bundle = sound()
    mutate(data, bundle)

    found = read(_bytes(bundle), catalogue)

    assert found.bundle is not None or found.findings


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=JSON)
def test_no_json_makes_the_reader_raise(content: Any, catalogue) -> None:
    read(_bytes(content), catalogue)
    read(_bytes({"resourceType": "Bundle", "type": content, "entry": content}), catalogue)
    read(
        _bytes({"resourceType": "Bundle", "type": "batch", "entry": [content, {"resource": content}]}),
        catalogue,
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(raw: bytes, catalogue) -> None:
    assert read(raw, catalogue).bundle is None


@pytest.mark.parametrize("name", sorted(set(load_table().types) & set(load_table().resources)))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_resource_type_is_read_alike_by_both(name: str, data: st.DataObject, catalogue) -> None:
    elements = sorted(load_table().types[name])
    members = data.draw(st.dictionaries(st.sampled_from(elements), VALUES, max_size=4))
    resource = {"resourceType": name, **members}

    passes = r4_validator().is_right(name, resource)

    assert not (passes and validate_resource(resource, catalogue))


def _fits(bundle: Any) -> bool:
    try:
        orjson.dumps(bundle)
    except TypeError:
        return False
    return True


def _bytes(value: Any) -> bytes:
    return orjson.dumps(value) if _fits(value) else json.dumps(value).encode()


@pytest.mark.parametrize("url", ["", " ", "\u0000", "\t"])
def test_a_reference_is_not_right_because_a_wrong_full_url_is_the_same(sound, catalogue, url) -> None:
    bundle = sound()
    bundle["entry"][4]["fullUrl"] = url
    bundle["entry"][3]["resource"]["diagnosis"][0]["condition"]["reference"] = url
    places = [place for one in read(orjson.dumps(bundle), catalogue).findings for place in one.expression]
    assert "Bundle.entry[3].resource.diagnosis[0].condition.reference" in places
