"""Processes in which a changed module is tried: which tests notice, without harm to anything else.

All tests are collected once, and run as it is, and noted is which functions each of them calls. Then a fork
for each change of a function gets the changed code in its place, and runs tests that call it: those of the
module's own file, then of the others those of the files in `_ALWAYS`, then those that call the fewest
functions, as many of them all as take `_OTHERS` seconds.

A change at module level, or of a function that runs while modules are loaded, is loaded in a fork that has
not collected any tests yet, which runs the module's own file, and two more that call the module most often. A
change with which this takes too long, or too much memory, is noticed.
"""

import builtins
import gc
import importlib
import importlib.machinery
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, NoReturn

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from tests.support.code_mutants import CodeMutant, Module, Owner
from tests.support.code_mutants import noting as code_noting

QUIET = ("-q", "-p", "no:cacheprovider", "--capture=sys", "--no-header")
_MEMORY = 3 * 2**30
_NOTE = "__note_call__"
_LONGEST = 30
_LONGEST_LOADED = 180
"""Seconds of processor time that a change may take."""
_OTHERS = 3.0
_ALWAYS = ("test_mapper.py",)
"""Files of tests of the whole way, with many bundles."""
_FILES = 3

Place = tuple[str, str, int]
"""A function: file, qualified name, first line."""

Answer = tuple[str, str, bool]
"""Module, change, noticed."""


def be_repeatable() -> None:
    """Make property tests try the same examples every time, and not look for smaller ones."""
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutation", derandomize=True, database=None, phases=phases, deadline=None)
    settings.load_profile("mutation")


def place_of(module: Module, owner: Owner) -> Place:
    """Where the function of a change is found."""
    return (module.path, owner.name, owner.line)


def called_while_loading(package: str, folder: str) -> set[Place]:
    """The functions of a folder that run while the package's modules are loaded, which this does."""
    found: set[Place] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if code.co_filename.startswith(folder):
            found.add((code.co_filename, code.co_qualname, code.co_firstlineno))

    sys.settrace(note)
    try:
        for path in sorted(Path(folder).glob("*.py")):
            if not path.stem.startswith("__"):
                importlib.import_module(f"{package}.{path.stem}")
    finally:
        sys.settrace(None)
    return found


class Trial:
    """A plugin of pytest that tries changes of functions instead of running the tests once.

    `answers` are told one by one to `tell`. Changes of functions that run when a module is loaded, and those
    outside of functions, are left; `files` are the test files that call each module.
    """

    def __init__(
        self,
        package: str,
        folder: str,
        work: Sequence[tuple[Module, list[CodeMutant]]],
        jobs: int,
        tell: Callable[[Any], None],
    ) -> None:
        self._work, self._jobs, self._tell = work, jobs, tell
        self._loading = called_while_loading(package, folder)
        self._functions = _functions(folder)
        self._calls: set[Place] = set()
        self._setting_up: set[Place] = set()
        self._called: dict[pytest.Item, set[Place]] = {}
        self._took: dict[pytest.Item, float] = {}
        self.broken: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        result = yield
        self._setting_up |= self._calls
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = session.items
        own = self._noting()
        for at, item in enumerate(items):
            self._as_it_is(item, items[(at + 1) % len(items)])
        for function, code in own:
            function.__code__ = code
        if self.broken:
            self._tell({"broken": self.broken})
            for item in [one for one in items if one.nodeid in self.broken]:
                del self._called[item]
        _in_parts(self._jobs, lambda number: self._try(session, self._work[number :: self._jobs]))
        return True

    def _try(self, session: pytest.Session, work: Sequence[tuple[Module, list[CodeMutant]]]) -> None:
        for module, mutants in work:
            self._tell({"module": module.name, "files": self._files(module)[:_FILES]})
            for mutant in mutants:
                place = place_of(module, mutant.owner)
                if not mutant.owner.name or place in self._loading or place not in self._functions:
                    self._tell({"module": module.name, "left": mutant.key})
                    continue
                noticed = self._is_noticed(session, module, mutant, self._functions[place])
                self._tell({"module": module.name, "key": mutant.key, "noticed": noticed})

    def _noting(self) -> list[tuple[FunctionType, CodeType]]:
        """Make every function tell that it is called; the code that each had."""
        setattr(builtins, _NOTE, lambda *place: self._calls.add(place))
        noting = {
            path: code_noting(Path(path).read_text("utf-8"), path, _NOTE) for path, *_ in self._functions
        }
        before = []
        for place, functions in self._functions.items():
            with suppress(LookupError):
                code = _code_at(noting[place[0]], place)
                for function in functions:
                    if len(code.co_freevars) == len(function.__code__.co_freevars):
                        before.append((function, function.__code__))
                        function.__code__ = code
        return before

    def _as_it_is(self, item: pytest.Item, following: pytest.Item) -> None:
        began = time.process_time()
        self._calls.clear()
        reports = runtestprotocol(item, nextitem=following, log=False)
        self._called[item] = set(self._calls)
        self._took[item] = time.process_time() - began
        if any(report.failed for report in reports):
            self.broken.append(item.nodeid)

    def _items(self, module: Module, place: Place) -> list[pytest.Item]:
        calling = [item for item, places in self._called.items() if place in places]
        own = [item for item in calling if _is_own(str(item.path), module)]
        others = [item for item in calling if not _is_own(str(item.path), module)]
        others.sort(
            key=lambda item: (item.path.name not in _ALWAYS, len(self._called[item]), self._took[item])
        )
        left = _OTHERS
        for item in others:
            left -= self._took[item]
            if left < 0:
                break
            own.append(item)
        return own

    def _files(self, module: Module) -> list[str]:
        """Those that call the module, its own first, then those that call it most often."""
        counts: dict[str, int] = {}
        for item, places in self._called.items():
            if any(place[0] == module.path for place in places):
                counts[str(item.path)] = counts.get(str(item.path), 0) + 1
        return sorted(counts, key=lambda path: (not _is_own(path, module), -counts[path], path))

    def _is_noticed(
        self, session: pytest.Session, module: Module, mutant: CodeMutant, functions: Sequence[FunctionType]
    ) -> bool:
        place = place_of(module, mutant.owner)
        items = self._items(module, place)
        code = _code_at(module.compiled(mutant), place)

        def run() -> bool:
            for function in functions:
                function.__code__ = code
            afresh = place in self._setting_up
            session._setupstate.teardown_exact(None if afresh or not items else items[0])
            for item, following in zip(items, [*items[1:], None], strict=True):
                reports = runtestprotocol(item, nextitem=following, log=False)
                if any(report.failed for report in reports):
                    return True
            return False

        return bool(items) and happens(run, _LONGEST)


