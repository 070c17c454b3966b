"""Loading the rule packs of a folder. The only module of adapter.rules that reads files."""

from pathlib import Path

from adapter.errors import PackError
from adapter.resources import Folders, in_order, layered
from adapter.rules.editions import Packs, assemble
from adapter.rules.problem import PackProblem, Problem
from adapter.rules.reading import Pack, read_pack
from adapter.rules.yaml_source import read_yaml

_SHOWN = 20


def load_packs(folder: Folders) -> Packs:
    """All packs (``*.yaml``, ``*.yml``) in `folder` and below it; of several folders the later ones count
    (adapter.rules.overlaying).

    Raises PackError that names file and line of every problem (the first 20), also when there is no pack.
    """
    packs, problems = read_folder(folder)
    fatal = [problem for problem in problems if problem.fatal]
    if fatal:
        raise PackError("\n".join(str(problem) for problem in fatal[:_SHOWN]))
    return packs


def read_folder(folder: Folders) -> tuple[Packs, list[Problem]]:
    """What can be read of the packs in `folder`, and everything that is wrong with them."""
    problems: list[Problem] = []
    files = layered(folder, "**/*.yaml", "**/*.yml")
    if not files:
        problems.append(Problem(file=in_order(folder)[0], line=1, text="there is no rule pack (*.yaml) here"))
    read: list[Pack] = []
    for layer, file in files:
        pack = _read_file(file, layer, problems)
        if pack is not None:
            read.append(pack)
    packs = assemble(read, problems)
    return packs, problems


def _read_file(file: Path, layer: int, problems: list[Problem]) -> Pack | None:
    try:
        return read_pack(read_yaml(file), problems, layer)
    except PackProblem as error:
        problems.append(error.problem)
    except OSError as error:
        problems.append(Problem(file=file, line=1, text=f"the file cannot be read ({type(error).__name__})"))
    return None
