"""``python -m tests.support.mapping_score``: breaks the modules of adapter.mapping on purpose, one small
change at a time, asks whether a test notices, and writes its part of docs/reference/mutation.md.

Of each module a sample is taken that depends on a seed and the code alone; tests.support.nursery says how it
is tried. `--module NAME` (again for more) asks of some modules only, `--size N` takes samples of another
size, `--loaded` tries changes outside of functions, too, each of which takes many seconds; these write
nothing. What survives is listed as it comes. `--jobs N` takes several processes. `--leave-failing` leaves out
tests that fail as it is, which else stop everything.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.code_mutants import Module
from tests.support.equivalents import Equivalents
from tests.support.mutation_page import Score, write_part
from tests.support.nursery import Nursery, be_repeatable

ROOT = Path(__file__).parents[2]
MAPPING = ROOT / "adapter/mapping"
SEED = "1"
SIZE = 6
TESTS = ("tests/mapping", "tests/terminology")
TOO_SLOW = ("tests/mapping/test_trace_property.py",)

_HEAD = """## Mapping

The code of `adapter/mapping` is broken in the same way: a comparison turned, an *and* made an *or*, a part
of a condition or a whole one taken away, a number moved by one, a text or a truth value changed, a call or a
result left out. Of each module at most {size} changes are drawn by a fixed seed, at most a third of them
texts, and those within functions are tried. Run are the tests of the mapping and of its tables, but for one
slow test of properties: the module's own file, and the most specific of the other tests that call what was
changed. The cases, the samples and all else are not run, so that what survives here may be noticed there.

*Made by `python -m tests.support.mapping_score`. Do not edit.*
"""


def modules(chosen: Sequence[str] = ()) -> list[Module]:
    """The modules that have something to change, by name."""
    found = [
        Module(path.stem, str(path), path.read_text("utf-8"))
        for path in sorted(MAPPING.glob("*.py"))
        if path.stem in chosen or not (chosen or path.stem.startswith("__"))
    ]
    return [one for one in found if one.mutants]


def main(arguments: Sequence[str]) -> int:
    """Score all modules, or some."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--module", action="append", default=[])
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--loaded", action="store_true")
    parser.add_argument("--leave-failing", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args(arguments)
    work = [(one, one.sample(given.size, SEED)) for one in modules(given.module)]
    equivalents = Equivalents.read("mapping")
    scores = {module.name: Score(module.name) for module, _ in work}
    be_repeatable()
    nursery = Nursery("adapter.mapping", MAPPING, TESTS, TOO_SLOW)
    for name, key, noticed in nursery.answers(
        work, jobs=given.jobs, loaded=given.loaded, leave_failing=given.leave_failing
    ):
        function, _, what = key.partition(": ")
        equivalents.count(scores[name], function, what, noticed)
        if not noticed:
            sys.stderr.write(f"{name}: {key}\n")
    for one in scores.values():
        sys.stderr.write(f"{one.name}: {one.caught} of {one.made}\n")
    if not (given.module or given.loaded) and given.size == SIZE:
        write_part("mapping", _HEAD.format(size=SIZE), list(scores.values()), equivalents)
    return equivalents.complain(scores)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
