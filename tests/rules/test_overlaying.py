"""A user's own packs over those that ship: in their place, beside them, and rules added to their editions."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.errors import PackError
from adapter.rules import Packs, load_packs
from adapter.rules.load import read_folder

EXTENSION = """\
pack: own
edition: local
extends: [test-besok-2025]
rules:
  - id: OWN-AKUT
    severity: warning
    source: {document: MY-REGION, section: "Jour"}
    require: 'event.kontakt.akut'
    at: [kontakt.akut]
    text: {sv: "Inte akut.", en: "Not acute."}
"""

Over = Callable[..., Path]


@pytest.fixture
def shipped(tmp_path: Path, pack: str, common: str) -> Path:
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "pack.yaml").write_text(pack, "utf-8")
    (folder / "common.yaml").write_text(common, "utf-8")
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def loaded(shipped: Path, own: Path, text: str, name: str = "own.yaml") -> Packs:
    (own / name).write_text(text, "utf-8")
    return load_packs((shipped, own))


def rules_of(packs: Packs) -> list[str]:
    edition = packs.edition("test", "besok", "2025-03-03")
    assert edition is not None
    return [rule.face.id for rule in edition.demands]


def test_a_rule_is_added_to_an_edition_which_says_so(shipped: Path, own: Path) -> None:
    packs = loaded(shipped, own, EXTENSION)
    assert rules_of(packs) == ["TEST-TYP", "OWN-AKUT"]
    edition = packs.edition("test", "besok", "2025-03-03")
    assert edition is not None
    assert (edition.name, edition.edition) == ("test-besok-2025+own", "2025+local")


def test_an_own_rule_with_the_id_of_another_takes_its_place(shipped: Path, own: Path) -> None:
    packs = loaded(shipped, own, EXTENSION.replace("OWN-AKUT", "TEST-TYP"))
    assert rules_of(packs) == ["TEST-TYP"]
    assert packs.catalogue["TEST-TYP"].severity == "warning"


def test_an_own_rule_cites_a_document_of_its_own(shipped: Path, own: Path) -> None:
    assert loaded(shipped, own, EXTENSION).catalogue["OWN-AKUT"].source.document == "MY-REGION"


def test_a_rule_tells_whose_it_is_and_where_it_stands(shipped: Path, own: Path) -> None:
    packs = loaded(shipped, own, EXTENSION)
    where = {
        rule.face.id: (rule.layer, rule.source.file.name, rule.source.line(rule.place))
        for pack in packs.packs
        for rule in pack.rules
    }
    assert where["OWN-AKUT"] == (1, "own.yaml", 5)
    assert where["TEST-TYP"][0] == 0


def test_a_pack_of_the_same_name_takes_the_place_of_the_shipped_one(
    shipped: Path, own: Path, pack: str
) -> None:
    packs = loaded(shipped, own, pack.replace("TEST-TYP", "OWN-TYP"))
    assert rules_of(packs) == ["OWN-TYP"]
    assert "TEST-TYP" not in packs.catalogue


def test_a_file_of_the_same_name_takes_the_place_of_the_shipped_one(
    shipped: Path, own: Path, pack: str
) -> None:
    text = pack.replace("TEST-TYP", "OWN-TYP").replace("test-besok-2025", "anything")
    assert rules_of(loaded(shipped, own, text, "pack.yaml")) == ["OWN-TYP"]


def test_two_own_packs_extend_one_edition(shipped: Path, own: Path) -> None:
    second = EXTENSION.replace("pack: own", "pack: more").replace("OWN-AKUT", "OWN-MORE")
    (own / "a.yaml").write_text(second, "utf-8")
    assert sorted(rules_of(loaded(shipped, own, EXTENSION))) == ["OWN-AKUT", "OWN-MORE", "TEST-TYP"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "[test-besok-2025]",
            "[test-besok-2099]",
            r"own.yaml:3: there is no pack `test-besok-2099` to extend",
        ),
        ("[test-besok-2025]", "[common-test]", r"own.yaml:3: `common-test` is applied by no register"),
        (
            "edition: local",
            "edition: local\nregister: test\nservice: besok",
            r"own.yaml:5: a pack that extends",
        ),
        ("severity: warning", "severity: warning\n    colour: red", r"own.yaml:7: OWN-AKUT"),
        ("event.kontakt.akut'", "event.kontakt.akutt'", r"own.yaml:8: OWN-AKUT: require"),
        ("    at: [kontakt.akut]", "    at: [kontakt.nej]", r"own.yaml:9: OWN-AKUT: `at` names"),
        ('    source: {document: MY-REGION, section: "Jour"}\n', "", r"own.yaml:5: OWN-AKUT"),
    ],
)
def test_what_is_wrong_with_an_own_pack_is_told_with_its_file_and_line(
    shipped: Path, own: Path, before: str, after: str, said: str
) -> None:
    assert before in EXTENSION
    with pytest.raises(PackError, match=said):
        loaded(shipped, own, EXTENSION.replace(before, after))


def test_a_rule_that_stands_twice_in_an_own_pack_is_refused(shipped: Path, own: Path) -> None:
    rule = EXTENSION[EXTENSION.index("  - id:") :]
    (own / "own.yaml").write_text(EXTENSION + rule, "utf-8")
    _, problems = read_folder((shipped, own))
    assert [problem.text for problem in problems] == ["OWN-AKUT: stands twice"]


def test_a_pack_that_extends_two_services_is_told_so_and_nothing_else(
    shipped: Path, own: Path, pack: str
) -> None:
    other = pack.replace("register: test", "register: other").replace("test-besok-2025", "other-besok-2025")
    (shipped / "other.yaml").write_text(other.replace("TEST-", "OTHER-"), "utf-8")
    text = EXTENSION.replace("[test-besok-2025]", "\n  - test-besok-2025\n  - other-besok-2025")
    (own / "own.yaml").write_text(text, "utf-8")
    _, problems = read_folder((shipped, own))
    assert [(problem.file.name, problem.line) for problem in problems] == [("own.yaml", 5)]
    assert problems[0].text.startswith(
        "a pack extends editions of one service: `other-besok-2025` is of other besok, `test-besok-2025` of "
        "test besok."
    )


def test_a_pack_extends_several_editions_of_one_service(shipped: Path, own: Path, pack: str) -> None:
    older = pack.replace("test-besok-2025", "test-besok-2024")
    older = older.replace("valid_from: 2025-01-01", "valid_from: null").replace(
        "valid_to: null", "valid_to: 2024-12-31"
    )
    (shipped / "older.yaml").write_text(older, "utf-8")
    text = EXTENSION.replace("[test-besok-2025]", "[test-besok-2024, test-besok-2025]")
    packs = loaded(shipped, own, text)
    assert {one.name for one in packs.editions["test", "besok"]} == {
        "test-besok-2024+own",
        "test-besok-2025+own",
    }


def test_an_edition_that_is_extended_twice_is_told(shipped: Path, own: Path) -> None:
    with pytest.raises(PackError, match=r"own.yaml:3: `test-besok-2025` stands twice"):
        loaded(shipped, own, EXTENSION.replace("[test-besok-2025]", "[test-besok-2025, test-besok-2025]"))
