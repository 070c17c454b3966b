"""A register's gate: what shuts it, what opens it, what a probe may do."""

import pytest

from adapter.domain.message import Found, Outcome, OutcomeClass
from adapter.ledger.gate import Gate, looked_up, opening, passage, passes_at, pause, probing, resume

NOW = 1000.0


def after(gate: Gate, kind: OutcomeClass, unit: str = "u1", retry_after: float | None = None) -> Gate:
    outcome = Outcome(kind=kind, cause=f"cause-{kind.value}", retry_after=retry_after)
    return passage(gate, outcome, unit, NOW, 30.0).gate


OPEN = Gate(register="gvr")
SHUT = after(OPEN, OutcomeClass.AUTH)


def test_authentication_shuts_the_gate_until_a_probe_is_judged() -> None:
    assert opening(SHUT, NOW) == "shut"
    assert opening(SHUT, NOW + 30) == "probe"
    assert opening(probing(SHUT, NOW + 60), NOW + 30) == "shut"


@pytest.mark.parametrize("kind", [OutcomeClass.ACCEPTED, OutcomeClass.REJECTED, OutcomeClass.ELSEWHERE])
def test_an_answer_that_judges_a_message_opens_the_gate(kind: OutcomeClass) -> None:
    assert opening(after(SHUT, kind), NOW) == "open"


@pytest.mark.parametrize(
    "kind", [OutcomeClass.AUTH, OutcomeClass.NOT_SENT, OutcomeClass.TRANSIENT, OutcomeClass.UNKNOWN]
)
def test_any_other_answer_leaves_it_shut(kind: OutcomeClass) -> None:
    assert after(SHUT, kind) == SHUT


def test_a_second_refusal_of_authentication_is_no_second_pause() -> None:
    outcome = Outcome(kind=OutcomeClass.AUTH, cause="http-401")
    assert passage(SHUT, outcome, "u1", NOW + 5, 30.0).facts == ()


def test_throttling_waits_as_long_as_it_is_told_and_never_shorter() -> None:
    gate = after(after(OPEN, OutcomeClass.THROTTLED, retry_after=90), OutcomeClass.THROTTLED, retry_after=10)
    assert gate.not_before == NOW + 90
    assert (opening(gate, NOW + 89), opening(gate, NOW + 90)) == ("shut", "open")
    assert after(OPEN, OutcomeClass.THROTTLED).not_before == NOW + 30


def test_the_shortest_wait_grows_until_something_is_accepted_and_only_once_a_round() -> None:
    gate, now, waits = OPEN, NOW, []
    for _ in range(100):
        for _ in range(8):  # as many as were under way
            outcome = Outcome(kind=OutcomeClass.THROTTLED, cause="http-429", retry_after=0.0)
            gate = passage(gate, outcome, "u1", now, 30.0).gate
        waits.append((gate.not_before or 0.0) - now)
        now += waits[-1]
    assert waits[:6] == [1, 2, 4, 8, 16, 30]
    assert set(waits[5:]) == {30}
    accepted = passage(gate, Outcome(kind=OutcomeClass.ACCEPTED, cause=""), "u1", now, 30.0).gate
    assert accepted.throttled == 0


@pytest.mark.parametrize("found", list(Found))
def test_a_look_up_that_is_answered_opens_the_gate(found: Found) -> None:
    expected = "shut" if found is Found.UNREADABLE else "open"
    assert opening(looked_up(SHUT, found)[0], NOW) == expected


def test_403s_of_one_unit_are_its_own_and_of_two_units_are_ours() -> None:
    once = after(after(OPEN, OutcomeClass.FORBIDDEN_UNIT, "u1"), OutcomeClass.FORBIDDEN_UNIT, "u1")
    assert opening(once, NOW) == "open"
    outcome = Outcome(kind=OutcomeClass.FORBIDDEN_UNIT, cause="http-403")
    twice = passage(once, outcome, "u2", NOW + 1, 30.0)
    assert (twice.gate.paused, twice.outcome.kind, twice.revive_since) == ("auth", OutcomeClass.AUTH, NOW)


def test_an_acceptance_in_between_forgets_the_403s() -> None:
    gate = after(after(OPEN, OutcomeClass.FORBIDDEN_UNIT, "u1"), OutcomeClass.ACCEPTED)
    assert opening(after(gate, OutcomeClass.FORBIDDEN_UNIT, "u2"), NOW) == "open"


def test_only_an_operator_opens_what_an_operator_shut() -> None:
    gate, _ = pause(OPEN, "anna", "maintenance", NOW)
    assert opening(after(gate, OutcomeClass.ACCEPTED), NOW + 1e9) == "shut"
    assert passes_at(gate, NOW) is None
    opened, _ = resume(gate, "anna")
    assert opening(opened, NOW) == "open"


def test_what_is_due_passes_when_the_gate_opens() -> None:
    assert passes_at(OPEN, 5.0) == 5.0
    assert passes_at(SHUT, 5.0) == NOW + 30
    assert passes_at(SHUT, NOW + 99) == NOW + 99
