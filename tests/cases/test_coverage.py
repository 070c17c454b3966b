"""Every rule of every register's packs has a case that it comes up in, and one that it narrowly does not."""

from pathlib import Path

import pytest
import yaml

from adapter.cases.run import read_cases
from adapter.resources import data_folder
from adapter.rules import Packs, load_packs

FOLDER = Path(__file__).parent
CASES = [case for path in sorted(FOLDER.glob("*/*.yaml")) for case in read_cases(path).cases]
OUT_OF_REACH: dict[str, str] = yaml.safe_load((FOLDER / "out-of-reach.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def packs() -> Packs:
    return load_packs(data_folder("mappings") / "rules")


def _of_registers(packs: Packs) -> set[str]:
    return {
        rule.face.id
        for editions in packs.editions.values()
        for edition in editions
        for rule in (*edition.exceptions, *edition.demands)
    }


def test_every_rule_comes_up_in_a_case(packs: Packs) -> None:
    triggered = {rule for case in CASES for rule in case.triggers}
    assert _of_registers(packs) - triggered - OUT_OF_REACH.keys() == set()


def test_every_rule_is_narrowly_spared_in_a_case(packs: Packs) -> None:
    spared = {rule for case in CASES for rule in case.spares}
    assert _of_registers(packs) - spared - OUT_OF_REACH.keys() == set()


def test_cases_and_the_list_of_what_is_out_of_reach_name_rules_that_exist(packs: Packs) -> None:
    named = {rule for case in CASES for rule in (*case.triggers, *case.spares)}
    assert named - packs.catalogue.keys() == set()
    assert OUT_OF_REACH.keys() - _of_registers(packs) == set()
    assert OUT_OF_REACH.keys() & {rule for case in CASES for rule in case.triggers} == set()


def test_no_two_cases_of_a_file_have_one_name() -> None:
    for path in FOLDER.glob("*/*.yaml"):
        names = [case.name for case in read_cases(path).cases]
        assert len(set(names)) == len(names), path.name
