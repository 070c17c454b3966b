"""Loading packs: what is refused, and that file and line are named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.errors import PackError
from adapter.rules import load_packs
from adapter.rules.load import read_folder

Folder = Callable[..., Path]


def _refusal(folder: Path) -> str:
    with pytest.raises(PackError) as caught:
        load_packs(folder)
    return str(caught.value)


def _without(pack: str, line: str) -> str:
    assert line in pack
    return pack.replace(line, "")


def test_a_pack_loads_into_the_catalogue(folder: Folder, pack: str) -> None:
    rule = load_packs(folder(pack)).catalogue["TEST-TYP"]
    assert rule.source.document == "PMO"
    assert rule.text.sv == "Typen saknas."
    assert rule.severity == "error"


def test_packs_in_folders_below_are_loaded_too(folder: Folder, pack: str, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "x.yml").write_text(pack, "utf-8")
    assert "TEST-TYP" in load_packs(tmp_path).catalogue


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    assert "no rule pack" in _refusal(tmp_path)


@pytest.mark.parametrize("missing", [', section: "Fysiska vårdkontakter"', "document: PMO, "])
def test_a_rule_without_document_or_section_does_not_load(folder: Folder, pack: str, missing: str) -> None:
    said = _refusal(folder(_without(pack, missing)))
    assert "a.yaml:10: TEST-TYP: source: " in said


def test_a_rule_without_a_source_does_not_load(folder: Folder, pack: str) -> None:
    said = _refusal(folder(_without(pack, '    source: {document: PMO, section: "Fysiska vårdkontakter"}\n')))
    assert "a.yaml:8: TEST-TYP: " in said
    assert "source" in said


@pytest.mark.parametrize("blank", ['""', '"  "'])
def test_a_blank_section_does_not_load(folder: Folder, pack: str, blank: str) -> None:
    said = _refusal(folder(pack.replace('"Fysiska vårdkontakter"', blank)))
    assert "a.yaml:10: TEST-TYP: source.section: " in said


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("severity: error", "severity: grave", 9, "severity"),
        ("severity: error", "severty: error", 9, "severty"),
        ("severity: error", "issue: value", 8, "`severity` is missing"),
        ("severity: error", "severity: warning\n    hold: true", 10, "only an error can be held"),
        ("severity: error", "severity: error\n    issue: wrong", 10, "issue"),
        ("severity: error", "severity: error\n    assumed: maybe", 10, "assumed"),
        ("id: TEST-TYP", "id: test typ", 8, "id"),
        (', en: "The type is missing."', "", 14, "text"),
        ('en: "The type is missing."', 'en: "The {thing} is missing."', 14, "different parameters"),
        ('    todo: {sv: "Ange den.", en: "Give it."}\n', "", 8, "`todo` is missing"),
        ("at: [kontakt.typ]", "at: [kontakt.typp]", 13, "`at` names `kontakt.typp`"),
        ("at: [kontakt.typ]", "at: [kontakt.typ.x]", 13, "`at` names `kontakt.typ.x`"),
        ("has(event.kontakt.typ)", "has(event.kontakt.typp)", 12, "did you mean `typ`?"),
        ("has(event.kontakt.typ)", 'event.kontakt.typ == "x"', 12, "may be absent"),
        ('"vardkontakt"\'', "1'", 11, "compares a text with a number"),
        ("event.kind ==", "event.kind =", 11, "is not allowed in a condition"),
        ("at: [", "checked_by: adapter.x\n    at: [", 8, "either a condition"),
        ("at: [", "not_reported: true\n    at: [", 12, "has `when` alone"),
        ("register: test", "register: null", 2, "together"),
        ("valid_to: null", "valid_to: 2024-12-31", 6, "before valid_from"),
        ("valid_from: 2025-01-01", "valid_from: 2025-13-01", 5, "valid_from"),
        ('edition: "2025"', "edition: 2025", 4, "edition"),
        ("pack: test-besok-2025", "pack: Test Besök", 1, "pack"),
        ("edition:", "editon:", 4, "editon"),
    ],
)
def test_a_wrong_pack_names_file_line_and_what_is_wrong(
    folder: Folder, pack: str, old: str, new: str, line: int, said: str
) -> None:
    assert old in pack
    message = _refusal(folder(pack.replace(old, new)))
    assert f"{Path('a.yaml')}:{line}: " in message
    assert said in message


def test_a_rule_needs_a_way_to_be_applied(folder: Folder, pack: str) -> None:
    bare = pack.replace("    when: 'event.kind == \"vardkontakt\"'\n", "").replace(
        "    require: 'has(event.kontakt.typ)'\n", ""
    )
    assert "either a condition" in _refusal(folder(bare))


def test_a_common_pack_has_no_conditions(folder: Folder, pack: str) -> None:
    said = _refusal(folder(_without(_without(pack, "register: test\n"), "service: besok\n")))
    assert "a condition needs a pack with `register`" in said


def test_every_problem_is_told_at_once(folder: Folder, pack: str) -> None:
    message = _refusal(folder(pack.replace("severity: error", "severity: grave"), "pack: other\n"))
    assert "a.yaml:9: " in message
    assert "b.yaml:1: " in message


def test_reading_goes_on_past_problems(folder: Folder, pack: str) -> None:
    packs, problems = read_folder(folder(pack, "- not a pack\n"))
    assert "TEST-TYP" in packs.catalogue
    assert [problem.file.name for problem in problems] == ["b.yaml"]


def test_a_rule_in_error_does_not_hide_the_next_one(folder: Folder, pack: str) -> None:
    rule = pack[pack.index("  - id:") :]
    two = pack.replace("severity: error", "severity: grave") + rule.replace("TEST-TYP", "TEST-TWO")
    packs, problems = read_folder(folder(two))
    assert [problem.line for problem in problems] == [9]
    assert list(packs.catalogue) == ["TEST-TWO"]


def test_an_exception_from_reporting_needs_no_severity(folder: Folder, pack: str) -> None:
    rule = pack.replace("severity: error", "not_reported: true").replace(
        "    require: 'has(event.kontakt.typ)'\n", ""
    )
    assert load_packs(folder(rule)).catalogue["TEST-TYP"].severity == "information"
