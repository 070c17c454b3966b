"""``python -m tests.support.mutation_score``: breaks every rule of the register packs on purpose, one small
change at a time, asks whether a case of tests/cases notices, and writes docs/reference/mutation.md.

Changes that do not compile are no mutants. `--register NAME` asks of one register only and writes nothing.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from adapter.cases.form import Case, CaseFile, dates_of
from adapter.cases.run import Translators, complaints, read_cases, run_case
from adapter.resources import data_folder
from adapter.rules import Packs, load_packs
from adapter.rules.compiling import compile_edition
from adapter.rules.problem import Problem
from adapter.rules.reading import Pack
from tests.support.mutants import Mutant, mutants

CASES = Path(__file__).parents[1] / "cases"
PAGE = Path(__file__).parents[2] / "docs/reference/mutation.md"

_HEAD = """# Mutation score of the rules

Every rule of the register packs is broken on purpose, one small change at a time: left out, an *and* made
an *or*, a comparison turned, a code taken from a list, a limit moved by one, a demand made a warning. What no
case of `tests/cases` notices has survived. Aim: nine of ten are noticed.

*Made by `python -m tests.support.mutation_score`. Do not edit.*
"""


class Score(msgspec.Struct):
    """How many mutants of a pack there were, and those that nobody noticed."""

    pack: str
    made: int = 0
    survived: list[tuple[str, str]] = msgspec.field(default_factory=list)

    @property
    def caught(self) -> int:
        """How many were noticed."""
        return self.made - len(self.survived)


Run = tuple[CaseFile, Case, str, Path]


def cases_of(register: str) -> list[Run]:
    """Each case of a register on each of its dates."""
    return [
        (file, case, date, path.parent)
        for path in sorted((CASES / register).glob("*.yaml"))
        for file in (read_cases(path),)
        for case in file.cases
        for date in dates_of(file, case)
    ]


def is_noticed(translators: Translators, runs: Sequence[Run], packs: Packs) -> bool:
    """Whether any case comes out otherwise than its expert says."""
    for file, case, date, folder in runs:
        translator = translators.for_settings(case.settings)
        before, translator.packs = translator.packs, packs
        try:
            if complaints(case, run_case(translators, file, case, date, folder)):
                return True
        except Exception:  # noqa: BLE001 - a case that cannot be run any more has noticed, too
            return True
        finally:
            translator.packs = before
    return False


def score(translators: Translators, packs: Packs, pack: Pack, runs: Sequence[Run]) -> Score:
    """Break each rule of a pack."""
    found = Score(pack.head.pack)
    for at, rule in enumerate(pack.rules):
        if rule.entry.when is None and rule.entry.require is None:
            continue
        for mutant in mutants(rule.entry):
            broken = _broken(packs, pack, at, mutant)
            if broken is None:
                continue
            found.made += 1
            if not is_noticed(translators, runs, broken):
                found.survived.append((rule.face.id, mutant.what))
    return found


def _broken(packs: Packs, pack: Pack, at: int, mutant: Mutant) -> Packs | None:
    """The packs with one rule changed; None where the change is not valid."""
    rules = list(pack.rules)
    if mutant.entry is None:
        del rules[at]
    else:
        face = msgspec.structs.replace(
            rules[at].face,
            **{"severity": mutant.entry.severity} if mutant.entry.severity else {},
        )
        rules[at] = replace(rules[at], entry=mutant.entry, face=face)
    changed = replace(pack, rules=tuple(rules))
    problems: list[Problem] = []
    edition = compile_edition(changed, packs.catalogue, problems)
    if any(problem.fatal for problem in problems):
        return None
    key = (pack.head.register or "", pack.head.service or "")
    editions = tuple(edition if one.name == edition.name else one for one in packs.editions[key])
    return replace(packs, editions={**packs.editions, key: editions})


def page(scores: Sequence[Score]) -> str:
    """The page (Markdown)."""
    made, caught = sum(one.made for one in scores), sum(one.caught for one in scores)
    lines = [_HEAD, f"**{caught} of {made} noticed: {caught / made:.1%}.**\n"]
    lines += ["| pack | mutants | noticed | |", "|---|---:|---:|---:|"]
    lines += [f"| {one.pack} | {one.made} | {one.caught} | {one.caught / one.made:.0%} |" for one in scores]
    lines.append("\n## Survivors\n")
    lines += ["| pack | rule | change |", "|---|---|---|"]
    lines += [
        f"| {one.pack} | `{rule}` | {what.replace('|', chr(92) + '|')} |"
        for one in scores
        for rule, what in one.survived
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Score all packs, or one register's."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--register")
    chosen = parser.parse_args(arguments).register
    packs, translators, scores = load_packs(data_folder("mappings") / "rules"), Translators(), []
    for pack in packs.packs:
        register = pack.head.register
        if register is None or chosen not in (None, register):
            continue
        runs = cases_of(register)
        if is_noticed(translators, runs, packs):
            sys.stderr.write(f"{register}: the cases do not hold as it is\n")
            return 1
        found = score(translators, packs, pack, runs)
        sys.stderr.write(f"{found.pack}: {found.caught} of {found.made}\n")
        for rule, what in found.survived if chosen else ():
            sys.stderr.write(f"  {rule}: {what}\n")
        if found.made:
            scores.append(found)
    if chosen is None:
        PAGE.write_text(page(scores), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
