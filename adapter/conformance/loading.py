"""Reads a manifest from disk, with all that it includes, and says what in it is wrong."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from adapter.conformance.manifest import Case, Manifest, Part
from adapter.domain.canonical import rebased
from adapter.errors import PackError

NAMES = ("manifest.yaml", "manifest.yml", "manifest.json")
_Kind = TypeVar("_Kind", Manifest, Part)
_HINT = "docs/reference/conformance-format.md describes manifests."


class Kit(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest with the cases of every part; `folder` is where the inputs lie. Inputs of `ours` are written
    with our canonical base, and read with the base in use."""

    manifest: Manifest
    cases: tuple[Case, ...]
    folder: Path
    ours: bool = False

    def input(self, name: str) -> bytes:
        """The bytes of an input, as they lie there."""
        raw = (self.folder / name).read_bytes()
        return rebased(raw) if self.ours else raw


def manifest_of(path: Path) -> Path | None:
    """The manifest that `path` is or holds; None where there is none.

    A ``manifest.json`` without the member `conformance` is no manifest of ours: bulk exports have one too.
    """
    if path.is_file():
        return path if path.name in NAMES and _is_ours(path) else None
    for name in NAMES:
        if (path / name).is_file() and _is_ours(path / name):
            return path / name
    return None


def load_kit(file: Path) -> Kit:
    """Everything that a manifest names. Raises PackError that names file and member for what is wrong."""
    manifest = _read(file, Manifest)
    folder = file.parent
    cases = [*manifest.cases]
    for name in manifest.include:
        cases += _read(_inside(folder, name, file), Part).cases
    if not cases:
        raise PackError(f"{file}: there is no case in it", _HINT)
    _check(file, folder, cases)
    return Kit(manifest=manifest, cases=tuple(cases), folder=folder)


def _is_ours(file: Path) -> bool:
    """Whatever is written in YAML is meant as a manifest; JSON may be anything."""
    if file.suffix != ".json":
        return True
    try:
        value = msgspec.json.decode(file.read_bytes())
    except (msgspec.DecodeError, OSError):
        return False
    return isinstance(value, dict) and "conformance" in value


def _read(file: Path, kind: type[_Kind]) -> _Kind:
    try:
        value = yaml.load(file.read_text("utf-8"), Loader=_Plain)  # noqa: S506 - a safe loader of ours
        return msgspec.convert(_texts(value), kind)
    except msgspec.ValidationError as error:
        raise PackError(f"{file}: {error}", _HINT) from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise PackError(f"{file}: {_said(error)}", _HINT) from None


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Plain(_Loader):  # type: ignore[misc]
    """YAML as JSON knows it: a date stays the text that it was written as."""


_Plain.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
    for sign, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _texts(value: Any) -> Any:
    """Names of members that YAML takes for something else (``on``, ``1``) as texts."""
    if isinstance(value, dict):
        return {str(name): _texts(inner) for name, inner in value.items()}
    return [_texts(inner) for inner in value] if isinstance(value, list) else value


def _check(file: Path, folder: Path, cases: Iterable[Case]) -> None:
    cases = list(cases)
    twice = [name for name, count in Counter(case.id for case in cases).items() if count > 1]
    if twice:
        raise PackError(f"{file}: several cases are called {twice[0]}", _HINT)
    for case in cases:
        if not case.steps:
            raise PackError(f"{file}: {case.id} has no steps", _HINT)
        if case.settings.tables and not _inside(folder, case.settings.tables, file).is_dir():
            raise PackError(f"{file}: {case.id}: {case.settings.tables} is not there", _HINT)
        for step in case.steps:
            if not _inside(folder, step.input, file).is_file():
                raise PackError(f"{file}: {case.id}: {step.input} is not there", _HINT)


def _inside(folder: Path, name: str, file: Path) -> Path:
    """A file of the folder: a manifest from elsewhere must not name files outside it."""
    found = folder / name
    if not found.resolve().is_relative_to(folder.resolve()):
        raise PackError(f"{file}: {name} lies outside the folder", _HINT)
    return found


def _said(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}: {getattr(error, 'problem', None) or 'is no YAML'}"
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else type(error).__name__
