"""The kit judges adapters that answer wrongly: each fault, wherever it can be seeded, fails the case."""

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace

from adapter.conformance.loading import Kit
from adapter.conformance.manifest import Case
from adapter.conformance.observed import Observed, Remark, SentMessage, Untold
from adapter.conformance.running import run_kit

Fault = Callable[[Case, int, Observed], Observed | None]
"""A wrong answer instead of a right one, for a step of a case; None where the fault cannot be seeded."""


class Faulty:
    """An adapter with a fault in one step of each case in which it can be seeded."""

    name = "faulty"

    def __init__(self, adapter, fault: Fault) -> None:
        self._adapter, self._fault = adapter, fault
        self.seeded: set[str] = set()

    def run(self, case: Case, inputs: Sequence[bytes]) -> list[Observed]:
        seen = list(self._adapter.run(case, inputs))
        for number, one in enumerate(seen):
            wrong = self._fault(case, number, one)
            if wrong is not None:
                self.seeded.add(case.id)
                seen[number] = wrong
                break
        return seen


def _other_outcome(case: Case, number: int, seen: Observed) -> Observed:
    return replace(seen, outcome="accepted" if seen.outcome == "refused" else "refused")


def _in_view(case: Case, number: int, seen: Observed) -> list[SentMessage]:
    """The messages that the step looks at."""
    expected = case.steps[number].expect
    if expected.messages is None:
        return []
    return [
        one for one in seen.messages or () if not expected.registers or one.register in expected.registers
    ]


def _lost_message(case: Case, number: int, seen: Observed) -> Observed | None:
    looked_at = _in_view(case, number, seen)
    if not looked_at:
        return None
    return replace(seen, messages=tuple(one for one in seen.messages or () if one is not looked_at[-1]))


def _needless_message(case: Case, number: int, seen: Observed) -> Observed | None:
    expected = case.steps[number].expect
    if expected.messages is None:
        return None
    more = SentMessage(
        register=next(iter(expected.registers), "gvr"), service="vardkontakt", operation="create", body={}
    )
    return replace(seen, messages=(*(seen.messages or ()), more))


def _wrong_operation(case: Case, number: int, seen: Observed) -> Observed | None:
    looked_at = _in_view(case, number, seen)
    if not looked_at:
        return None
    other = replace(looked_at[0], operation="cancel" if looked_at[0].operation != "cancel" else "update")
    return replace(seen, messages=tuple(other if one is looked_at[0] else one for one in seen.messages or ()))


def _wrong_member(case: Case, number: int, seen: Observed) -> Observed | None:
    """The first expected member of the first message that has any is another."""
    for wanted in case.steps[number].expect.messages or ():
        for member in wanted.body:
            changed = tuple(
                replace(one, body={**(one.body or {}), member: "something else"})
                if (one.register, one.service) == (wanted.register, wanted.service)
                else one
                for one in seen.messages or ()
            )
            return replace(seen, messages=changed)
    return None


def _missed_finding(case: Case, number: int, seen: Observed) -> Observed | None:
    wanted = case.steps[number].expect.findings
    if not wanted:
        return None
    return replace(seen, findings=tuple(one for one in seen.findings or () if one.rule != wanted[0].rule))


def _milder_finding(case: Case, number: int, seen: Observed) -> Observed | None:
    wanted = next(
        (one for one in case.steps[number].expect.findings or () if isinstance(one.severity, str)), None
    )
    if wanted is None:
        return None
    other = "warning" if wanted.severity != "warning" else "information"
    return replace(
        seen,
        findings=tuple(
            replace(one, severity=other) if one.rule == wanted.rule else one for one in seen.findings or ()
        ),
    )


def _finding_elsewhere(case: Case, number: int, seen: Observed) -> Observed | None:
    wanted = next((one for one in case.steps[number].expect.findings or () if one.expression), None)
    if wanted is None:
        return None
    moved = tuple(
        replace(one, expression=("Bundle.entry[99]",)) if one.rule == wanted.rule else one
        for one in seen.findings or ()
    )
    return replace(seen, findings=moved)


def _told_after_all(case: Case, number: int, seen: Observed) -> Observed | None:
    if not case.steps[number].expect.not_reported:
        return None
    return replace(seen, not_reported=())


def _rule_that_must_not_come_up(case: Case, number: int, seen: Observed) -> Observed | None:
    absent = case.steps[number].expect.absent
    if not absent:
        return None
    if number % 2:
        return replace(
            seen, not_reported=(*(seen.not_reported or ()), Untold(register="gvr", rule=absent[0]))
        )
    return replace(seen, findings=(*(seen.findings or ()), Remark(rule=absent[0], severity="warning")))


FAULTS: dict[Fault, int] = {
    _other_outcome: 350,
    _lost_message: 150,
    _needless_message: 300,
    _wrong_operation: 150,
    _wrong_member: 150,
    _missed_finding: 150,
    _milder_finding: 150,
    _finding_elsewhere: 30,
    _told_after_all: 40,
    _rule_that_must_not_come_up: 80,
}
"""Each fault, with in how many cases it can be seeded at least."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_every_case_in_which_the_fault_is_seeded_fails_and_no_other(fault: Fault, kit: Kit, recorded) -> None:
    adapter = Faulty(recorded, fault)
    failed = {one.case.id for one in run_kit(kit, adapter).cases if one.verdict == "failed"}
    assert failed == adapter.seeded
    assert len(failed) >= FAULTS[fault]
