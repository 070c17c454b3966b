"""Reviewing a rule folder: what loading refuses, and what only whoever writes rules needs to hear."""

from collections.abc import Iterable
from importlib import import_module

from adapter.resources import Folders
from adapter.rules.editions import Packs
from adapter.rules.load import read_folder
from adapter.rules.problem import Problem
from adapter.rules.reading import Pack

OWN_DOCUMENT = "VARDBRO"
"""The short name of our own decisions, which are always our reading."""

_PACKAGE = "adapter."


def review_folder(folder: Folders) -> tuple[Packs, list[Problem]]:
    """The packs in `folder` (one, or several laid over each other), and all problems by file and line.

    Beyond what stops a load this says which functions named by `checked_by` do not exist (fatal), and notes
    what looks like a slip. It imports the functions' modules, so that it belongs to tools, not to the core.
    """
    packs, problems = read_folder(folder)
    for pack in packs.packs:
        problems.extend(_functions(pack))
        problems.extend(_own_decisions(pack))
    return packs, sorted(problems, key=lambda problem: (str(problem.file), problem.line))


def _functions(pack: Pack) -> Iterable[Problem]:
    for rule in pack.rules:
        name = rule.entry.checked_by
        if name is not None and not _exists(name):
            text = f"{rule.face.id}: there is no `{name}` that could check this rule"
            yield rule.problem(text, "checked_by")


def _own_decisions(pack: Pack) -> Iterable[Problem]:
    for rule in pack.rules:
        if rule.face.source.document == OWN_DOCUMENT and not rule.face.assumed:
            line = rule.source.line((*rule.place, "source"))
            text = f"{rule.face.id}: cites our own decision, and is not marked `assumed: true`"
            yield Problem(file=rule.source.file, line=line, text=text, fatal=False)


def _exists(dotted: str) -> bool:
    """Whether `dotted` names a module or object of this package; nothing else is ever imported."""
    if not dotted.startswith(_PACKAGE):
        return False
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False
