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
from tests.support.books import Question, questions
from tests.support.equivalents import Equivalents
from tests.support.mutants import Mutant, mutants
from tests.support.mutation_page import Score, write_part

CASES = Path(__file__).parents[1] / "cases"

_HEAD = """## Rules

Every rule of the register packs is broken on purpose, one small change at a time: left out, an *and* made
an *or*, a comparison turned, a code taken from a list, a limit moved by one, a demand made a warning. What no
case of `tests/cases` and no question of `tests/rules/cases` (events that no bundle brings about) notices has
survived. Aim: nine of ten are noticed.

*Made by `python -m tests.support.mutation_score`. Do not edit.*
"""

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


def is_noticed(
    translators: Translators, runs: Sequence[Run], packs: Packs, register: str, asked: Sequence[Question]
) -> bool:
    """Whether any case comes out otherwise than its expert says, or any question of a book."""
    if not all(one.is_answered(packs, register) for one in asked):
        return True
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


def score(
    translators: Translators,
    packs: Packs,
    pack: Pack,
    runs: Sequence[Run],
    equivalents: Equivalents,
) -> Score:
    """Break each rule of a pack."""
    found, register = Score(pack.head.pack), pack.head.register or ""
    asked = questions(register)
    for at, rule in enumerate(pack.rules):
        if rule.entry.when is None and rule.entry.require is None:
            continue
        nearest = sorted(runs, key=lambda run: _distance(run[1], rule.face.id))
        for mutant in mutants(rule.entry):
            broken = _broken(packs, pack, at, mutant)
            if broken is None:
                continue
            noticed = is_noticed(translators, nearest, broken, register, asked)
            equivalents.count(found, rule.face.id, mutant.what, noticed)
    return found


def _distance(case: Case, rule: str) -> int:
    """How likely a case is to notice a change of a rule; 0 is the likeliest."""
    if rule in case.triggers:
        return 0
    return 1 if rule in case.spares else 2


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


def main(arguments: Sequence[str]) -> int:
    """Score all packs, or one register's."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--register")
    chosen = parser.parse_args(arguments).register
    packs, translators, scores = load_packs(data_folder("mappings") / "rules"), Translators(), []
    equivalents = Equivalents.read("rules")
    for pack in packs.packs:
        register = pack.head.register
        if register is None or chosen not in (None, register):
            continue
        runs = cases_of(register)
        if is_noticed(translators, runs, packs, register, questions(register)):
            sys.stderr.write(f"{register}: the cases do not hold as it is\n")
            return 1
        found = score(translators, packs, pack, runs, equivalents)
        sys.stderr.write(f"{found.name}: {found.caught} of {found.made}\n")
        for rule, what in found.survived:
            sys.stderr.write(f"  {rule}: {what}\n")
        scores.append(found)
    if chosen is None:
        write_part("rules", _HEAD, scores, equivalents)
    return equivalents.complain([one.name for one in scores])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
