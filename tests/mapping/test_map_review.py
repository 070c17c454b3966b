"""What a ConceptMap leads to: systems and codes that nobody knows are told with file, line and remedy."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapter.mapping.aliases import load_aliases
from adapter.mapping.json_lines import JsonLines
from adapter.mapping.map_review import Known, Remark, closed_systems, review_maps
from adapter.mapping.terminology import load_terminology
from adapter.resources import data_folder

OWN = "https://vardbro.example/fhir/CodeSystem/"
KVA = "http://electronichealth.se/id/kva"
LOCAL = "http://region.example/kontakt"
Review = Callable[..., list[Remark]]


@pytest.fixture
def review(tmp_path: Path) -> Review:
    """Reviews a map with one row, written with one value a line."""
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "codes-kva@1.csv").write_text(
        "# edition: 1\n# complete: yes\nkod;from;to\nXS012;2020-01-01;\nXS999;2020-01-01;2021-12-31\n"
    )
    aliases = load_aliases(data_folder("mappings") / "naming-systems")
    closed = closed_systems(data_folder("profiles") / "code-systems", aliases)
    known = Known(aliases, closed, load_terminology(tables), "2026-11-22")

    def reviewed(system: str, *targets: dict[str, Any], source: str = LOCAL, code: str = "A") -> list[Remark]:
        group = {"source": source, "target": system, "element": [{"code": code, "target": [*targets]}]}
        resource = {"resourceType": "ConceptMap", "id": "lokal", "group": [group]}
        maps = tmp_path / "concept-maps"
        maps.mkdir(exist_ok=True)
        (maps / "lokal.json").write_text(json.dumps(resource, indent=1, ensure_ascii=False), "utf-8")
        return review_maps(maps, known)

    return reviewed


def test_the_shipped_maps_lead_to_codes_that_exist() -> None:
    mappings = data_folder("mappings")
    aliases = load_aliases(mappings / "naming-systems")
    closed = closed_systems(data_folder("profiles") / "code-systems", aliases)
    known = Known(aliases, closed, load_terminology(mappings / "tables"), "2026-11-22")
    assert review_maps(mappings / "concept-maps", known) == []


def test_a_code_that_the_closed_system_lacks_is_refused_where_it_stands(review: Review) -> None:
    (remark,) = review(OWN + "vardkontakttyp", {"code": "hembesök", "equivalence": "equal"})
    assert (remark.file.name, remark.fatal) == ("lokal.json", True)
    assert '"hembesök"' in remark.file.read_text("utf-8").splitlines()[remark.line - 1]
    assert remark.text.startswith("ConceptMap.group[0].element[0].target[0].code: ")
    assert "Did you mean 'hembesok'?" in remark.text


def test_a_code_of_the_closed_system_is_fine_however_the_system_is_spelt(review: Review) -> None:
    target = {"code": "hembesok", "equivalence": "equal"}
    assert review((OWN + "vardkontakttyp/").upper(), target) == []


def test_a_target_system_that_no_naming_system_knows_is_refused_with_the_nearest_one(review: Review) -> None:
    (remark,) = review(OWN + "vardkontaktyp", {"code": "hembesok", "equivalence": "equal"})
    assert remark.fatal
    assert '"target"' in remark.file.read_text("utf-8").splitlines()[remark.line - 1]
    assert f"Did you mean {OWN}vardkontakttyp?" in remark.text
    assert "NamingSystem" in remark.text


def test_a_source_system_may_be_anybodys(review: Review) -> None:
    assert review(OWN + "kanal", {"code": "video", "equivalence": "equal"}, source="urn:x") == []


def test_a_row_of_an_own_closed_system_that_is_never_used_is_noted(review: Review) -> None:
    found = review(KVA, {"code": "XS012", "equivalence": "wider"}, source=OWN + "uppdrag", code="nix")
    assert [one.fatal for one in found] == [False]
    assert found[0].text.endswith(" the source system has no code 'nix': the row is never used")


@pytest.mark.parametrize(
    ("code", "said"),
    [("XS998", "not in the loaded table"), ("XS999", "no longer valid"), ("XS012", None)],
)
def test_a_loaded_table_is_dated_and_only_warned_of(review: Review, code: str, said: str | None) -> None:
    found = review(KVA, {"code": code, "equivalence": "equal"})
    assert [one.fatal for one in found] == ([] if said is None else [False])
    assert said is None or said in found[0].text


def test_a_system_whose_codes_are_not_listed_takes_any(review: Review) -> None:
    assert review(OWN + "gvr-vdg", {"code": "ZZ", "equivalence": "equal"}) == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"code": "video", "equivalence": "exact"}, "no equivalence 'exact'"),
        ({"equivalence": "wider"}, "no code is given"),
        ({"code": 1, "equivalence": "equal"}, "a code is a text"),
        ({"equivalence": "unmatched"}, None),
        ({"code": "video"}, None),
    ],
)
def test_a_target_says_a_code_and_how_it_compares(
    review: Review, target: dict[str, Any], said: str | None
) -> None:
    found = review(OWN + "kanal", target)
    assert [(said in one.text, one.fatal) for one in found] == ([] if said is None else [(True, True)])


def test_lines_of_a_json_text_are_found_whatever_stands_in_its_strings() -> None:
    lines = JsonLines('{"a": "]},\\"{\\n",\n "b": [1,\n  {"c": [],\n   "d": null}, [\n  2]],\n "e": {}}')
    places = [("a",), ("b", 0), ("b", 1, "c"), ("b", 1, "d"), ("b", 2, 0), ("e",)]
    assert [lines.line(place) for place in places] == [1, 2, 3, 4, 5, 6]
    assert lines.line(("b", 1, "x", 7)) == 3
