"""The published forms of manifests and receipts are those that are written and read."""

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from adapter.registers.files.receipts import Receipt
from adapter.resources import data_folder
from tests.registers.files.conftest import Folder, deliver


def schema(name: str) -> Any:
    return json.loads((data_folder("profiles") / f"registers/files/{name}.schema.json").read_text("utf-8"))


def test_a_manifest_fits_its_schema(folder: Folder):
    folder.serve(deliver("a"), deliver("b"))
    [manifest] = folder.manifests()
    jsonschema.validate(manifest, schema("manifest"))
    assert list(manifest) == list(schema("manifest")["properties"])


@pytest.mark.parametrize(
    ("receipt", "fits"),
    [
        ({"batch": "b", "accepted": "all"}, True),
        ({"batch": "b", "accepted": ["a"], "rejected": [{"record": "c", "reason": "nej"}]}, True),
        ({"batch": "b", "rejected": [{"record": "c"}]}, True),
        ({"accepted": "all"}, False),
        ({"batch": "b", "accepted": "some"}, False),
        ({"batch": "b", "rejected": [{"reason": "nej"}]}, False),
        ({"batch": 1}, False),
    ],
)
def test_what_the_schema_of_receipts_takes_is_read_and_nothing_else(receipt: Any, fits: bool):
    try:
        msgspec.json.decode(json.dumps(receipt), type=Receipt)
    except msgspec.ValidationError:
        is_read = False
    else:
        is_read = True
    assert is_read == fits
    assert jsonschema.Draft202012Validator(schema("receipt")).is_valid(receipt) == fits
