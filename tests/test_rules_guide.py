"""The examples of the guide for reporting specialists are what a user can copy."""

import re
from pathlib import Path

import pytest

from adapter.cli.root import run

GUIDE = Path(__file__).parents[1] / "docs" / "how-to" / "rules.md"
CASES = Path(__file__).parents[1] / "docs" / "reference" / "cases.md"


def _blocks(page: Path) -> list[str]:
    return re.findall(r"```(?:yaml|json)\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The folder of the worked example: cases, a map and a pack, as the guide shows them."""
    _, cases, concept_map, pack = _blocks(GUIDE)
    for folder in ("rules", "concept-maps"):
        (tmp_path / "overlay" / folder).mkdir(parents=True)
    (tmp_path / "fall.yaml").write_text(cases, "utf-8")
    (tmp_path / "overlay" / "concept-maps" / "kontakttyper.json").write_text(concept_map, "utf-8")
    (tmp_path / "overlay" / "rules" / "hemsjukvard.yaml").write_text(pack, "utf-8")
    return tmp_path


def test_the_worked_example_checks_and_its_cases_come_out(example: Path) -> None:
    assert run(["rules", "check", str(example / "overlay")]) == 0
    assert run(["rules", "cases", str(example / "fall.yaml"), "--overlay", str(example / "overlay")]) == 0


def test_without_map_and_rule_the_cases_do_not_come_out(example: Path) -> None:
    assert run(["rules", "cases", str(example / "fall.yaml")]) == 1


def test_the_rule_that_the_guide_reads_aloud_is_the_shipped_one() -> None:
    rule = " ".join(_blocks(GUIDE)[0].split())
    shipped = Path(__file__).parents[1] / "mappings" / "rules" / "pasis" / "vardkontakt-2025.yaml"
    condition = rule[rule.index("when:") : rule.index("at:")]
    assert condition in " ".join(shipped.read_text("utf-8").split())


def test_the_example_of_the_reference_of_cases_comes_out(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(_blocks(CASES)[0], "utf-8")
    assert run(["rules", "cases", str(file)]) == 0
