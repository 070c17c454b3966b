"""The folder that a user lays over the rules, maps and tables that ship with the program.

    overlay/rules/*.yaml            packs: in place of shipped ones, or beside them (adapter.rules.overlaying)
    overlay/concept-maps/*.json     ConceptMaps: of local codes, or in place of shipped ones
    overlay/naming-systems/*.json   NamingSystems: further spellings, further systems
    overlay/tables/*.csv            editions of code tables and of units (`vardbro terminology load`)

A file takes the place of the shipped one with its path. What would not be read at all is refused: nobody is
to believe that a rule counts because it lies there.
"""

import hashlib
from pathlib import Path

from adapter.config.model import Config
from adapter.errors import ConfigurationError, PackError
from adapter.resources import Folders, data_folder, layered, version_of

KINDS = {
    "rules": (".yaml", ".yml"),
    "concept-maps": (".json",),
    "naming-systems": (".json",),
    "tables": (".csv",),
}
"""Folders of an overlay, and the ends of the names of the files that are read there."""

_TABLES = ("codes-", "kombika")


def mapping_folders(config: Config, *more: Path) -> tuple[Path, ...]:
    """The folders of rules, maps and tables in their order: the shipped, the configured overlay, `more`.

    Raises ConfigurationError when one is not there, PackError for a file that would not be read.
    """
    overlay = config.mappings.overlay
    own = (*(() if overlay is None else (overlay,)), *more)
    for folder in own:
        if not folder.is_dir():
            setting = "mappings.overlay: " if folder is overlay else ""
            raise ConfigurationError(f"{setting}there is no folder {folder}", "Make it, or name another.")
        require_read(folder)
    return (data_folder("mappings"), *own)


def sender_maps(config: Config) -> dict[str, tuple[Path, ...]]:
    """The files of ConceptMaps that each sender has of its own; senders without any are missing.

    Raises ConfigurationError for a place that is not there, PackError for a folder without a map.
    """
    found: dict[str, tuple[Path, ...]] = {}
    for name, section in config.senders.items():
        files = [file for place in section.concept_maps for file in _maps_in(place, name)]
        if files:
            found[name] = tuple(files)
    return found


def version_in(config: Config, folders: Folders) -> str:
    """Names everything that is read: the folders (`version_of`), and the senders' own maps, if any."""
    version = version_of(folders)
    own = sender_maps(config)
    if not own:
        return version
    found = hashlib.blake2b(version.encode(), digest_size=6)
    for name, files in sorted(own.items()):
        for file in files:
            found.update(f"{name} {file.name}\n".encode() + hashlib.blake2b(file.read_bytes()).digest())
    return found.hexdigest()


def _maps_in(place: Path, name: str) -> list[Path]:
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise ConfigurationError(
            f"senders.{name}.concept_maps: there is no file or folder {place}", "Make it, or name another."
        )
    files = [file for _, file in layered(place, "*.json")]
    if not files:
        raise PackError(f"{place}: no ConceptMap (*.json) lies in this folder of senders.{name}")
    return files


def require_read(overlay: Path) -> None:
    """Raise PackError for what lies in an overlay and would not be read. Hidden files and texts may."""
    for entry in sorted(overlay.iterdir()):
        if entry.is_dir() and not entry.name.startswith(".") and entry.name not in KINDS:
            raise PackError(f"{entry}: no such folder is read here", f"Known are: {', '.join(KINDS)}.")
        if not entry.is_dir() and entry.suffix in (".yaml", ".yml", ".json", ".csv"):
            raise PackError(f"{entry}: files are read in the folders {', '.join(KINDS)} only")
    for kind, suffixes in KINDS.items():
        for file in sorted((overlay / kind).glob("**/*")):
            hidden = any(part.startswith(".") for part in file.relative_to(overlay).parts)
            if file.is_file() and not hidden and file.suffix not in (".md", ".txt"):
                _require_read(file, overlay / kind, suffixes)


def _require_read(file: Path, folder: Path, suffixes: tuple[str, ...]) -> None:
    if file.suffix not in suffixes:
        raise PackError(f"{file}: {folder.name} are {' or '.join(suffixes)}; this would not be read")
    if folder.name != "rules" and file.parent != folder:
        raise PackError(f"{file}: only files in {folder} itself are read")
    if folder.name == "tables" and not file.name.startswith(_TABLES):
        raise PackError(f"{file}: tables are codes-SYSTEM@EDITION.csv or kombika@EDITION.csv")
