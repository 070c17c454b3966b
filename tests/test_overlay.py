"""The folder of a user's own rules, maps and tables: what counts, and what would not be read."""

import json
from pathlib import Path

import pytest

from adapter.config.model import Config, Mappings
from adapter.errors import ConfigurationError, PackError
from adapter.mapping.aliases import load_aliases
from adapter.mapping.concept_maps import load_concept_maps
from adapter.overlay import mapping_folders, require_read
from adapter.resources import below, data_folder, layered, version_of

SYSTEM, TARGET = "http://region.example/kontakt", "https://vardbro.example/fhir/CodeSystem/vardkontakttyp"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    for kind in ("rules", "concept-maps", "naming-systems", "tables"):
        (tmp_path / "own" / kind).mkdir(parents=True)
    return tmp_path / "own"


def folders(overlay: Path) -> tuple[Path, ...]:
    return mapping_folders(Config(mappings=Mappings(overlay=overlay)))


def write(file: Path, *elements: tuple[str, str], source: str = SYSTEM, name: str = "own") -> None:
    listed = [
        {"code": code, "target": [{"code": target, "equivalence": "equal"}]} for code, target in elements
    ]
    group = {"source": source, "target": TARGET, "element": listed}
    file.write_text(json.dumps({"resourceType": "ConceptMap", "id": name, "group": [group]}))


def choose(overlay: Path, code: str, source: str = SYSTEM) -> str | None:
    found = folders(overlay)
    aliases = load_aliases(below(found, "naming-systems"))
    maps = load_concept_maps(below(found, "concept-maps"), aliases)
    return maps.choose(source, code, "vardkontakttyp").code


def test_a_file_takes_the_place_of_its_namesake_and_others_are_added(overlay: Path) -> None:
    (overlay / "tables/kombika.csv").write_text("kombika;hsaId;from;to\n")
    (overlay / "tables/kombika@2025.csv").write_text("kombika;hsaId;from;to\n")
    found = layered(below(folders(overlay), "tables"), "kombika*.csv")
    assert [(layer, file.name) for layer, file in found] == [(1, "kombika.csv"), (1, "kombika@2025.csv")]


def test_a_map_of_local_codes_is_added(overlay: Path) -> None:
    write(overlay / "concept-maps/lokal.json", ("TEL", "telefonsamtal"))
    assert choose(overlay, "TEL") == "telefonsamtal"


def test_what_an_own_map_says_of_a_code_counts_alone(overlay: Path, tmp_path: Path) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    write(shipped / "a.json", ("TEL", "hembesok"), ("BES", "mottagningsbesok"))
    write(overlay / "concept-maps/lokal.json", ("TEL", "telefonsamtal"))
    aliases = load_aliases(data_folder("mappings") / "naming-systems")
    maps = load_concept_maps((shipped, overlay / "concept-maps"), aliases)
    chosen = {code: maps.choose(SYSTEM, code, "vardkontakttyp").code for code in ("TEL", "BES")}
    assert chosen == {"TEL": "telefonsamtal", "BES": "mottagningsbesok"}


def test_an_own_naming_system_adds_a_spelling_to_a_known_system(overlay: Path) -> None:
    own = {
        "resourceType": "NamingSystem",
        "id": "own-kva",
        "uniqueId": [
            {"type": "other", "value": "kva"},
            {"type": "uri", "value": "http://region.example/kva"},
        ],
    }
    (overlay / "naming-systems/own.json").write_text(json.dumps(own))
    aliases = load_aliases(below(folders(overlay), "naming-systems"))
    assert aliases.name("http://region.example/KVA/") == "kva"
    assert aliases.name("http://electronichealth.se/id/kva") == "kva"


def test_a_folder_that_is_not_there_is_told_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"mappings.overlay: there is no folder"):
        folders(tmp_path / "absent")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("concept_maps/x.json", "no such folder is read here"),
        ("x.yaml", "files are read in the folders"),
        ("rules/x.json", "this would not be read"),
        ("concept-maps/deep/x.json", "only files in"),
        ("tables/icd.csv", "tables are codes-SYSTEM"),
    ],
)
def test_what_would_not_be_read_is_refused(overlay: Path, name: str, said: str) -> None:
    (overlay / name).parent.mkdir(exist_ok=True)
    (overlay / name).write_text("x")
    with pytest.raises(PackError, match=said):
        require_read(overlay)


@pytest.mark.parametrize(
    "name", ["README.md", ".git/config", "rules/notes.txt", "tables/.codes-kva@1.csv.77"]
)
def test_texts_and_hidden_files_may_lie_there(overlay: Path, name: str) -> None:
    (overlay / name).parent.mkdir(exist_ok=True)
    (overlay / name).write_text("x")
    require_read(overlay)
    assert version_of(folders(overlay)) == version_of(data_folder("mappings"))


def test_the_version_is_the_same_whether_files_lie_in_one_overlay_or_two(
    overlay: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    (other / "tables").mkdir(parents=True)
    (overlay / "tables/kombika@b.csv").write_text("b")
    (other / "tables/kombika@a.csv").write_text("a")
    apart = version_of((data_folder("mappings"), overlay, other))
    (overlay / "tables/kombika@a.csv").write_text("a")
    assert version_of((data_folder("mappings"), overlay)) == apart
    (overlay / "tables/kombika@a.csv").write_text("c")
    assert version_of((data_folder("mappings"), overlay)) != apart


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("concept-maps/x.json", '{\n "a": }', r"x.json:2: this is not JSON"),
        ("concept-maps/x.json", '{"resourceType": "Patient"}', r"x.json:1: no ConceptMap"),
        ("concept-maps/x.json", '{"resourceType": "ConceptMap", "id": "a"}', r"x.json:1: ConceptMap a"),
        ("naming-systems/x.json", '{"resourceType": "NamingSystem"}', r"x.json:1: NamingSystem"),
    ],
)
def test_a_bad_map_is_told_with_its_file_and_line(overlay: Path, name: str, text: str, said: str) -> None:
    (overlay / name).write_text(text)
    with pytest.raises(PackError, match=said):
        choose(overlay, "x")
