"""ConceptMaps of one sender's local codes: they count for that sender alone, and are loaded with the rest."""

import json
from pathlib import Path

import pytest

from adapter.config.model import Config
from adapter.errors import ConfigurationError, PackError
from adapter.offline import build_translator, contexts_by_name
from adapter.overlay import mapping_folders, version_in

SYSTEM, TARGET = "http://journal.example/kontakt", "https://vardbro.example/fhir/CodeSystem/vardkontakttyp"


def write(file: Path, code: str, target: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    element = {"code": code, "target": [{"code": target, "equivalence": "equal"}]}
    group = {"source": SYSTEM, "target": TARGET, "element": [element]}
    file.write_text(json.dumps({"resourceType": "ConceptMap", "id": file.stem, "group": [group]}))
    return file


def choose(config: Config, sender: str, code: str = "T") -> str | None:
    _, senders = build_translator(config, {})
    return contexts_by_name(config, senders)(sender).concept_maps.choose(SYSTEM, code, "vardkontakttyp").code


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Two senders who mean different things by the same code, and one without maps."""
    write(tmp_path / "a/kontakt.json", "T", "telefonsamtal")
    file = write(tmp_path / "b.json", "T", "hembesok")
    return Config(senders={"a": {"concept_maps": tmp_path / "a"}, "b": {"concept_maps": [file]}, "c": {}})


def test_each_sender_is_read_with_its_own_map(config: Config) -> None:
    assert {name: choose(config, name) for name in "abc"} == {
        "a": "telefonsamtal",
        "b": "hembesok",
        "c": None,
    }
    assert choose(config, "default") is None


def test_the_open_doors_sender_has_its_own_which_nobody_else_has(tmp_path: Path) -> None:
    file = write(tmp_path / "kontakt.json", "T", "telefonsamtal")
    config = Config(senders={"default": {"concept_maps": file}, "c": {}})
    translator, senders = build_translator(config, {})
    assert (choose(config, "default"), choose(config, "c")) == ("telefonsamtal", None)
    assert senders.default.concept_maps.choose(SYSTEM, "T", "vardkontakttyp").code == "telefonsamtal"
    assert translator.version == version_in(config, mapping_folders(config))


def test_what_a_senders_map_says_of_a_code_takes_the_place_of_what_the_shared_maps_say(
    tmp_path: Path,
) -> None:
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    write(overlay / "concept-maps/shared.json", "T", "hembesok")
    own = write(tmp_path / "own.json", "T", "telefonsamtal")
    config = Config(mappings={"overlay": overlay}, senders={"a": {"concept_maps": own}, "c": {}})
    assert {name: choose(config, name) for name in "ac"} == {"a": "telefonsamtal", "c": "hembesok"}


def test_a_map_that_is_changed_is_another_version_and_counts_when_it_is_loaded(
    config: Config, tmp_path: Path
) -> None:
    _, senders = build_translator(config, {})
    before = version_in(config, mapping_folders(config))
    write(tmp_path / "a/kontakt.json", "T", "hembesok")
    assert version_in(config, mapping_folders(config)) != before
    context = contexts_by_name(config, senders)
    assert context("a").concept_maps.choose(SYSTEM, "T", "vardkontakttyp").code == "telefonsamtal"
    senders.renew(build_translator(config, {})[1])
    assert context("a").concept_maps.choose(SYSTEM, "T", "vardkontakttyp").code == "hembesok"
    assert context("c").concept_maps.choose(SYSTEM, "T", "vardkontakttyp").code is None


def test_maps_that_are_wrong_or_missing_stop_the_start(config: Config, tmp_path: Path) -> None:
    (tmp_path / "a/kontakt.json").write_text("{")
    with pytest.raises(PackError, match=r"kontakt\.json:1"):
        build_translator(config, {})
    (tmp_path / "a/kontakt.json").unlink()
    with pytest.raises(PackError, match="no ConceptMap"):
        build_translator(config, {})
    (tmp_path / "a").rmdir()
    with pytest.raises(ConfigurationError, match=r"senders\.a\.concept_maps"):
        build_translator(config, {})
