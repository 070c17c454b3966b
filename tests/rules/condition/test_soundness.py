"""What passes the checker never fails when it runs, and sees the event as `as_facts` shows it."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import cel
import msgspec
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from adapter.domain.event import Vardhandelse, as_facts
from adapter.rules import Facts, RegisterFacts
from adapter.rules.condition import Condition, ConditionError
from adapter.rules.condition.compiled import View


def _generated() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generated", Path(__file__).parent / "generated.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _generated()


def _condition(source: str) -> Condition | None:
    try:
        return Condition(source)
    except ConditionError:
        return None


def _asked_in_full(condition: Condition, event: Vardhandelse, register: RegisterFacts) -> Any:
    settings_made = {
        name: value for name, value in msgspec.structs.asdict(register).items() if value is not None
    }
    context = cel.Context({"event": as_facts(event), "register": settings_made})
    return cel.compile(condition.source).execute(context)


@settings(max_examples=200, deadline=None)
@given(source=made.conditions, data=st.data())
def test_a_condition_that_loads_gives_a_truth_value_for_every_event(source: str, data: st.DataObject) -> None:
    condition = _condition(source)
    assume(condition is not None)
    assert condition is not None
    for _ in range(2):
        event, register = data.draw(made.events), data.draw(made.registers)
        view = View(condition)
        facts = Facts(event, register)
        answer = condition.matches(view.context(view.key(facts)))
        assert answer is _asked_in_full(condition, event, register)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(source=made.wild, event=made.events)
def test_any_text_is_refused_with_a_reason_or_runs(source: str, event: Vardhandelse) -> None:
    condition = _condition(source)
    if condition is not None:
        _asked_in_full(condition, event, RegisterFacts())


@settings(max_examples=60, deadline=None)
@given(when=made.conditions, require=made.conditions, event=made.events)
def test_a_rule_matches_when_its_demand_is_not_met(when: str, require: str, event: Vardhandelse) -> None:
    first, second = _condition(when), _condition(require)
    assume(first is not None and second is not None)
    assert first is not None
    assert second is not None
    both = Condition(when, require)
    facts = Facts(event)
    answers = []
    for condition in (first, second, both):
        view = View(condition)
        answers.append(condition.matches(view.context(view.key(facts))))
    assert answers[2] is (answers[0] and not answers[1])
