"""Events, packs and the shipped rules for the tests of adapter.rules."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.resources import data_folder
from adapter.rules import Packs, load_packs

PACK = """\
pack: test-besok-2025
register: test
service: besok
edition: "2025"
valid_from: 2025-01-01
valid_to: null
rules:
  - id: TEST-TYP
    severity: error
    source: {document: PMO, section: "Fysiska vårdkontakter"}
    when: 'event.kind == "vardkontakt"'
    require: 'has(event.kontakt.typ)'
    at: [kontakt.typ]
    text: {sv: "Typen saknas.", en: "The type is missing."}
    todo: {sv: "Ange den.", en: "Give it."}
"""

COMMON = """\
pack: common-test
edition: "1"
rules:
  - id: RULE-FAILED
    severity: error
    hold: true
    assumed: true
    source: {document: VARDBRO, section: "Rules"}
    checked_by: adapter.rules.edition.Edition.judge
    text: {sv: "{rule} gick inte.", en: "{rule} failed."}
    todo: {sv: "Rätta.", en: "Mend."}
"""


@pytest.fixture(scope="session")
def shipped() -> Packs:
    return load_packs(data_folder("mappings") / "rules")


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes packs, one file each (``a.yaml``, ``b.yaml``...), and gives their folder."""

    def write(*texts: str) -> Path:
        for number, text in enumerate(texts):
            (tmp_path / f"{chr(97 + number)}.yaml").write_text(text, "utf-8")
        return tmp_path

    return write


@pytest.fixture
def pack() -> str:
    return PACK


@pytest.fixture
def common() -> str:
    return COMMON
