"""Tries the cases of a kit on an adapter, one after the other."""

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from adapter.conformance.judging import Judgement, judge
from adapter.conformance.loading import Kit
from adapter.conformance.manifest import Case
from adapter.conformance.observed import Judged, NotRun, Observed
from adapter.domain.text import Text

Verdict = Literal["passed", "failed", "not-run"]


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A case with what was seen of it; `why` says why it was not run."""

    case: Case
    seen: tuple[Observed, ...] = ()
    why: Text | None = None


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """A case with the judgement of each step, in order."""

    case: Case
    verdict: Verdict
    steps: tuple[Judgement, ...] = ()
    why: Text | None = None

    @property
    def complaints(self) -> list[Text]:
        """Every complaint; where there are several steps, with the number of the step."""
        if len(self.steps) == 1:
            return [*self.steps[0].complaints]
        return [
            Text(sv=f"steg {number}: {one.sv}", en=f"step {number}: {one.en}")
            for number, step in enumerate(self.steps, 1)
            for one in step.complaints
        ]

    @property
    def unseen(self) -> list[str]:
        """What of the expectations could not be seen, each once."""
        return list(dict.fromkeys(name for step in self.steps for name in step.unseen))


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a kit. `on` names the adapter."""

    kit: Kit
    on: str
    cases: tuple[CaseResult, ...]

    def count(self, verdict: Verdict) -> int:
        """How many cases came out so."""
        return sum(one.verdict == verdict for one in self.cases)


def run_kit(kit: Kit, adapter: Judged, done: Callable[[], None] = lambda: None) -> Results:
    """Try every case, then judge: which registers an adapter feeds may show in any of them."""
    tried = []
    for case in kit.cases:
        tried.append(_tried(kit, case, adapter))
        done()
    fed = _fed(tried)
    judged = tuple(_judged(one, fed, kit.manifest.volatile) for one in tried)
    return Results(kit=kit, on=adapter.name, cases=judged)


def _tried(kit: Kit, case: Case, adapter: Judged) -> Tried:
    inputs = [kit.input(step.input) for step in case.steps]
    try:
        return Tried(case=case, seen=tuple(adapter.run(case, inputs)))
    except NotRun as reason:
        return Tried(case=case, why=reason.why)


def _fed(tried: Iterable[Tried]) -> frozenset[str]:
    """The registers that showed up in any case."""
    return frozenset(
        name for one in tried for seen in one.seen if seen.registers is not None for name in seen.registers
    )


def _judged(tried: Tried, fed: frozenset[str], volatile: Iterable[str]) -> CaseResult:
    if tried.why is not None:
        return CaseResult(case=tried.case, verdict="not-run", why=tried.why)
    steps = []
    for step, seen in zip(tried.case.steps, tried.seen, strict=True):
        whole = seen if seen.registers is None else msgspec.structs.replace(seen, registers=fed)
        steps.append(judge(step.expect, whole, volatile))
    failed = any(step.complaints for step in steps)
    return CaseResult(case=tried.case, verdict="failed" if failed else "passed", steps=tuple(steps))
