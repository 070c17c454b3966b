"""Bulk exports stay in their files; only where each resource lies is kept."""

from pathlib import Path

import orjson
import pytest

from adapter.submission.sources import Pile

SHARED = Path(__file__).parents[2].parent / "shared" / "samples" / "bulk-ndjson"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.ndjson").write_text(text)
    return folder


def entries(raw: bytes) -> list[str]:
    return [
        f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        for entry in orjson.loads(raw)["entry"]
    ]


def test_resources_go_as_their_lines_had_them(tmp_path: Path) -> None:
    line = '{"resourceType":"Encounter", "id":"e","length":{"value":1.50}}'
    (tmp_path / "x.ndjson").write_text("\n" + line + "\r\n")
    (item,) = Pile([tmp_path / "x.ndjson"])
    assert line.encode() in item.raw


def test_shared_resources_are_found_by_conditional_references(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text(
        '{"resourceType":"Encounter","id":"e","participant":[{"individual":'
        '{"reference":"Practitioner?identifier=urn:x|7"}}]}\n'
        '{"resourceType":"Practitioner","id":"d","identifier":[{"system":"urn:x","value":"7"}]}\n'
        '{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"Practitioner/d"}}\n'
        '{"resourceType":"PractitionerRole","id":"s","practitioner":{"reference":"Practitioner/other"}}\n'
    )
    (item,) = Pile([tmp_path / "a.ndjson"])
    assert entries(item.raw) == ["Encounter/e", "Practitioner/d", "PractitionerRole/r"]


def test_a_conditional_reference_with_two_matches_finds_none(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text(
        '{"resourceType":"Encounter","id":"e","location":[{"location":{"reference":"Location?identifier=u|7"}}]}\n'
        '{"resourceType":"Location","id":"1","identifier":[{"system":"u","value":"7"}]}\n'
        '{"resourceType":"Location","id":"2","identifier":[{"system":"u","value":"7"}]}\n'
    )
    pile = Pile([tmp_path / "a.ndjson"])
    (item,) = pile
    assert entries(item.raw) == ["Encounter/e"]
    assert pile.lonely == 2


def encounter(status: str, updated: str | None = None, number: str = "e") -> str:
    meta = f',"meta":{{"lastUpdated":"{updated}"}}' if updated else ""
    return f'{{"resourceType":"Encounter","id":"{number}","status":"{status}"{meta}}}\n'


@pytest.mark.parametrize("later_first", [True, False])
def test_of_two_states_of_a_resource_the_later_counts(tmp_path: Path, later_first: bool) -> None:
    states = [
        encounter("finished", "2026-01-02T00:30:00+01:00"),
        encounter("planned", "2026-01-01T12:00:00Z"),
    ]
    (tmp_path / "a.ndjson").write_text("".join(states if later_first else states[::-1]))
    pile = Pile([tmp_path / "a.ndjson"])
    (item,) = pile
    assert b"finished" in item.raw
    assert pile.doubts == []


@pytest.mark.parametrize(
    "other",
    [
        encounter("planned"),
        encounter("planned", "2026-01-01T12:00:00Z"),
        encounter("planned", "2026-01-01"),
    ],
)
def test_what_contradicts_itself_is_named_and_its_contacts_are_not_sent(tmp_path: Path, other: str) -> None:
    (tmp_path / "a.ndjson").write_text(
        encounter("finished", "2026-01-01T12:00:00Z") + encounter("finished", number="f")
    )
    (tmp_path / "b.ndjson").write_text("\n" + other)
    pile = Pile(sorted(tmp_path.glob("*.ndjson")))
    assert pile.doubts == ["a.ndjson:1, b.ndjson:2"]
    assert (len(pile), pile.left_out) == (1, 1)
    assert [entries(item.raw) for item in pile] == [["Encounter/f"]]


def test_a_line_that_comes_twice_is_no_doubt(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text(
        '{"resourceType":"Encounter","id":"e"}\n{ "id":"e", "resourceType":"Encounter" }\n'
    )
    pile = Pile([tmp_path / "a.ndjson"])
    assert (len(pile), pile.doubts) == (1, [])


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the bulk export of Synthea beside the checkout")
def test_a_real_export_with_one_type_per_file_becomes_a_bundle_for_each_encounter() -> None:
    pile = Pile(sorted(SHARED.glob("*.ndjson")))
    bundles = [item for item in pile if item.name.startswith("ndjson contact")]
    assert len(bundles) == 40
    assert all(sum("Encounter/" in name for name in entries(item.raw)) == 1 for item in bundles)
    assert any(name.startswith("Location/") for item in bundles for name in entries(item.raw))
