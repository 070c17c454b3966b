"""The rules of the registers that get files, by the cases in cases/signe-*.yaml and cases/listning-*.yaml."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from adapter.domain.event import Vardhandelse
from adapter.rules import Facts, Judgement, Packs

Json = dict[str, Any]
CASES = Path(__file__).parent / "cases"
BOOKS: dict[tuple[str, str], Json] = {
    ("signe", "vardkontakt"): yaml.safe_load((CASES / "signe-vardkontakt.yaml").read_text("utf-8")),
    ("listning", "fast-lakarkontakt"): yaml.safe_load(
        (CASES / "listning-fast-lakarkontakt.yaml").read_text("utf-8")
    ),
}
SERVICES = [pytest.param(service, id=service[0]) for service in BOOKS]


def _changed(value: Any, change: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(change, dict):
        return change
    merged = {name: _changed(value.get(name), one) for name, one in change.items()}
    return {name: one for name, one in {**value, **merged}.items() if one is not None}


def _judge(packs: Packs, service: tuple[str, str], case: Json) -> Judgement:
    book = BOOKS[service]
    event = msgspec.convert(_changed(book["contact"], case.get("with", {})), Vardhandelse)
    edition = packs.edition(*service, case.get("date", "2025-03-03"))
    assert edition is not None
    return edition.judge(event, {}, Facts(event, case.get("register", book.get("register", {}))))


def _cases(column: str) -> list[Any]:
    return [
        pytest.param(service, rule, case, id=f"{rule}-{number}")
        for service, book in BOOKS.items()
        for rule, cases in book["rules"].items()
        for number, case in enumerate(cases[column], 1)
    ]


def _matched(judgement: Judgement) -> set[str]:
    return {*judgement.not_reported, *(finding.rule for finding in judgement.findings)}


@pytest.mark.parametrize(("service", "rule", "case"), _cases("catches"))
def test_the_rule_catches(shipped: Packs, service: tuple[str, str], rule: str, case: Json) -> None:
    assert rule in _matched(_judge(shipped, service, case))


@pytest.mark.parametrize(("service", "rule", "case"), _cases("passes"))
def test_the_rule_lets_pass(shipped: Packs, service: tuple[str, str], rule: str, case: Json) -> None:
    assert rule not in _matched(_judge(shipped, service, case))


@pytest.mark.parametrize("service", SERVICES)
def test_the_event_that_all_cases_begin_with_breaks_no_rule(shipped: Packs, service: tuple[str, str]) -> None:
    assert _matched(_judge(shipped, service, {})) == set()


@pytest.mark.parametrize("service", SERVICES)
def test_every_rule_of_every_edition_has_cases_on_both_sides(
    shipped: Packs, service: tuple[str, str]
) -> None:
    editions = shipped.editions[service]
    rules = {rule.face.id for edition in editions for rule in (*edition.exceptions, *edition.demands)}
    book = BOOKS[service]["rules"]
    assert set(book) == rules
    assert all(cases["catches"] and cases["passes"] for cases in book.values())


@pytest.mark.parametrize(
    ("date", "name"),
    [
        ("1999-01-01", "signe-vardkontakt-fore-2021"),
        ("2021-04-18", "signe-vardkontakt-fore-2021"),
        ("2021-04-19", "signe-vardkontakt-2021"),
        ("2026-11-22", "signe-vardkontakt-2021"),
    ],
)
def test_the_date_of_care_picks_the_edition_of_sign_e(shipped: Packs, date: str, name: str) -> None:
    edition = shipped.edition("signe", "vardkontakt", date)
    assert edition is not None
    assert edition.name == name


def test_the_listing_service_takes_links_from_before_it_began(shipped: Packs) -> None:
    for date in ("2014-01-01", "2025-12-31", "2026-01-01"):
        edition = shipped.edition("listning", "fast-lakarkontakt", date)
        assert edition is not None
        assert edition.name == "listning-fast-lakarkontakt-2026"


@pytest.mark.parametrize("kind", ["vardkontakt", "koordineringsinsats", "vardtillfalle", "fast_lakarkontakt"])
def test_each_kind_of_event_is_taken_or_listed_as_not_reported(shipped: Packs, kind: str) -> None:
    for service, takes in (
        (("signe", "vardkontakt"), "vardkontakt"),
        (("listning", "fast-lakarkontakt"), "fast_lakarkontakt"),
    ):
        judgement = _judge(shipped, service, {"with": {"kind": kind}})
        assert bool(judgement.not_reported) == (kind != takes)


def test_sign_e_needs_no_identity(shipped: Packs) -> None:
    judgement = _judge(shipped, ("signe", "vardkontakt"), {"with": {"patient": {"id": None, "kind": None}}})
    assert judgement.findings == []
