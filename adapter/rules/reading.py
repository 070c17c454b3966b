"""From one YAML document to one pack: shapes first, then what a shape cannot say, all with their lines."""

import re
from typing import Any, TypeVar

import msgspec

from adapter.domain.rule import Rule, Source
from adapter.domain.text import Text
from adapter.rules.pack import PackHead, RuleEntry, TextEntry
from adapter.rules.problem import PackProblem, Problem
from adapter.rules.yaml_source import Place, YamlSource

_S = TypeVar("_S")
_PATH = re.compile(r" - at `\$(?P<path>[^`]*)`\Z")
_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]*)`")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class PackRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of a pack with its face, and its file and place there. `layer` is that of its pack file."""

    face: Rule
    entry: RuleEntry
    place: Place
    source: YamlSource
    layer: int = 0

    def problem(self, text: str, *within: str | int) -> Problem:
        """A fatal problem of this rule."""
        return self.source.problem(text, *self.place, *within)


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """One pack file that has the right shape. `layer` is the number of its folder, 0 for what ships with the
    program."""

    source: YamlSource
    head: PackHead
    rules: tuple[PackRule, ...]
    layer: int = 0


def read_pack(source: YamlSource, problems: list[Problem], layer: int = 0) -> Pack | None:
    """The pack in `source`, None if it has no head; what is wrong with it goes to `problems`."""
    try:
        head = _convert(source, source.value, PackHead, ())
    except PackProblem as error:
        problems.append(error.problem)
        return None
    if (head.register is None) != (head.service is None):
        problems.append(
            source.problem("`register` and `service` are given together or not at all", "register")
        )
    if head.valid_from and head.valid_to and head.valid_from > head.valid_to:
        problems.append(source.problem("valid_to is before valid_from", "valid_to"))
    if head.extends and (head.register or head.valid_from or head.valid_to):
        text = "a pack that extends others has their register, service and period, and names none"
        problems.append(source.problem(text, "extends"))
    rules = []
    for index, value in enumerate(head.rules):
        place: Place = ("rules", index)
        try:
            entry = _convert(source, value, RuleEntry, place)
        except PackProblem as error:
            problems.append(error.problem)
            continue
        problems.extend(
            source.problem(f"{entry.id}: {text}", *place, *where)
            for where, text in _contradictions(head, entry)
        )
        rules.append(PackRule(face=_face(entry), entry=entry, place=place, source=source, layer=layer))
    return Pack(source=source, head=head, rules=tuple(rules), layer=layer)


def _convert(source: YamlSource, value: Any, shape: type[_S], place: Place) -> _S:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        within, text = _located(str(error))
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in within).lstrip(".")
        name = value.get("id") if isinstance(value, dict) else None
        label = ": ".join(part for part in (name if isinstance(name, str) else "", where, text) if part)
        raise PackProblem(source.problem(label, *place, *within)) from None


def _located(message: str) -> tuple[Place, str]:
    """The place that a message of msgspec names (``... - at `$.source.section` ``), and the rest of it."""
    path, unknown = _PATH.search(message), _UNKNOWN.search(message)
    steps = _STEP.findall(path["path"]) if path else ()
    within: Place = tuple(int(index) if index else name for name, index in steps)
    return (*within, unknown["name"]) if unknown else within, _PATH.sub("", message)


def _contradictions(head: PackHead, entry: RuleEntry) -> list[tuple[Place, str]]:
    """What the shape allows and the meaning does not: (place within the rule, text)."""
    found: list[tuple[Place, str]] = []
    conditions = entry.when is not None or entry.require is not None
    if conditions == (entry.checked_by is not None):
        found.append(((), "a rule has either a condition (`when`, `require`) or `checked_by`"))
    if conditions and head.register is None and not head.extends:
        found.append(((), "a condition needs a pack with `register`: no register applies a common pack's"))
    if entry.not_reported and entry.require is not None:
        found.append((("require",), "a rule with `not_reported` has `when` alone"))
    if entry.severity is None and not entry.not_reported:
        found.append(((), "`severity` is missing"))
    if entry.hold and entry.severity != "error":
        found.append((("hold",), "only an error can be held"))
    if entry.severity == "error" and entry.todo is None:
        found.append(((), "an error says what to do: `todo` is missing"))
    for member in ("text", "todo"):
        text: TextEntry | None = getattr(entry, member)
        if text is not None and _placeholders(text.sv) != _placeholders(text.en):
            found.append(((member,), f"`{member}` has different parameters in Swedish and in English"))
    return found


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def _face(entry: RuleEntry) -> Rule:
    return Rule(
        id=entry.id,
        severity=entry.severity or "information",
        text=Text(entry.text.sv, entry.text.en),
        todo=Text(entry.todo.sv, entry.todo.en) if entry.todo else None,
        source=Source(entry.source.document, entry.source.section),
        assumed=entry.assumed,
        checked_by=entry.checked_by,
        hold=entry.hold,
        issue=entry.issue,
    )
