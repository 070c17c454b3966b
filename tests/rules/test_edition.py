"""Judging: findings, where they point, failures and the explanation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.domain.event import Kontakt, Vardhandelse
from adapter.domain.trace import Origin
from adapter.rules import Edition, Facts, Step, Verdict, load_packs
from adapter.rules.condition import Condition

Folder = Callable[..., Path]

EXCEPTION = """\
  - id: TEST-BREV
    not_reported: true
    source: {document: PMO, section: "Skriftlig distanskontakt"}
    when: 'has(event.kontakt.kanal) && event.kontakt.kanal == "text"'
    text: {sv: "Brev.", en: "Letter."}
"""


def _event(**kontakt: object) -> Vardhandelse:
    return Vardhandelse(event_id="e1", kind="vardkontakt", status="final", kontakt=Kontakt(**kontakt))  # type: ignore[arg-type]


@pytest.fixture
def edition(folder: Folder, pack: str, common: str) -> Edition:
    found = load_packs(folder(pack + EXCEPTION, common)).edition("test", "besok", "2025-03-03")
    assert found is not None
    return found


def _breaks(*_: object) -> bool:
    raise KeyError("typ")


def test_a_broken_rule_gives_a_finding_of_its_severity_for_its_register(edition: Edition) -> None:
    event = _event()
    (finding,) = edition.judge(event, {}, Facts(event)).findings
    assert (finding.rule, finding.severity, finding.register) == ("TEST-TYP", "error", "test")


def test_a_finding_points_at_the_elements_that_the_rule_names(edition: Edition) -> None:
    event = _event()
    provenance = {"kontakt.kanal": Origin(("Bundle.entry[0].resource.class",), ())}
    (finding,) = edition.judge(event, provenance, Facts(event)).findings
    assert finding.expression == ("Bundle.entry[0].resource.class",)


def test_a_fulfilled_rule_gives_none(edition: Edition) -> None:
    event = _event(typ="hembesok")
    assert edition.judge(event, {}, Facts(event)).findings == []


def test_what_is_not_reported_lists_the_rule_and_is_not_asked_for_more(edition: Edition) -> None:
    event = _event(kanal="text")
    judgement = edition.judge(event, {}, Facts(event))
    assert judgement.not_reported == ("TEST-BREV",)
    assert judgement.findings == []
    assert judgement.explain == (Step("TEST-BREV", Verdict.MATCHED),)


def test_the_explanation_names_every_rule_that_was_asked_and_its_verdict(edition: Edition) -> None:
    event = _event()
    assert edition.judge(event, {}, Facts(event)).explain == (
        Step("TEST-BREV", Verdict.UNMATCHED),
        Step("TEST-TYP", Verdict.MATCHED),
    )


@pytest.mark.parametrize("rule", ["TEST-TYP", "TEST-BREV"])
def test_a_condition_that_fails_holds_the_event_and_never_counts_as_false(
    edition: Edition, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    answers = Condition.matches
    condition = next(one.condition for one in (*edition.exceptions, *edition.demands) if one.face.id == rule)
    monkeypatch.setattr(
        Condition,
        "matches",
        lambda self, context: _breaks() if self is condition else answers(self, context),
    )
    event = _event(typ="hembesok")
    judgement = edition.judge(event, {}, Facts(event))
    (finding,) = judgement.findings
    assert (finding.rule, finding.severity, finding.register) == ("RULE-FAILED", "error", "test")
    assert finding.params == {"rule": rule}
    assert edition.catalogue["RULE-FAILED"].hold
    assert Step(rule, Verdict.FAILED) in judgement.explain
    assert judgement.not_reported == ()


def test_a_failure_is_asked_again_the_next_time(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    event = _event(typ="hembesok")
    with monkeypatch.context() as patch:
        patch.setattr(Condition, "matches", _breaks)
        assert edition.judge(event, {}, Facts(event)).findings
    assert edition.judge(event, {}, Facts(event)).findings == []


def test_an_answer_that_is_no_truth_value_is_a_failure(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Odd:
        def execute(self, _: object) -> str:
            return "true"

    for rule in (*edition.exceptions, *edition.demands):
        monkeypatch.setattr(rule.condition, "_program", Odd())
    event = _event()
    findings = edition.judge(event, {}, Facts(event)).findings
    assert {finding.rule for finding in findings} == {"RULE-FAILED"}
    assert len(findings) == 2
