"""Conditions: the part of CEL that packs may use, parsed and type-checked at load, run by the cel library."""

from adapter.rules.condition.compiled import Condition, WrittenCondition
from adapter.rules.condition.syntax import ConditionError

__all__ = ["Condition", "ConditionError", "WrittenCondition"]
