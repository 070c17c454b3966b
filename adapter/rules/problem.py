"""What is wrong with a rule pack, and on which line of which file."""

from pathlib import Path

import msgspec


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One remark on a pack file. `line` counts from 1; what is not `fatal` does not stop the load."""

    file: Path
    line: int
    text: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class PackProblem(Exception):
    """Raised while one pack file is read; holds the problem. Never leaves adapter.rules."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem
