"""The tools of mutation testing: which changes are made of a module, what is not counted, the page."""

import pytest

from tests.support.code_mutants import Module, noting
from tests.support.equivalents import Equivalents
from tests.support.mutation_page import PARTS, Score, page, told

SOURCE = '''
"""A text that says what the module is."""

LIMIT = 3
Kind = Literal["a", "b"]


class Contact:
    @property
    def is_long(self) -> bool:
        """Whether it is long."""
        return self.minutes > LIMIT and not self.cancelled


def kinds(found: list[str]) -> list[str]:
    if not found:
        raise ValueError("nothing")
    return [one for one in found if one.strip()]
'''


@pytest.fixture
def module() -> Module:
    return Module("example", "example.py", SOURCE)


def test_what_has_an_effect_is_changed_and_nothing_else(module: Module) -> None:
    assert [one.key for one in module.mutants] == [
        "module: `3` becomes `4`",
        "Contact.is_long: `return self.minutes > LIMIT and (not self.cancelled)` becomes `return None`",
        "Contact.is_long: `and` becomes `or` in `self.minutes > LIMIT and (not self.cancelled)`",
        "Contact.is_long: without `self.minutes > LIMIT` in `self.minutes > LIMIT and (not self.cancelled)`",
        "Contact.is_long: without `not self.cancelled` in `self.minutes > LIMIT and (not self.cancelled)`",
        "Contact.is_long: `self.minutes > LIMIT` becomes `self.minutes >= LIMIT`",
        "Contact.is_long: without `not` in `not self.cancelled`",
        "kinds: without `not` in `not found`",
        "kinds: `if not found` becomes always",
        "kinds: `return [one for one in found if one.strip()]` becomes `return None`",
        "kinds: without `if one.strip()`",
    ]


def test_a_change_is_in_the_code_and_undone_afterwards(module: Module) -> None:
    before = module.compiled()
    changed = [module.compiled(one) for one in module.mutants]
    assert all(code != before for code in changed)
    assert module.compiled() == before


def test_a_sample_is_the_same_each_time_and_in_order(module: Module) -> None:
    keys = [one.key for one in module.mutants]
    drawn = [one.key for one in module.sample(4, "1")]
    assert drawn == [one.key for one in module.sample(4, "1")]
    assert len(drawn) == 4
    assert sorted(drawn, key=keys.index) == drawn
    assert [one.key for one in module.sample(99, "1")] == keys


def test_of_many_texts_a_third_is_drawn_as_long_as_there_is_something_else() -> None:
    texts = "\n".join(f'T{number} = "{number}"' for number in range(20))
    drawn = Module("texts", "texts.py", texts + "\nN = [1, 2, 3, 4]").sample(6, "1")
    assert sum(one.is_text for one in drawn) == 2
    assert len(Module("texts", "texts.py", texts).sample(6, "1")) == 6


def test_a_function_tells_when_it_is_called() -> None:
    called: list[tuple[str, str, int]] = []
    names = {"note": lambda *place: called.append(place), "Literal": {("a", "b"): None}, "minutes": 1}
    exec(noting(SOURCE, "example.py", "note"), names)
    assert names["kinds"](["x", " "]) == ["x"]  # type: ignore[operator]
    assert [name for _, name, _ in called] == ["kinds"]


def test_a_listed_change_is_not_counted_and_must_be_made_and_survive() -> None:
    listed = {"a": {"R-1: left out": "why", "R-2: left out": "why", "R-3: left out": "why"}}
    equivalents, score = Equivalents(listed), Score("a")
    equivalents.count(score, "R-1", "left out", False)
    equivalents.count(score, "R-2", "left out", True)
    equivalents.count(score, "R-9", "left out", False)
    assert (score.made, score.survived) == (1, [("R-9", "left out")])
    assert equivalents.faults(["a"]) == [
        "a: R-2: left out: is noticed after all",
        "a: R-3: left out: no such change was made",
    ]
    assert equivalents.complain(["a"]) == 1
    assert Equivalents({}).complain(["a"]) == 0


def test_the_page_keeps_the_part_that_is_not_written() -> None:
    equivalents = Equivalents({"a": {"R-1: left out": "it is implied"}})
    score = Score("a", 10, [("R-9", "x || y")])
    first = page("", {"rules": told("## Rules\n", [score], equivalents)})
    both = page(first, {"mapping": told("## Mapping\n", [Score("b", 4)], Equivalents({}))})
    assert "**9 of 10 noticed: 90.0%.**" in both
    assert "| a | R-9 | x \\|\\| y |" in both
    assert "| a | R-1: left out | it is implied |" in both
    assert both.index("## Rules") < both.index("## Mapping")
    assert page(both, {}) == both
    assert PARTS == ("rules", "mapping")
