"""Asking many conditions about one event, quickly.

Converting an event for the cel library costs more than all conditions together, so that a panel converts
once for all its conditions, only what they read, and remembers the answers by just that: two contacts that
look the same to the conditions get the same answers.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from adapter.rules.condition import Condition
from adapter.rules.condition.compiled import View
from adapter.rules.facts import Facts

_REMEMBERED = 2048
_LONGEST = 64
"""A contact with longer lists than this is rare, and not worth the memory."""

_FEW_VALUES = frozenset(
    {
        "event.kind",
        "event.status",
        "event.patient.kind",
        "event.patient.kon",
        "event.patient.skyddad",
        "event.kontakt.typ",
        "event.kontakt.kanal",
        "event.kontakt.ersatter_besok",
        "event.kontakt.akut",
        "event.kontakt.planerad",
        "event.kontakt.besokstyp",
        "event.kontakt.taxa",
        "event.kontakt.boendeform",
        "event.kontakt.i_hemmet",
        "event.personal",
        "event.personal[].lakare",
        "event.personal[].huvudansvarig",
        "event.personal[].yrkeskategori",
        "event.personal[].yrkesgrupp",
        "event.tillgang.nybesok",
        "event.tillgang.delomrade",
        "event.vardgaranti.inom",
        "event.slutenvard.utskriven",
        "event.diagnoser",
        "event.diagnoser[].huvud",
        "event.diagnoser[].system",
        "event.atgarder",
        "register.default_besokstyp",
        "register.default_taxa",
        "register.report_not_replacing",
        "register.services",
        "register.form",
    }
)
"""Members that take few values, so that contacts often look alike. Only speed depends on this list."""

_UNIQUE = frozenset({"event.event_id", "event.patient.id"})
"""Members whose values belong to one contact or patient: never remembered."""


class Verdict(StrEnum):
    """How one rule came out for one event."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    FAILED = "failed"


class Panel:
    """Conditions that are asked together: those that see few values jointly, each other one by itself."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        joint = [at for at, condition in enumerate(conditions) if condition.values <= _FEW_VALUES]
        alone = [[at] for at in range(len(conditions)) if at not in joint]
        together = [joint, *alone] if joint else alone
        self._size = len(conditions)
        self._groups = [(places, _Group([conditions[at] for at in places])) for places in together]

    def verdicts(self, facts: Facts) -> Sequence[Verdict]:
        """One verdict per condition, in their order."""
        if len(self._groups) == 1:
            return self._groups[0][1].verdicts(facts)
        answers = [Verdict.UNMATCHED] * self._size
        for places, group in self._groups:
            for at, verdict in zip(places, group.verdicts(facts), strict=True):
                answers[at] = verdict
        return answers


class _Group:
    """Conditions with one view and one memory."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = tuple(conditions)
        self._view = View(*conditions)
        self._remembers = not any(condition.values & _UNIQUE for condition in conditions)
        self._answers: dict[tuple[Any, Any], tuple[Verdict, ...]] = {}

    def verdicts(self, facts: Facts) -> tuple[Verdict, ...]:
        key = self._view.key(facts)
        verdicts = self._answers.get(key)
        if verdicts is None:
            verdicts = self._ask(key)
            if self._remembers and Verdict.FAILED not in verdicts and _longest(key) <= _LONGEST:
                self._remember(key, verdicts)
        return verdicts

    def _ask(self, key: tuple[Any, Any]) -> tuple[Verdict, ...]:
        context = self._view.context(key)
        verdicts = []
        for condition in self._conditions:
            try:
                verdicts.append(Verdict.MATCHED if condition.matches(context) else Verdict.UNMATCHED)
            except Exception:  # noqa: BLE001 - whatever goes wrong in a condition must hold the event
                verdicts.append(Verdict.FAILED)
        return tuple(verdicts)

    def _remember(self, key: tuple[Any, Any], verdicts: tuple[Verdict, ...]) -> None:
        if len(self._answers) >= _REMEMBERED:
            self._answers.clear()
        self._answers[key] = verdicts


def _longest(value: Any) -> int:
    if not isinstance(value, tuple):
        return 0
    return max((len(value), *map(_longest, value)))
