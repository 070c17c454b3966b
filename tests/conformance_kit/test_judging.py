"""What is said of an answer: complaints in both languages, strictness as declared, what cannot be seen."""

import msgspec
import pytest

from adapter.conformance.judging import judge
from adapter.conformance.manifest import Expected
from adapter.conformance.observed import Observed, Remark, SentMessage, Untold

GVR = SentMessage(
    register="gvr",
    service="vardkontakt",
    operation="create",
    body={"handelseId": "v1", "patientId": "191212121212", "enhet": {"inr": "30216", "klin": "311"},
          "diagnoser": [{"kod": "J189", "ordning": 1}]},
)  # fmt: skip
SEEN = Observed(
    outcome="accepted",
    messages=(GVR,),
    findings=(
        Remark(rule="A-B", severity="warning", register="gvr", expression=("Bundle.entry[0]", "Bundle")),
    ),
    not_reported=(Untold(register="pasis", rule="P-Q"),),
)


def _said(expected: dict, seen: Observed = SEEN, volatile=("handelseId",)) -> list[str]:
    wanted = msgspec.convert({"outcome": "accepted", **expected}, Expected)
    return [text.en for text in judge(wanted, seen, volatile).complaints]


def _gvr(**more) -> dict:
    return {"register": "gvr", "service": "vardkontakt", **more}


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"messages": [_gvr()]},
        {
            "messages": [
                _gvr(body={"enhet": {"inr": "30216"}, "diagnoser": [{"kod": "J189"}], "atgarder": None})
            ]
        },
        {"messages": [], "strictness": {"messages": "at-least"}},
        {"messages": [], "registers": ["signe"]},
        {"messages": [_gvr(body={"handelseId": "another, which does not matter"})]},
        {"findings": [{"rule": "A-B", "severity": "warning", "register": "gvr", "expression": ["Bundle"]}]},
        {"findings": []},
        {"not_reported": [{"register": "pasis", "rule": "P-Q"}], "absent": ["X-Y"]},
    ],
)
def test_what_fits_is_not_complained_of(expected: dict) -> None:
    assert _said(expected) == []


@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        ({"outcome": "partly"}, "the outcome is accepted, not partly"),
        ({"messages": []}, "a message that is not expected: gvr/vardkontakt create"),
        ({"messages": [_gvr(), _gvr()]}, "no message gvr/vardkontakt create"),
        ({"messages": [_gvr(body={"enhet": {"inr": "1"}})]}, 'gvr.enhet.inr is "30216", not "1"'),
        (
            {"messages": [_gvr(body={"diagnoser": []})]},
            'gvr.diagnoser is [{"kod":"J189","ordning":1}], not []',
        ),
        ({"messages": [_gvr(body={"tid": "10:15"})]}, 'gvr.tid is null, not "10:15"'),
        (
            {"messages": [_gvr(body={"diagnoser": [{"ordning": True}]})]},
            "gvr.diagnoser[0].ordning is 1, not true",
        ),
        ({"findings": [{"rule": "C-D"}]}, "C-D does not come up"),
        (
            {"findings": [{"rule": "A-B", "register": None}]},
            "A-B comes up as: warning, gvr, Bundle.entry[0] Bundle",
        ),
        (
            {"findings": [], "strictness": {"findings": "exact"}},
            "a finding that is not expected: A-B (warning)",
        ),
        ({"not_reported": [{"register": "pasis", "rule": "X-Y"}]}, "pasis is not left untold by X-Y"),
        (
            {"not_reported": [], "strictness": {"not_reported": "exact"}},
            "pasis is left untold by P-Q, which is not expected",
        ),
        ({"absent": ["P-Q"]}, "P-Q comes up"),
    ],
)
def test_what_does_not_fit_is_told(expected: dict, complaint: str) -> None:
    assert _said(expected) == [complaint]


def test_a_whole_body_allows_no_other_member_but_volatile_ones() -> None:
    body = {
        "patientId": "191212121212",
        "diagnoser": [{"kod": "J189", "ordning": 1}],
        "enhet": {"inr": "30216"},
    }
    said = _said({"messages": [_gvr(body=body)], "strictness": {"bodies": "exact"}})
    assert said == ['gvr.enhet.klin is "311", not null']


def test_one_word_of_strictness_counts_for_all_lists() -> None:
    said = _said({"strictness": "exact", "messages": [], "findings": [], "not_reported": []})
    assert len(said) == 3


def test_of_several_messages_alike_each_expectation_takes_the_one_that_fits() -> None:
    other = msgspec.structs.replace(GVR, body={"patientId": "195009072553"})
    seen = msgspec.structs.replace(SEEN, messages=(GVR, other))
    wanted = [_gvr(body={"patientId": "195009072553"}), _gvr(body={"patientId": "191212121212"})]
    assert _said({"messages": wanted}, seen) == []


def test_identity_numbers_are_masked_in_what_is_told() -> None:
    (said,) = _said({"messages": [_gvr(body={"patientId": "195009072553"})]})
    assert said == 'gvr.patientId is "***", not "***"'


def test_what_cannot_be_seen_is_no_complaint_but_is_told() -> None:
    expected = msgspec.convert(
        {"outcome": "accepted", "messages": [_gvr(body={"tid": "10:15"})], "findings": [{"rule": "A-B"}],
         "not_reported": [], "absent": ["X-Y"]},
        Expected,
    )  # fmt: skip
    judgement = judge(expected, Observed())
    assert judgement.complaints == ()
    assert judgement.unseen == ("outcome", "messages", "findings", "not_reported", "absent")
    bare = Observed(
        outcome="accepted",
        messages=(SentMessage(register="gvr", service="vardkontakt"),),
        findings=SEEN.findings,
    )
    assert judge(expected, bare).unseen == ("not_reported", "bodies", "operations")


def test_a_register_that_the_adapter_does_not_feed_is_not_demanded() -> None:
    seen = Observed(outcome="accepted", messages=(), registers=frozenset({"pasis"}))
    judgement = judge(msgspec.convert({"outcome": "accepted", "messages": [_gvr()]}, Expected), seen)
    assert judgement.complaints == ()
    assert judgement.unseen == ("register gvr",)
