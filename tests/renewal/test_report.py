"""The report of a trial: counted as it is read, and shown on a page that is safe."""

from typing import Any

from adapter.renewal.page import page
from adapter.renewal.report import MOST_EXAMPLES, Tally

Json = dict[str, Any]


def change(event: str, kind: str = "changed", **members: Any) -> Json:
    fields = [{"field": "taxa", "before": "01", "after": "02"}] if kind == "changed" else []
    made = {"event": event, "register": "gvr", "service": "vardkontakt", "unit": "U1", "kind": kind}
    return {**made, "care_date": "2025-03-03", "rules": ["REGION-X"], "fields": fields, **members}


def report(*changes: Json) -> Json:
    tally = Tally()
    for one in changes:
        tally.add({"compared": 1, "not_kept": 0, "changes": [one]})
    head = {"version": "b", "in_use": "a", "chosen": {}, "overlay": None}
    return {**head, **tally.document()}


def test_changes_are_counted_by_register_unit_rule_and_member() -> None:
    found = report(*(change(f"v{n}") for n in range(9)), change("w", "newly-held", unit="U2"))
    assert (found["compared"], found["changes"]) == (10, 10)
    assert [(one["kind"], one["contacts"]) for one in found["kinds"]] == [("changed", 9), ("newly-held", 1)]
    assert [(one["unit"], one["contacts"]) for one in found["units"]] == [("U1", 9), ("U2", 1)]
    assert found["rules"][0] == {"rule": "REGION-X", "kind": "changed", "contacts": 9}
    assert found["fields"][0]["pairs"] == [{"before": "01", "after": "02", "contacts": 9}]


def test_only_a_few_events_are_kept_as_examples() -> None:
    found = report(*(change(f"v{n}") for n in range(50)))
    assert len(found["kinds"][0]["examples"]) == MOST_EXAMPLES


def test_every_text_of_the_page_is_escaped_and_nothing_is_fetched() -> None:
    nasty = "<script>alert(1)</script>"
    shown = page({**report(change(nasty, unit=nasty, rules=[nasty])), "overlay": nasty})
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 4
    assert "http" not in shown


def test_a_trial_without_changes_says_so() -> None:
    assert "Nothing would change." in page(report())
