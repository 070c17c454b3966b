"""Where the data lies that ships with the program (beside the package in a checkout, inside it in a wheel),
and how folders of a user's own are laid over it.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parent
_CHECKOUT = {
    "mappings": "mappings",
    "profiles": "profiles",
    "samples": "tests/samples",
    "conformance": "tests/conformance",
}

Folders = Path | Sequence[Path]
"""One folder, or several: a file in a later one takes the place of its namesake in an earlier one."""


def data_folder(name: Literal["mappings", "profiles", "samples", "conformance"]) -> Path:
    """The folder of the shipped data `name`. Raises FileNotFoundError when the installation lacks it."""
    for folder in (_PACKAGE.parent / _CHECKOUT[name], _PACKAGE / "_data" / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the installation lacks its {name}")


def in_order(folders: Folders) -> tuple[Path, ...]:
    """The folders, the shipped one first."""
    return (folders,) if isinstance(folders, Path) else tuple(folders)


def below(folders: Folders, name: str) -> tuple[Path, ...]:
    """The folder `name` of each of the folders."""
    return tuple(folder / name for folder in in_order(folders))


def layered(folders: Folders, *patterns: str) -> list[tuple[int, Path]]:
    """The files that fit one of the patterns, each with the number of its folder, by folder and name.

    A file in a later folder takes the place of the file with the same path in an earlier one. Hidden files
    (what an editor or an unfinished copy leaves) are passed over.
    """
    found: dict[Path, tuple[int, Path]] = {}
    for number, folder in enumerate(in_order(folders)):
        for pattern in patterns:
            for file in folder.glob(pattern):
                name = file.relative_to(folder)
                if file.is_file() and not any(part.startswith(".") for part in name.parts):
                    found[name] = (number, file)
    return sorted(found.values(), key=lambda one: (one[0], str(one[1])))


def version_of(folders: Folders) -> str:
    """A short text that is equal for equal content of all files that are read below `folders`."""
    read = layered(folders, "**/*.yaml", "**/*.yml", "**/*.json", "**/*.csv")
    named = [(layer > 0, file.relative_to(in_order(folders)[layer]).as_posix(), file) for layer, file in read]
    found = hashlib.blake2b(digest_size=6)
    for own, name, file in sorted(named):
        content = hashlib.blake2b(file.read_bytes()).digest()
        found.update(f"{own} {name}\n".encode() + content)
    return found.hexdigest()
