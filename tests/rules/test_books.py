"""Every question of every book (cases/*.yaml) has the answer that the book gives."""

import pytest

from adapter.rules import Packs
from tests.support.books import FOLDER, questions

REGISTERS = sorted({path.stem.partition("-")[0] for path in FOLDER.glob("*.yaml")})


@pytest.mark.parametrize("register", REGISTERS)
def test_the_rules_say_of_each_event_what_its_book_says(shipped: Packs, register: str) -> None:
    wrong = [
        one.catches or one.passes or one.event.kind
        for one in questions(register)
        if not one.is_answered(shipped, register)
    ]
    assert wrong == []


@pytest.mark.parametrize("register", REGISTERS)
def test_every_book_is_asked(register: str) -> None:
    asked = {one.service for one in questions(register)}
    books = {path.stem.removeprefix(f"{register}-") for path in FOLDER.glob(f"{register}-*.yaml")}
    assert asked == books


def test_a_book_notices_a_demand_made_of_another_kind_of_event(shipped: Packs) -> None:
    elsewhere = [one for one in questions("gvr") if one.demands_nothing]
    assert {one.service for one in elsewhere} == {
        service for register, service in shipped.editions if register == "gvr"
    }
