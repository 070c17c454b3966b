"""What there is to send in files and folders."""

from pathlib import Path

import orjson
import pytest

from adapter.submission.sources import Pile, files_of


def test_folders_are_read_at_any_depth_in_a_stable_order(tmp_path: Path) -> None:
    for name in ("b.json", "a/z.json", "a/y.ndjson", "note.txt"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("{}")
    assert [file.name for file in files_of([tmp_path])] == ["y.ndjson", "z.json", "b.json"]


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files_of([tmp_path / "none.json"])


def test_a_json_file_is_sent_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    file.write_bytes(b'{ "resourceType":\t"Bundle" }\n')
    assert [item.raw for item in Pile([file])] == [b'{ "resourceType":\t"Bundle" }\n']


def test_lines_with_bundles_are_sent_and_other_resources_are_grouped_over_files(tmp_path: Path) -> None:
    first, second = tmp_path / "1.ndjson", tmp_path / "2.ndjson"
    first.write_bytes(
        b'{"resourceType":"Bundle","type":"batch"}\n\n'
        b'{"resourceType":"Encounter","id":"e","subject":{"reference":"Patient/p"}}\nnot json\n'
    )
    second.write_bytes(b'{"resourceType":"Patient","id":"p"}\n')
    found = list(Pile([first, second]))
    assert [item.name for item in found] == ["1.ndjson:1", "1.ndjson:4", "ndjson contact 1"]
    assert [entry["resource"]["id"] for entry in orjson.loads(found[2].raw)["entry"]] == ["e", "p"]


def test_the_same_files_give_the_same_bytes_again(tmp_path: Path) -> None:
    file = tmp_path / "x.ndjson"
    file.write_bytes(b'{"resourceType":"Encounter","id":"e"}\n')
    assert list(Pile([file])) == list(Pile([file]))
