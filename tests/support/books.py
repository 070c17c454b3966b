"""The books of tests/rules/cases: what each rule catches and lets pass, on events alone.

What no bundle can bring about (tests/cases/out-of-reach.yaml) is asked here. `elsewhere` in a book are events
of other kinds, of which its service demands nothing; `stops` says whether what a rule catches is an error.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from adapter.domain.event import Vardhandelse
from adapter.rules import Facts, Packs
from adapter.rules.edition import FAILED

Json = dict[str, Any]
FOLDER = Path(__file__).parents[1] / "rules/cases"


class Question(msgspec.Struct, frozen=True):
    """One event of a book: which rules it must match, which not, or (`demands_nothing`) that none does."""

    service: str
    date: str
    event: Vardhandelse
    settings: Mapping[str, Any]
    catches: str | None = None
    passes: str | None = None
    stops: bool | None = None
    demands_nothing: bool = False

    def is_answered(self, packs: Packs, register: str) -> bool:
        """Whether the rules say what the book says."""
        edition = packs.edition(register, self.service, self.date)
        if edition is None:
            return False
        judgement = edition.judge(self.event, {}, Facts(self.event, self.settings))
        matched = {*judgement.not_reported, *(finding.rule for finding in judgement.findings)}
        if FAILED in matched or (self.demands_nothing and matched):
            return False
        errors = {finding.rule for finding in judgement.findings if finding.severity == "error"}
        if self.stops is not None and (self.catches in errors) != self.stops:
            return False
        return (self.catches is None or self.catches in matched) and self.passes not in matched


def questions(register: str) -> list[Question]:
    """Every question of the books of a register."""
    return [
        one
        for path in sorted(FOLDER.glob(f"{register}-*.yaml"))
        for one in _of(yaml.safe_load(path.read_text("utf-8")), path.stem.removeprefix(f"{register}-"))
    ]


def _of(book: Json, service: str) -> Iterator[Question]:
    def ask(case: Json, **expected: Any) -> Question:
        given = case.get("register", {} if "service" in book else book.get("register", {}))
        settings = {name: tuple(one) if isinstance(one, list) else one for name, one in given.items()}
        event = msgspec.convert(_changed(book["contact"], case.get("with", {})), Vardhandelse)
        return Question(service, case.get("date", "2025-03-03"), event, settings, **expected)

    for rule, cases in book["rules"].items():
        yield from (ask(case, catches=rule, stops=case.get("stops")) for case in cases["catches"])
        yield from (ask(case, passes=rule) for case in cases["passes"])
    yield from (ask(case, demands_nothing=True) for case in book.get("elsewhere", ()))


def _changed(value: Any, change: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(change, dict):
        return change
    merged = {name: _changed(value.get(name), one) for name, one in change.items()}
    return {name: one for name, one in {**value, **merged}.items() if one is not None}
