"""Every sample of our own becomes exactly the messages, findings and trace that stand in ``expected``.

The expected documents were made by the program and read by people. After a wanted change make them again
with ``VARDBRO_WRITE_EXPECTED=1 pytest tests/test_samples.py`` and read the difference before it is committed.
"""

import os
import tomllib
from pathlib import Path

import orjson
import pytest

from adapter.config.model import Config
from adapter.documents import map_document
from adapter.domain.naming_key import NamingKey
from adapter.offline import offline_translator
from adapter.translation import Translator

SAMPLES = Path(__file__).parent / "samples"
EXPECTED = Path(__file__).parent / "expected"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))


@pytest.fixture(scope="module")
def translator() -> Translator:
    config = Config(registers={"signe": {"pseudonym_key": "a key of the samples alone"}})
    return offline_translator(config, NamingKey(b"a key of the samples alone"))


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_becomes_what_is_expected_of_it(translator, name):
    translation = translator.translate(translator.read((SAMPLES / f"{name}.json").read_bytes()))
    document = map_document(translation, f"{name}.json", translator.catalogue, trace=True, lang="en")
    expected = EXPECTED / f"{name}.json"
    if os.environ.get("VARDBRO_WRITE_EXPECTED"):
        expected.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    assert document == orjson.loads(expected.read_bytes())


def test_no_two_samples_are_of_the_same_kind():
    steps = tomllib.loads((SAMPLES / "manifest.toml").read_text("utf-8"))["step"]
    kinds = [step["kind"] for step in steps]
    assert len(set(kinds)) == len(kinds)
    assert {step["file"] for step in steps} == {f"{name}.json" for name in NAMES}


def test_the_samples_hold_no_identity_numbers_but_public_test_persons():
    public = {
        "191212121212", "191212121213", "195009072553", "196101182803", "200001252386",
        "196109732393", "991981000010",
    }  # fmt: skip
    for name in NAMES:
        bundle = orjson.loads((SAMPLES / f"{name}.json").read_bytes())
        assert set(_patient_numbers(bundle)) <= public


def _patient_numbers(value: object) -> list[str]:
    if isinstance(value, list):
        return [number for item in value for number in _patient_numbers(item)]
    if not isinstance(value, dict):
        return []
    own = [
        identifier["value"]
        for identifier in value.get("identifier", [])
        if value.get("resourceType") == "Patient"
    ]
    return own + [number for item in value.values() for number in _patient_numbers(item)]
