"""One edition of one register's rules for one service, and its judgement of events."""

from collections.abc import Sequence

import msgspec

from adapter.domain.event import Vardhandelse
from adapter.domain.finding import Finding
from adapter.domain.rule import Catalogue, Rule
from adapter.domain.trace import Provenance
from adapter.rules.condition import Condition
from adapter.rules.facts import Facts
from adapter.rules.origins import expressions
from adapter.rules.panel import Panel, Verdict

FAILED = "RULE-FAILED"
"""The common rule that a condition which cannot be answered breaks."""


class Step(msgspec.Struct, frozen=True):
    """One rule that was asked, for whoever wants the judgement explained."""

    rule: str
    verdict: Verdict


class ConditionRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that a condition applies. `at` are the event's members that its findings point at."""

    face: Rule
    condition: Condition
    at: tuple[str, ...] = ()


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What an edition says of an event.

    `not_reported` are the rules by which the register is not told; when there are any, nothing is demanded
    of the event, and `findings` holds failures at most.
    """

    findings: list[Finding]
    not_reported: tuple[str, ...] = ()
    asked: tuple[tuple[tuple[ConditionRule, ...], Sequence[Verdict]], ...] = ()

    @property
    def explain(self) -> tuple[Step, ...]:
        """Every rule that was asked, in order, and how it came out."""
        return tuple(
            Step(rule.face.id, verdict)
            for rules, verdicts in self.asked
            for rule, verdict in zip(rules, verdicts, strict=True)
        )


class Edition:
    """The rules that judge contacts of a period. `name` is the pack's, and names the edition in messages.

    `exceptions` are the rules with `not_reported`, `demands` the others that a condition applies.
    `catalogue` explains every rule id in the wording of this edition. `valid_from` and `valid_to` are dates
    of care (``YYYY-MM-DD``, inclusive), None where the period is open.
    """

    def __init__(
        self,
        *,
        name: str,
        register: str,
        service: str,
        edition: str,
        valid_from: str | None,
        valid_to: str | None,
        catalogue: Catalogue,
        exceptions: Sequence[ConditionRule],
        demands: Sequence[ConditionRule],
    ) -> None:
        self.name = name
        self.register = register
        self.service = service
        self.edition = edition
        self.valid_from = valid_from
        self.valid_to = valid_to
        self.catalogue = catalogue
        self.exceptions = tuple(exceptions)
        self.demands = tuple(demands)
        self._exceptions = Panel([rule.condition for rule in self.exceptions])
        self._demands = Panel([rule.condition for rule in self.demands])

    def covers(self, care_date: str) -> bool:
        """Whether contacts of this day (``YYYY-MM-DD``) are judged by this edition."""
        return (self.valid_from is None or self.valid_from <= care_date) and (
            self.valid_to is None or care_date <= self.valid_to
        )

    def judge(self, event: Vardhandelse, provenance: Provenance, facts: Facts) -> Judgement:
        """Ask the rules that except an event from reporting, and if none does, those that demand something.

        A cancelled event is not judged: a register is told to forget what it has, whatever that lacks. A
        condition that fails gives an error that holds the event for the register; it never counts as false.
        """
        if event.status == "cancelled":
            return Judgement(findings=[])
        excepted = self._exceptions.verdicts(facts)
        findings = [
            self._failure(rule, provenance) for rule in _with(Verdict.FAILED, self.exceptions, excepted)
        ]
        if Verdict.MATCHED in excepted:
            matched = _with(Verdict.MATCHED, self.exceptions, excepted)
            return Judgement(
                findings=findings,
                not_reported=tuple(rule.face.id for rule in matched),
                asked=((self.exceptions, excepted),),
            )
        broken = self._demands.verdicts(facts)
        for rule in _with(Verdict.MATCHED, self.demands, broken):
            findings.append(self._finding(rule, provenance))
        for rule in _with(Verdict.FAILED, self.demands, broken):
            findings.append(self._failure(rule, provenance))
        return Judgement(findings=findings, asked=((self.exceptions, excepted), (self.demands, broken)))

    def _finding(self, rule: ConditionRule, provenance: Provenance) -> Finding:
        return Finding(
            rule=rule.face.id,
            severity=rule.face.severity,
            expression=expressions(provenance, rule.at),
            register=self.register,
        )

    def _failure(self, rule: ConditionRule, provenance: Provenance) -> Finding:
        return Finding(
            rule=FAILED,
            severity="error",
            expression=expressions(provenance, rule.at),
            register=self.register,
            params={"rule": rule.face.id},
        )


def _with(
    wanted: Verdict, rules: Sequence[ConditionRule], verdicts: Sequence[Verdict]
) -> Sequence[ConditionRule]:
    """The rules that came out as `wanted`; most often none."""
    if wanted not in verdicts:
        return ()
    return [rule for rule, verdict in zip(rules, verdicts, strict=True) if verdict is wanted]
