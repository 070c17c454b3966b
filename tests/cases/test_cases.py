"""The cases that domain experts write (docs/reference/cases), and what they cover."""

from pathlib import Path
from typing import Any

import pytest

from adapter.cases.form import Case, CaseFile, dates_of
from adapter.cases.run import Translators, complaints, read_cases, run_case

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*/*.yaml"))


def _every() -> list[Any]:
    found = []
    for path in FILES:
        file = read_cases(path)
        for case in file.cases:
            for date in dates_of(file, case):
                name = f"{path.parent.name}/{path.stem}: {case.name} ({date})"
                found.append(pytest.param(file, case, date, path.parent, id=name))
    return found


@pytest.fixture(scope="module")
def translators() -> Translators:
    return Translators()


@pytest.mark.parametrize(("file", "case", "date", "folder"), _every())
def test_the_case_comes_out_as_the_expert_says(
    translators: Translators, file: CaseFile, case: Case, date: str, folder: Path
) -> None:
    outcome = run_case(translators, file, case, date, folder)
    assert complaints(case, outcome) == []
