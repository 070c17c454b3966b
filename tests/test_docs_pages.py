"""What is generated from the data is committed as it would be generated."""

import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from adapter.docs_pages import assumed_members, pack_schema, pages
from adapter.docs_pages.markdown import cell
from adapter.docs_pages.pages import read_schemas
from adapter.docs_pages.schema import all_members
from adapter.resources import data_folder
from adapter.rules import Packs, load_packs
from adapter.rules.statements import load_statements

ROOT = Path(__file__).parents[1]
RULES = data_folder("mappings") / "rules"
PACKS = sorted(RULES.rglob("*.yaml"))


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs(RULES)


@pytest.mark.parametrize("file", pages(), ids=lambda file: file.name)
def test_the_committed_page_is_what_would_be_written(file: Path) -> None:
    assert file.read_text("utf-8") == pages()[file], "run `python -m adapter.docs_pages`"


def test_the_assumptions_page_names_every_assumed_rule_and_no_other(packs: Packs) -> None:
    page = (ROOT / "docs" / "reference" / "assumptions.md").read_text("utf-8")
    assumed = {rule.face.id for pack in packs.packs for rule in pack.rules if rule.face.assumed}
    for rule in packs.catalogue:
        assert (f"| `{rule}` |" in page) == (rule in assumed)


def test_the_error_catalogue_has_every_rule_in_both_languages_and_every_exception(packs: Packs) -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text("utf-8")
    lines = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert packs.catalogue.keys() <= lines.keys()
    for rule in packs.catalogue.values():
        assert cell(rule.text.sv) in lines[rule.id]
        assert cell(rule.text.en) in lines[rule.id]
    assert {"configuration", "ledger-busy", "source-not-offered", "protected-identity"} <= lines.keys()


def test_assumed_members_are_found_at_every_depth() -> None:
    schema: dict[str, Any] = {
        "properties": {
            "a": {"x-assumed": True},
            "b": {"x-assumed": False, "properties": {"c": {"x-assumed": True}}},
            "d": {"type": "array", "items": {"properties": {"e": {"x-assumed": True}}}},
            "f": {"$ref": "#/$defs/g", "x-assumed": True},
            "h": {"type": "string"},
        },
        "$defs": {"g": {"properties": {"i": {"x-assumed": True}}}},
    }
    assert [member.path for member in assumed_members(schema)] == ["a", "b.c", "d[].e", "f", "f.i"]


def test_assumed_members_of_the_vardkontakt_message_are_on_the_page() -> None:
    whole = (ROOT / "docs" / "reference" / "assumptions.md").read_text("utf-8")
    page = whole.split("### GVR vårdkontakt (")[1].split("### ", maxsplit=1)[0]
    assert "| `besokTyp` |" in page
    assert "| `diagnoser[].kod` |" in page
    assert "| `enhet" not in page


def _page(name: str) -> str:
    return (ROOT / "docs" / "reference" / "receivers" / f"{name}.md").read_text("utf-8")


def test_every_register_with_rules_has_its_page_with_every_rule_and_edition(packs: Packs) -> None:
    for pack in packs.packs:
        if pack.head.register is not None:
            page = _page(pack.head.register)
            assert f"| `{pack.head.pack}` |" in page
            assert [rule.face.id for rule in pack.rules if f"| `{rule.face.id}` |" not in page] == []


@pytest.mark.parametrize("place", read_schemas(data_folder("profiles")))
def test_every_field_stands_on_its_registers_page_with_its_source_in_fhir(place: str) -> None:
    register = place.split("/", maxsplit=1)[0]
    if register == "files":
        return
    page = _page(register)
    for member in all_members(read_schemas(data_folder("profiles"))[place]):
        assert f"| `{member.path}` |" in page
        assert str(member.schema.get("x-fhir", "")) in page


def test_a_rule_that_differs_between_editions_says_in_which_it_stands() -> None:
    page = _page("pasis")
    (line,) = [line for line in page.splitlines() if line.startswith("| `PASIS-VIDEO-FORE-2025` |")]
    assert "| 2024 |" in line


def test_every_statement_stands_on_the_page_of_statements() -> None:
    page = (ROOT / "docs" / "reference" / "statements.md").read_text("utf-8")
    for book in load_statements(data_folder("mappings") / "statements"):
        for one in book.file.statements:
            assert f"| {one.id} |" in page
            assert (one.excluded or one.by[0]) in page


@pytest.mark.parametrize("file", PACKS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_shipped_pack_is_valid_against_the_published_schema(file: Path) -> None:
    schema = yaml.safe_load(pack_schema())
    pack = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)
    checker = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in checker.iter_errors(_typed(pack))] == []


def _typed(value: Any) -> Any:
    """Base YAML with the few words that packs use, and dates as the texts that they are in JSON."""
    if isinstance(value, dict):
        return {name: _typed(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_typed(one) for one in value]
    return {"true": True, "false": False, "null": None}.get(value, value)


SHARED = Path(os.environ.get("VARDBRO_SHARED", ROOT / "../shared")) / "sources"
DOCUMENTS = {"PMO": "000", "SKR-FAQ": "001", "HLM-REHAB": "002", "VGG": "003", "VGR-FLK": "004"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the source documents are not here (VARDBRO_SHARED)")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_headings_that_rules_cite_stand_in_the_document(packs: Packs, document: str) -> None:
    (file,) = SHARED.glob(DOCUMENTS[document] + "_*.txt")
    text = " ".join(file.read_text("utf-8").split())
    cited = {
        part.split(": ")[0].strip()
        for rule in packs.catalogue.values()
        if rule.source.document == document
        for part in rule.source.section.split(";")
    }
    assert {heading for heading in cited if heading not in text} == set()


def test_the_sections_of_what_gvr_has_published_are_in_the_list_of_sources(packs: Packs) -> None:
    sources = (ROOT / "docs" / "reference" / "sources.md").read_text("utf-8")
    cited = {
        rule.source.section.split(":")[0]
        for rule in packs.catalogue.values()
        if rule.source.document == "GVR-PUB"
    }
    assert {section for section in cited if f"| {section} |" not in sources} == set()


def test_every_document_that_is_cited_is_in_the_list_of_sources(packs: Packs) -> None:
    sources = (ROOT / "docs" / "reference" / "sources.md").read_text("utf-8")
    cited = {rule.source.document for rule in packs.catalogue.values()}
    assert {document for document in cited if f"| {document} |" not in sources} == set()
