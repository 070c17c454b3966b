from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.resources import data_folder
from adapter.rules.review import review_folder

Folder = Callable[..., Path]


def test_the_shipped_rules_have_no_problem_at_all() -> None:
    assert [str(problem) for problem in review_folder(data_folder("mappings") / "rules")[1]] == []


@pytest.mark.parametrize(
    "name",
    ["adapter.rules.edition.Edition.absent", "adapter.absent.thing", "os.getcwd", "adapters.rules.load"],
)
def test_a_function_that_is_not_there_is_a_problem(folder: Folder, common: str, name: str) -> None:
    _, problems = review_folder(folder(common.replace("adapter.rules.edition.Edition.judge", name)))
    assert [(problem.line, problem.fatal) for problem in problems] == [(9, True)]


@pytest.mark.parametrize("name", ["adapter.rules.load", "adapter.rules.load.load_packs"])
def test_a_rule_may_be_checked_by_a_module_or_by_something_in_it(
    folder: Folder, common: str, name: str
) -> None:
    assert review_folder(folder(common.replace("adapter.rules.edition.Edition.judge", name)))[1] == []


def test_our_own_decision_that_is_not_marked_as_assumed_is_noted(folder: Folder, common: str) -> None:
    _, problems = review_folder(folder(common.replace("    assumed: true\n", "")))
    assert [(problem.line, problem.fatal) for problem in problems] == [(7, False)]


def test_problems_of_loading_are_told_too(folder: Folder, pack: str) -> None:
    _, problems = review_folder(folder(pack.replace("severity: error", "severity: grave")))
    assert [problem.line for problem in problems] == [9]
