"""Translations between code systems, read from FHIR R4 ConceptMaps (mappings/concept-maps).

Which equivalences may be reported: the target must claim nothing that the source does not say. In R4 the
equivalence reads from target to source, so *equal*, *equivalent*, *wider* and *subsumes* (the target means
the same or more broadly) are usable; *narrower* and *specializes* would add what nobody said, *inexact* and
*relatedto* may, *unmatched* and *disjoint* say that there is nothing.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import orjson

from adapter.domain.canonical import rebased
from adapter.errors import PackError
from adapter.mapping.aliases import AliasTable, normalised
from adapter.resources import Folders, in_order, layered

Equivalence = Literal[
    "relatedto", "equivalent", "equal", "wider", "subsumes",
    "narrower", "specializes", "inexact", "unmatched", "disjoint",
]  # fmt: skip

SAME = frozenset(("equal", "equivalent"))
WIDER = frozenset(("wider", "subsumes"))
USABLE = SAME | WIDER
NO_COUNTERPART = frozenset(("unmatched", "disjoint"))

PROFESSION = "yrkesgrupp"
"""Short name of our code system of profession groups: what kinds of professions every coding is mapped to."""
PHYSICIAN = "lakare"

ChoiceRule = Literal[
    "CODE-NO-MAP", "CODE-NO-COUNTERPART", "CODE-MAP-NOT-USABLE", "CODE-MAP-WIDER", "CODE-MAP-AMBIGUOUS"
]


class Match(msgspec.Struct, frozen=True):
    """One target of a source code. `code` is None where the map says that there is no counterpart."""

    code: str | None
    equivalence: Equivalence
    map_id: str

    @property
    def usable(self) -> bool:
        """Whether the target may be reported in place of the source."""
        return self.code is not None and self.equivalence in USABLE


class Choice(msgspec.Struct, frozen=True):
    """What to report in place of a code, and what to say about it.

    `code` is None when the code must be left out; `rule` is the finding (None: nothing to say), `map_ids`
    the maps that were asked, for the trace, `equivalence` that of the best target.
    """

    code: str | None
    rule: ChoiceRule | None = None
    map_ids: tuple[str, ...] = ()
    equivalence: Equivalence | None = None


_Pair = tuple[str, str]
_Targets = dict[str, tuple[Match, ...]]


class ConceptMaps:
    """All maps, by source system, target system and code. Immutable, once it is made."""

    def __init__(self, concept_maps: Iterable[Mapping[str, Any]], aliases: AliasTable) -> None:
        """Build from ConceptMap resources. Raises PackError for one that says too little."""
        self._pairs: dict[_Pair, _Targets] = {}
        self._layers: dict[tuple[_Pair, str], int] = {}
        self._ids: dict[_Pair, tuple[str, ...]] = {}
        for concept_map in concept_maps:
            self.add(concept_map, aliases)

    def translate(self, system: str, code: str, target: str) -> tuple[Match, ...]:
        """All targets of `code`, in the maps' order; empty when no map knows it.

        `system` and `target` are short names, or a URI for a system that the alias table lacks. A code is
        looked up as it stands, then in upper case.
        """
        targets = self._pairs.get((system, target)) or self._pairs.get((normalised(system), target))
        if targets is None:
            return ()
        return targets.get(code) or targets.get(code.upper(), ())

    def choose(self, system: str, code: str, target: str) -> Choice:
        """The one code to report, by this order: a same one, else a single wider one, else none."""
        matches = self.translate(system, code, target)
        asked = tuple(dict.fromkeys(match.map_id for match in matches))
        same = _codes(matches, SAME)
        if len(same) == 1:
            return Choice(same[0], None, asked, "equivalent")
        wider = _codes(matches, WIDER)
        if not same and len(wider) == 1:
            return Choice(wider[0], "CODE-MAP-WIDER", asked, "wider")
        if same or wider:
            return Choice(None, "CODE-MAP-AMBIGUOUS", asked)
        return _left_out(matches, asked)

    def has_map(self, system: str, target: str) -> bool:
        """Whether any map leads from `system` to `target`."""
        return (system, target) in self._pairs or (normalised(system), target) in self._pairs

    def is_physician(self, system: str, code: str) -> bool | None:
        """Whether a profession coding names a physician; None when no map knows the code."""
        matches = self.translate(system, code, PROFESSION)
        if not matches:
            return None
        return any(match.usable and match.code == PHYSICIAN for match in matches)

    def add(self, concept_map: Mapping[str, Any], aliases: AliasTable, layer: int = 0) -> None:
        """Add a map, while the maps are made. What one of a later layer says of a code counts alone.

        Raises PackError that names the element.
        """
        map_id = concept_map.get("id")
        try:
            if not map_id:
                raise KeyError("id")
            for group in concept_map["group"]:
                self._add_group(str(map_id), group, aliases, layer)
        except (AttributeError, KeyError, TypeError) as error:
            raise PackError(f"ConceptMap {map_id or '?'} is incomplete: {error}") from error

    def _add_group(self, map_id: str, group: Mapping[str, Any], aliases: AliasTable, layer: int) -> None:
        pair = (_short(group["source"], aliases), _short(group["target"], aliases))
        targets = self._pairs.setdefault(pair, {})
        for element in group["element"]:
            found = tuple(_match(target, map_id) for target in element["target"])
            code = element["code"]
            is_same = self._layers.get((pair, code), layer) == layer
            self._layers[pair, code] = layer
            targets[code] = (*targets.get(code, ()), *found) if is_same else found


def load_concept_maps(folders: Folders, aliases: AliasTable, own: Iterable[Path] = ()) -> ConceptMaps:
    """Read every ConceptMap in `folders` (``*.json``). Raises PackError that names the file.

    A map in a later folder takes the place of one with its file name; else what it says of a code takes the
    place of what the earlier folders' maps say of it. `own` are files of one sender, the last layer of all.
    """
    maps = ConceptMaps((), aliases)
    shared = layered(folders, "*.json")
    last = len(in_order(folders))
    for layer, path in (*shared, *((last, file) for file in own)):
        resource = _read(path)
        try:
            maps.add(resource, aliases, layer)
        except PackError as error:
            raise PackError(f"{path}:1: {error}") from None
    return maps


def _left_out(matches: tuple[Match, ...], asked: tuple[str, ...]) -> Choice:
    if not matches:
        return Choice(None, "CODE-NO-MAP", asked)
    if all(match.equivalence in NO_COUNTERPART for match in matches):
        return Choice(None, "CODE-NO-COUNTERPART", asked, matches[0].equivalence)
    doubtful = next(match for match in matches if match.equivalence not in NO_COUNTERPART)
    return Choice(None, "CODE-MAP-NOT-USABLE", asked, doubtful.equivalence)


def _codes(matches: tuple[Match, ...], equivalences: frozenset[str]) -> list[str]:
    return list(
        dict.fromkeys(
            match.code for match in matches if match.code is not None and match.equivalence in equivalences
        )
    )


def _match(target: Mapping[str, Any], map_id: str) -> Match:
    # a target without equivalence is what R4 calls relatedto: nothing more is known
    return Match(target.get("code"), target.get("equivalence", "relatedto"), map_id)


def _short(uri: str, aliases: AliasTable) -> str:
    return aliases.name(uri) or normalised(uri)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        resource = orjson.loads(rebased(path.read_bytes()))
    except orjson.JSONDecodeError as error:
        raise PackError(f"{path}:{error.lineno}: this is not JSON: {error.msg}") from error
    except OSError as error:
        raise PackError(f"{path}:1: the file cannot be read ({error.strerror})") from error
    if not isinstance(resource, dict) or resource.get("resourceType") != "ConceptMap":
        raise PackError(f"{path}:1: no ConceptMap")
    return resource
