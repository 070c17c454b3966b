"""The committed table is what HL7's definitions say."""

import re
from pathlib import Path

import msgspec
import pytest

from adapter.fhir.structure.generate import build_table
from adapter.fhir.structure.table import load_table


def test_the_committed_table_is_the_generated_one(shared: Path) -> None:
    generated = build_table(shared / "schemas" / "fhir-r4")

    assert msgspec.to_builtins(generated) == msgspec.to_builtins(load_table())


def test_the_table_knows_what_the_specification_says_of_an_encounter() -> None:
    encounter = load_table().types["Encounter"]

    assert (encounter["status"].min, encounter["status"].codes) == (1, "encounter-status")
    assert encounter["subject"].targets == ("Patient", "Group")
    assert encounter["participant"].types == ("Encounter.participant",)
    assert encounter["participant"].many
    assert encounter["id"].types == ("id",)
    assert "finished" in load_table().codes["encounter-status"]["http://hl7.org/fhir/encounter-status"]


def test_every_type_that_an_element_names_is_in_the_table() -> None:
    table = load_table()
    named = {
        kind for elements in table.types.values() for element in elements.values() for kind in element.types
    }

    assert named - set(table.types) - set(table.primitives) == {"Resource"}


@pytest.mark.parametrize("name", sorted(load_table().primitives))
def test_regexes_compile(name: str) -> None:
    re.compile(load_table().primitives[name])
