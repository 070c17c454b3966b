"""A condition that is ready to be asked."""

from typing import Any

import cel

from adapter.domain.event import Vardhandelse
from adapter.rules.condition.check import Checker
from adapter.rules.condition.known import NOTHING, Known
from adapter.rules.condition.parser import parse
from adapter.rules.condition.projection import Projection
from adapter.rules.condition.shapes import RecordType
from adapter.rules.condition.syntax import ConditionError
from adapter.rules.facts import Facts, RegisterFacts

EVENT = RecordType("event", Vardhandelse)
REGISTER = RecordType("register", RegisterFacts)

_VARIABLES = {"event": EVENT, "register": REGISTER}


class WrittenCondition(ConditionError):
    """A ConditionError together with the `part` of the rule it stands in: ``when`` or ``require``."""

    def __init__(self, error: ConditionError, part: str) -> None:
        Exception.__init__(self, str(error))
        self.position = error.position
        self.part = part


class Condition:
    """Whether a rule matches an event: `when` is true and `require`, if there is one, is not.

    `values` and `asked` are the paths that it reads and those whose presence it asks for. Raises
    WrittenCondition when a part is not allowed or could fail for its types.
    """

    def __init__(self, when: str | None, require: str | None = None) -> None:
        checker = Checker(_VARIABLES)
        known = _check(checker, when, "when", NOTHING)
        _check(checker, require, "require", known)
        self.source = _joined(when, require)
        self.values = frozenset(checker.values)
        self.asked = frozenset(checker.asked)
        self._program = cel.compile(self.source)

    def matches(self, context: cel.Context) -> bool:
        """Whether the rule matches. Raises whatever the evaluation raises: a failure is no answer."""
        answer = self._program.execute(context)
        if not isinstance(answer, bool):
            raise TypeError("the condition gave no truth value")
        return answer


class View:
    """What some conditions together see of an event and of a register's settings."""

    def __init__(self, *conditions: Condition) -> None:
        values = frozenset[str]().union(*(condition.values for condition in conditions))
        asked = frozenset[str]().union(*(condition.asked for condition in conditions))
        self._event = Projection(EVENT, values, asked)
        self._register = Projection(REGISTER, values, asked)

    def key(self, facts: Facts) -> tuple[Any, Any]:
        """All that the conditions' answers can depend on, hashable."""
        return (self._event.key(facts.event), self._register.key(facts.register))

    def context(self, key: tuple[Any, Any]) -> cel.Context:
        """The same for the cel library. Contexts are not safe for threads: each asking makes its own."""
        return cel.Context({"event": self._event.facts(key[0]), "register": self._register.facts(key[1])})


def _check(checker: Checker, source: str | None, part: str, known: Known) -> Known:
    if source is None:
        return known
    try:
        checked = checker.condition(parse(source), known)
        cel.compile(source)
    except ConditionError as error:
        raise WrittenCondition(error, part) from None
    except Exception:  # noqa: BLE001 - the library names no base class for what it cannot compile
        raise WrittenCondition(ConditionError("the cel library cannot compile this", 0), part) from None
    return checked.when_true


def _joined(when: str | None, require: str | None) -> str:
    if require is None:
        return when or "true"
    return f"({when}) && !({require})" if when is not None else f"!({require})"
