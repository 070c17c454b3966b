"""A manifest is read, or what in it is wrong is said with file and member."""

from pathlib import Path

import pytest

from adapter.conformance.loading import load_kit, manifest_of
from adapter.errors import PackError

HEAD = "conformance: 1\nname: n\ntitle: {sv: s, en: e}\n"
CASE = """
  - id: {id}
    title: {{sv: s, en: e}}
    origin: {{document: d, section: s}}
    cell: {{kind: k, rule: r, register: gvr, edition: '*', error: none}}
    steps: [{{input: {input}, expect: {{outcome: accepted}}}}]
"""


def _manifest(folder: Path, text: str) -> Path:
    (folder / "a.json").write_text("{}")
    (folder / "manifest.yaml").write_text(text)
    return folder / "manifest.yaml"


def test_a_manifest_brings_the_cases_of_the_files_that_it_includes(tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text("cases:" + CASE.format(id="second", input="a.json"))
    file = _manifest(
        tmp_path, HEAD + "include: [part.yaml]\ncases:" + CASE.format(id="first", input="a.json")
    )
    kit = load_kit(file)
    assert [case.id for case in kit.cases] == ["first", "second"]
    assert kit.input("a.json") == b"{}"


def test_a_date_in_yaml_stays_the_text_that_it_is_in_json(tmp_path: Path) -> None:
    expect = "{outcome: accepted, messages: [{register: gvr, service: v, body: {datum: 2025-03-03}}]}"
    case = CASE.format(id="one", input="a.json").replace("{outcome: accepted}", expect)
    (case,) = load_kit(_manifest(tmp_path, HEAD + "cases:" + case)).cases
    assert case.steps[0].expect.messages[0].body == {"datum": "2025-03-03"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "there is no case in it"),
        (HEAD.replace("1", "2", 1), "conformance"),
        ("just words", "Expected `object`"),
        ("a: [", "line 2: "),
        (HEAD + "cases:" + CASE.format(id="one", input="gone.json"), "one: gone.json is not there"),
        (HEAD + "cases:" + CASE.format(id="one", input="../../etc/passwd"), "lies outside the folder"),
        (HEAD + "include: [gone.yaml]", "gone.yaml: No such file"),
        (HEAD + "cases:" + 2 * CASE.format(id="one", input="a.json"), "several cases are called one"),
        (
            HEAD + "cases:" + CASE.format(id="one", input="a.json").replace("accepted", "taken"),
            "expect.outcome",
        ),
        (
            HEAD + "cases:" + CASE.format(id="one", input="a.json").replace("error: none", "error: bad"),
            "cell.error",
        ),
        (HEAD + "cases:" + CASE.format(id="o", input="a.json").replace("origin", "orgin"), "orgin"),
        (
            HEAD + "cases:" + CASE.format(id="o", input="a.json") + "    settings: {tables: t}\n",
            "t is not there",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    file = _manifest(tmp_path, text)
    with pytest.raises(PackError, match=r"(manifest|gone)\.yaml") as raised:
        load_kit(file)
    assert said in str(raised.value)


def test_a_manifest_json_of_a_bulk_export_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"transactionTime": "2025-03-03T00:00:00Z", "output": []}')
    assert manifest_of(tmp_path) is None
    (tmp_path / "manifest.json").write_text('{"conformance": 1}')
    assert manifest_of(tmp_path) == tmp_path / "manifest.json"
    assert manifest_of(tmp_path / "manifest.json") == tmp_path / "manifest.json"
    assert manifest_of(tmp_path / "a.json") is None