def _is_own(path: str, module: Module) -> bool:
    return Path(path).name == f"test_{module.name.lstrip('_')}.py"


def _functions(folder: str) -> dict[Place, list[FunctionType]]:
    found: dict[Place, list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(folder):
            code = one.__code__
            found.setdefault((code.co_filename, code.co_qualname, code.co_firstlineno), []).append(one)
    return found


def _code_at(code: CodeType, place: Place) -> CodeType:
    if (code.co_qualname, code.co_firstlineno) == place[1:]:
        return code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            try:
                return _code_at(inner, place)
            except LookupError:
                continue
    raise LookupError(place)


def _in_parts(jobs: int, work: Callable[[int], None]) -> None:
    """Do the parts of some work in a process each."""
    children = []
    for number in range(jobs):
        child = os.fork()
        if not child:
            try:
                work(number)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def happens(run: Callable[[], bool], seconds: int) -> bool:
    """Whether `run` says yes in a process of its own; that it fails, dies or takes too long is a yes, too."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        _answer(run, seconds)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def _answer(run: Callable[[], bool], seconds: int) -> NoReturn:
    noticed = True
    try:
        _be_quiet()
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        noticed = run()
    finally:
        os._exit(1 if noticed else 0)


def _be_quiet() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


class _Changed(importlib.machinery.SourceFileLoader):
    """Loads one module from other code than its file's."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)


class _Finder:
    def __init__(self, name: str, path: str, code: CodeType) -> None:
        self._name, self._loader = name, _Changed(name, path, code)

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        return importlib.machinery.ModuleSpec(name, self._loader, origin=self._loader.path)


class Nursery:
    """Tries changes of a package's modules with some tests, but for those of some files."""

    def __init__(self, package: str, folder: Path, tests: Sequence[str], without: Sequence[str] = ()) -> None:
        self._package, self._folder = package, f"{folder}{os.sep}"
        self._tests = tests
        self._options = (*QUIET, *(f"--ignore={path}" for path in without))

    def answers(
        self,
        work: Sequence[tuple[Module, list[CodeMutant]]],
        *,
        jobs: int = 1,
        loaded: bool = False,
        leave_failing: bool = False,
    ) -> Iterator[Answer]:
        """One for each change, in no order that matters, found by so many processes; for those at module
        level only if they are to be `loaded`, which takes many times as long.

        Raises RuntimeError when a test fails as it is, unless those are to be left out.
        """
        by_name = {module.name: (module, {one.key: one for one in mutants}) for module, mutants in work}
        files: dict[str, list[str]] = {}
        for told in self._told(work, jobs):
            if "broken" in told:
                if not leave_failing:
                    raise RuntimeError(f"the tests do not hold as it is: {told['broken'][:5]}")
                sys.stderr.write(f"left out, for they fail as it is: {told['broken']}\n")
            elif "files" in told:
                files[told["module"]] = told["files"]
            elif "left" in told and not loaded:
                continue
            elif "left" in told:
                module, mutants = by_name[told["module"]]
                key = told["left"]
                yield module.name, key, self._loaded(module, mutants[key], files[module.name])
            else:
                yield told["module"], told["key"], told["noticed"]

    def _told(self, work: Sequence[tuple[Module, list[CodeMutant]]], jobs: int) -> Iterator[dict[str, Any]]:
        """What the processes that try the changes of functions tell, each line whole."""
        back, forth = os.pipe()
        child = os.fork()
        if not child:
            os.close(back)

            def tell(told: Any) -> None:
                os.write(forth, json.dumps(told).encode() + b"\n")

            _be_quiet()
            trial = Trial(self._package, self._folder, work, jobs, tell)
            pytest.main([*self._options, "--no-summary", *self._tests], plugins=[trial])
            os._exit(0)
        os.close(forth)
        with os.fdopen(back) as lines:
            for line in lines:
                yield json.loads(line)
        os.waitpid(child, 0)

    def _loaded(self, module: Module, mutant: CodeMutant, files: Sequence[str]) -> bool:
        """Whether a test notices the module that was loaded with a change."""
        if not files:
            return False
        code = module.compiled(mutant)

        def run() -> bool:
            finder = _Finder(f"{self._package}.{module.name}", module.path, code)
            sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
            parts = (files[:1], files[1:])
            return any(part and pytest.main([*self._options, "-x", *part]) != 0 for part in parts)

        return happens(run, _LONGEST_LOADED)
