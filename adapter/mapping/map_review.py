"""Reviewing ConceptMaps: targets that nobody knows, which loading cannot see and no contact would ever tell.

A target system must be one of the naming systems. A code of a system of our own is held against its
CodeSystem where that lists every code; one of a loaded table is only remarked on, since tables are dated.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import msgspec
import orjson

from adapter.domain.codes import normalise
from adapter.mapping.aliases import AliasTable
from adapter.mapping.concept_maps import NO_COUNTERPART, Equivalence
from adapter.mapping.json_lines import JsonLines, Place
from adapter.mapping.terminology import Terminology, Validity
from adapter.resources import Folders, layered

_EQUIVALENCES = frozenset(get_args(Equivalence))
_TABLE_SAYS = {
    Validity.NEVER: "is not in the loaded table",
    Validity.RETIRED: "is no longer valid today by the loaded table",
    Validity.SHAPE_WRONG: "does not look like a code of that system",
}


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One remark on a map: the file, the line from 1, what is wrong and what to do. Not `fatal`: a note."""

    file: Path
    line: int
    text: str
    fatal: bool = True


class Known(msgspec.Struct, frozen=True):
    """What targets are held against: naming systems, our own closed systems by short name, code tables, and
    the day (``YYYY-MM-DD``) on which the tables are asked."""

    aliases: AliasTable
    closed: Mapping[str, frozenset[str]]
    terminology: Terminology
    today: str


def closed_systems(folder: Path, aliases: AliasTable) -> dict[str, frozenset[str]]:
    """The codes of every CodeSystem in `folder` that lists all of them, by the system's short name."""
    found = {}
    for file in sorted(folder.glob("*.json")):
        system = orjson.loads(file.read_bytes())
        name = aliases.name(system.get("url", ""))
        if name is not None and system.get("content") == "complete":
            found[name] = frozenset(_codes(system.get("concept", ())))
    return found


def review_maps(folders: Folders, known: Known) -> list[Remark]:
    """Remarks on every ConceptMap in `folders`, by file and line. The maps must load (load_concept_maps)."""
    found: list[Remark] = []
    for _, file in layered(folders, "*.json"):
        text = file.read_text("utf-8")
        lines = JsonLines(text)
        found += [
            Remark(file=file, line=lines.line(place), text=f"{_written(place)}: {said}", fatal=fatal)
            for place, said, fatal in _review(orjson.loads(text), known)
        ]
    return sorted(found, key=lambda remark: (str(remark.file), remark.line))


_Said = tuple[Place, str, bool]


def _review(concept_map: Mapping[str, Any], known: Known) -> Iterator[_Said]:
    for number, group in enumerate(concept_map["group"]):
        at: Place = ("group", number)
        target = known.aliases.name(group["target"])
        if target is None:
            yield (*at, "target"), _unknown_system(group["target"], known), True
        source = known.closed.get(known.aliases.name(group["source"]) or "")
        for index, element in enumerate(group["element"]):
            here: Place = (*at, "element", index)
            if source is not None and element["code"] not in source:
                said = f"the source system has no code {element['code']!r}: the row is never used"
                yield (*here, "code"), said, False
            for place, said, fatal in _targets(element["target"], target, known):
                yield (*here, *place), said, fatal


def _targets(targets: Iterable[Mapping[str, Any]], system: str | None, known: Known) -> Iterator[_Said]:
    for index, target in enumerate(targets):
        place: Place = ("target", index)
        equivalence = target.get("equivalence", "relatedto")
        if equivalence not in _EQUIVALENCES:
            allowed = ", ".join(sorted(_EQUIVALENCES))
            said = f"there is no equivalence {equivalence!r} in FHIR R4. Use one of: {allowed}"
            yield (*place, "equivalence"), said, True
        code = target.get("code")
        if code is None:
            if equivalence not in NO_COUNTERPART:
                said = "no code is given. Give one, or say unmatched if there is no counterpart"
                yield place, said, True
        elif not isinstance(code, str):
            yield (*place, "code"), "a code is a text: write it in quotation marks", True
        elif system is not None and code not in known.closed.get(system, (code,)):
            yield (*place, "code"), _unknown_code(code, system, known.closed[system]), True
        elif system is not None and system not in known.closed:
            answer = known.terminology.check(system, normalise(code), known.today)
            if answer in _TABLE_SAYS:
                said = (
                    f"the code {code!r} of {system} {_TABLE_SAYS[answer]}. Look it up, or load a newer table"
                )
                yield (*place, "code"), said, False


def _unknown_system(uri: str, known: Known) -> str:
    spellings = {known.aliases.preferred(name): name for name in known.aliases}
    like = get_close_matches(uri, spellings, n=1)
    hint = f"Did you mean {like[0]}? Else" if like else "Use a system of mappings/naming-systems, or"
    return (
        f"no naming system knows the target system {uri!r}. {hint} add a NamingSystem for it to the overlay"
    )


def _unknown_code(code: str, system: str, codes: frozenset[str]) -> str:
    like = get_close_matches(code, codes, n=1)
    hint = f"Did you mean {like[0]!r}?" if like else f"Its codes are: {', '.join(sorted(codes))}"
    return f"the system {system} has no code {code!r}. {hint}"


def _codes(concepts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", ()))


def _written(place: Place) -> str:
    text = "ConceptMap"
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text
