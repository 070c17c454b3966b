"""GVR's rules for vårdkontakt: editions, and what is asked first. The rules one by one: test_gvr_cases."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from adapter.domain.event import Vardhandelse
from adapter.rules import Facts, Judgement, Packs

BOOK = yaml.safe_load((Path(__file__).parent / "cases" / "gvr-vardkontakt.yaml").read_text("utf-8"))


def _changed(value: Any, change: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(change, dict):
        return change
    merged = {name: _changed(value.get(name), one) for name, one in change.items()}
    return {name: one for name, one in {**value, **merged}.items() if one is not None}


def _contact(change: dict[str, Any] | None = None) -> Vardhandelse:
    return msgspec.convert(_changed(BOOK["contact"], change or {}), Vardhandelse)


def _judge(packs: Packs, case: dict[str, Any]) -> Judgement:
    event = _contact(case.get("with"))
    edition = packs.edition("gvr", "vardkontakt", case.get("date", "2025-03-03"))
    assert edition is not None
    return edition.judge(event, {}, Facts(event, case.get("register", {})))


def _matched(judgement: Judgement) -> set[str]:
    return {*judgement.not_reported, *(finding.rule for finding in judgement.findings)}


def test_the_editions_differ_only_in_the_contact_type_that_2025_brought(shipped: Packs) -> None:
    older, newer = (
        {rule.entry.id: rule.entry for rule in pack.rules}
        for pack in shipped.packs
        if (pack.head.register, pack.head.service) == ("gvr", "vardkontakt")
    )
    assert set(older) - set(newer) == {"GVR-VIDEO-FORE-2025"}
    assert set(newer) - set(older) == set()
    assert [rule for rule in newer if newer[rule] != older[rule]] == ["GVR-DISTANS-ERSATTER-EJ"]


@pytest.mark.parametrize(
    ("date", "name"),
    [
        ("1999-01-01", "gvr-vardkontakt-2024"),
        ("2024-12-31", "gvr-vardkontakt-2024"),
        ("2025-01-01", "gvr-vardkontakt-2025"),
        ("2026-11-21", "gvr-vardkontakt-2025"),
    ],
)
def test_the_date_of_care_picks_the_edition(shipped: Packs, date: str, name: str) -> None:
    edition = shipped.edition("gvr", "vardkontakt", date)
    assert edition is not None
    assert edition.name == name


def test_nothing_is_demanded_of_a_contact_that_is_not_reported(shipped: Packs) -> None:
    bare = {"kontakt": {"typ": "kommentar", "taxa": None, "besokstyp": []}, "enhet": {"kombika": None}}
    judgement = _judge(shipped, {"with": {**bare, "patient": {"id": None}, "diagnoser": [], "personal": []}})
    assert judgement.not_reported == ("GVR-KOMMENTAR",)
    assert judgement.findings == []


def test_a_pending_contact_lists_every_rule_that_keeps_it_from_the_register(shipped: Packs) -> None:
    judgement = _judge(shipped, {"with": {"status": "pending", "kontakt": {"typ": "triage"}}})
    assert judgement.not_reported == ("GVR-AVVAKTAR", "GVR-TRIAGE")


@pytest.mark.parametrize("kind", ["koordineringsinsats", "vardtillfalle"])
def test_work_of_another_service_is_not_judged_here(shipped: Packs, kind: str) -> None:
    assert _matched(_judge(shipped, {"with": {"kind": kind, "enhet": {"kombika": None}}})) == set()
