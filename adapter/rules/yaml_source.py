"""YAML as plain values that remember their lines, read with strict limits.

Packs need neither anchors, tags nor several documents, so these are refused: what is left cannot be made to
grow when it is read, and means the same to every reader.
"""

import re
from pathlib import Path
from typing import Any

import msgspec
import yaml

from adapter.rules.problem import PackProblem, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 12

Place = tuple[str | int, ...]
"""The way to a value from the document's root: ``("rules", 3, "text", "sv")``."""

_TAG = "tag:yaml.org,2002:"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_INT = re.compile(r"-?(0|[1-9]\d{0,17})\Z")
_TRUTH = {"true": True, "false": False}


class YamlSource(msgspec.Struct, frozen=True):
    """One document: its `value` (dicts, lists, str, bool, int, None; dates as text) and its lines."""

    file: Path
    value: Any
    lines: dict[Place, int]

    def line(self, place: Place = ()) -> int:
        """The line of the value at `place`, or of the nearest value around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, text: str, *place: str | int) -> Problem:
        """A fatal problem at `place`."""
        return Problem(file=self.file, line=self.line(place), text=text)


def read_yaml(file: Path) -> YamlSource:
    """Read one file. Raises PackProblem when it is no UTF-8, no YAML, too large or uses refused features."""
    raw = file.read_bytes()
    if len(raw) > MAX_BYTES:
        raise _refusal(file, 1, f"the file is larger than {MAX_BYTES} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refusal(file, line, "the file is not UTF-8") from None
    try:
        _refuse_aliases_and_depth(file, text)
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise _refusal(file, _line_of(error), f"this is not YAML: {_said(error)}") from None
    if root is None:
        raise _refusal(file, 1, "the file is empty")
    lines: dict[Place, int] = {}
    return YamlSource(file, _value(file, root, (), lines), lines)


def _refusal(file: Path, line: int, text: str) -> PackProblem:
    return PackProblem(Problem(file=file, line=line, text=text))


def _line_of(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark is not None else 1


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def _said(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or "unreadable")


def _refuse_aliases_and_depth(file: Path, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refusal(file, _line(event), "anchors and aliases (&, *) are not allowed in packs")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _refusal(file, _line(event), f"nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _value(file: Path, node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(file, node, place, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(file, item, (*place, index), lines) for index, item in enumerate(node.value)]
    return _scalar(file, node)


def _mapping(file: Path, node: yaml.MappingNode, place: Place, lines: dict[Place, int]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, item in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag != _TAG + "str":
            raise _refusal(file, line, "a key must be plain text")
        if key.value in values:
            raise _refusal(file, line, f"the key `{key.value}` stands twice")
        lines[(*place, key.value)] = line
        values[key.value] = _value(file, item, (*place, key.value), lines)
    return values


def _scalar(file: Path, node: yaml.Node) -> Any:
    tag, text = node.tag.removeprefix(_TAG), node.value
    if tag == "str":
        return text
    if tag == "null":
        return None
    if tag == "bool" and text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    if tag == "int" and _INT.match(text):
        return int(text)
    if tag == "timestamp" and _DATE.match(text):
        return text
    raise _refusal(file, node.start_mark.line + 1, f"`{text[:40]}` is ambiguous in YAML: put it in quotes")
