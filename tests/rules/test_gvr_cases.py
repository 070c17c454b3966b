"""GVR's rules, service by service, by the cases in cases/gvr-*.yaml.

`always` in a book are the rules that the contact of its cases matches as it stands.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from adapter.domain.event import Vardhandelse
from adapter.rules import Facts, Judgement, Packs

Json = dict[str, Any]

BOOKS: dict[str, Json] = {
    file.stem: yaml.safe_load(file.read_text("utf-8"))
    for file in sorted((Path(__file__).parent / "cases").glob("gvr-*.yaml"))
}


def _changed(value: Any, change: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(change, dict):
        return change
    merged = {name: _changed(value.get(name), one) for name, one in change.items()}
    return {name: one for name, one in {**value, **merged}.items() if one is not None}


def _judge(packs: Packs, book: Json, case: Json) -> Judgement:
    event = msgspec.convert(_changed(book["contact"], case.get("with", {})), Vardhandelse)
    edition = packs.edition(book["register"], book["service"], case.get("date", "2025-03-03"))
    assert edition is not None
    register = {name: tuple(one) if isinstance(one, list) else one for name, one in _register(case)}
    return edition.judge(event, {}, Facts(event, register))


def _register(case: Json) -> list[tuple[str, Any]]:
    return list(case.get("register", {}).items())


def _cases(column: str) -> list[Any]:
    return [
        pytest.param(name, rule, case, id=f"{rule}-{number}")
        for name, book in BOOKS.items()
        for rule, cases in book["rules"].items()
        for number, case in enumerate(cases[column], 1)
    ]


def _matched(judgement: Judgement) -> set[str]:
    return {*judgement.not_reported, *(finding.rule for finding in judgement.findings)}


@pytest.mark.parametrize(("book", "rule", "case"), _cases("catches"))
def test_the_rule_catches(shipped: Packs, book: str, rule: str, case: Json) -> None:
    assert rule in _matched(_judge(shipped, BOOKS[book], case))


@pytest.mark.parametrize(("book", "rule", "case"), _cases("passes"))
def test_the_rule_lets_pass(shipped: Packs, book: str, rule: str, case: Json) -> None:
    assert rule not in _matched(_judge(shipped, BOOKS[book], case))


@pytest.mark.parametrize("book", BOOKS.values(), ids=list(BOOKS))
def test_the_contact_that_all_cases_begin_with_breaks_no_rule(shipped: Packs, book: Json) -> None:
    for date in ("2024-12-31", "2025-01-01"):
        assert _matched(_judge(shipped, book, {"date": date})) == set(book.get("always", ()))


@pytest.mark.parametrize("book", BOOKS.values(), ids=list(BOOKS))
def test_every_rule_of_every_edition_has_cases_on_both_sides(shipped: Packs, book: Json) -> None:
    editions = shipped.editions[book["register"], book["service"]]
    rules = {rule.face.id for edition in editions for rule in (*edition.exceptions, *edition.demands)}
    assert set(book["rules"]) == rules
    assert all(cases["catches"] and cases["passes"] for cases in book["rules"].values())


def test_every_service_has_a_book(shipped: Packs) -> None:
    assert {(book["register"], book["service"]) for book in BOOKS.values()} == {
        service for service in shipped.editions if service[0] == "gvr"
    }


@pytest.mark.parametrize("book", BOOKS.values(), ids=list(BOOKS))
def test_every_date_of_care_has_its_edition(shipped: Packs, book: Json) -> None:
    for date in ("1999-01-01", "2021-01-31", "2021-02-01", "2024-12-31", "2025-01-01", "2026-11-21"):
        assert shipped.edition(book["register"], book["service"], date) is not None


@pytest.mark.parametrize("book", BOOKS.values(), ids=list(BOOKS))
def test_a_cancelled_event_is_not_judged(shipped: Packs, book: Json) -> None:
    bare = {"status": "cancelled", "diagnoser": [], "enhet": {"kombika": None}}
    assert _matched(_judge(shipped, book, {"with": bare})) == set()


@pytest.mark.parametrize("book", BOOKS.values(), ids=list(BOOKS))
def test_what_can_be_mended_on_our_side_holds_the_event(shipped: Packs, book: Json) -> None:
    findings = _judge(shipped, book, {"with": {"enhet": {"kombika": None}}}).findings
    errors = [finding.rule for finding in findings if finding.severity == "error"]
    assert len(errors) == 1
    assert errors[0].endswith("KOMBIKA")
    assert shipped.catalogue[errors[0]].hold
