"""Makes a StructureDefinition's snapshot from its differential and the definitions that it builds on.

What we need of R4's algorithm: elements are taken over from the base, children of data types are unfolded
where the differential speaks of them, slices begin as copies of the element that they slice. Not done:
reslicing, and slices of a choice (``value[x]:valueCode``); our profiles have neither.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

Json = dict[str, Any]
Lookup = Callable[[str], Json]
"""Gives the definition with a url. Raises KeyError."""

_CORE = "http://hl7.org/fhir/StructureDefinition/"
_LEFT_OUT = ("alias", "comment", "example", "extension", "mapping", "orderMeaning", "requirements")
_ADDED = ("constraint", "condition")


def snapshot_of(definition: Json, lookup: Lookup) -> list[Json]:
    """The elements of the snapshot, in order. Raises KeyError when a definition is missing, ValueError for
    an element that has no place in its base.
    """
    base = lookup(definition["baseDefinition"])
    rows = base["snapshot"]["element"] if "snapshot" in base else snapshot_of(base, lookup)
    draft = _Draft([_trimmed(row, base["url"]) for row in deepcopy(rows)], lookup)
    for row in deepcopy(definition["differential"]["element"]):
        draft.apply(row, definition["url"])
    return draft.rows


class _Draft:
    """A snapshot in the making."""

    def __init__(self, rows: list[Json], lookup: Lookup) -> None:
        self.rows = rows
        self._lookup = lookup

    def apply(self, row: Json, source: str) -> None:
        """Merge one element of the differential."""
        target = self._at(row["id"])
        for constraint in row.get("constraint", ()):
            constraint.setdefault("source", source)
        for name, value in row.items():
            if name in _ADDED:
                target[name] = [*target.get(name, ()), *value]
            else:
                target[name] = value
        if "type" in row and "sliceName" in row and _of_extension(row):
            self._adopt(target)

    def _at(self, key: str) -> Json:
        """The row with this id, unfolding and slicing what is needed to have it."""
        found = self._find(key)
        if found is not None:
            return found
        head, _, last = key.rpartition(".")
        if ":" in last:
            return self._slice(key)
        self._at(head)
        self._unfold(head)
        found = self._find(key)
        if found is None:
            raise ValueError(f"there is no element {key}")
        return found

    def _find(self, key: str) -> Json | None:
        return next((row for row in self.rows if row["id"] == key), None)

    def _slice(self, key: str) -> Json:
        """A new slice: a copy of the sliced element, after it, what is below it, and its other slices."""
        whole, _, name = key.rpartition(":")
        sliced = self._at(whole)
        if whole.rpartition(".")[2] in ("extension", "modifierExtension") and "slicing" not in sliced:
            by = [{"type": "value", "path": "url"}]
            sliced["slicing"] = {"discriminator": by, "ordered": False, "rules": "open"}
        row = {**deepcopy(sliced), "id": key, "sliceName": name, "min": 0}
        row.pop("slicing", None)
        self.rows.insert(self._end(whole), row)
        return row

    def _unfold(self, key: str) -> None:
        """Give an element the children of its type, those of the element that it slices where it has some."""
        below = list(self._children(key))
        for number, row in enumerate(below, self._end(key)):
            self.rows.insert(number, row)

    def _children(self, key: str) -> Iterator[Json]:
        own = self._find(key) or {}
        whole = key.rpartition(":")[0] if ":" in key.rpartition(".")[2] else ""
        model = [row for row in self.rows if whole and row["id"].startswith(whole + ".")]
        start = whole
        if not model:
            kind = own["type"][0]
            url = kind["profile"][0] if len(kind.get("profile", ())) == 1 else _CORE + kind["code"]
            definition = self._lookup(url)
            rows = definition.get("snapshot", {}).get("element") or snapshot_of(definition, self._lookup)
            start, model = rows[0]["id"], [_trimmed(row, url) for row in rows[1:]]
        for row in deepcopy(model):
            row["id"] = key + row["id"][len(start) :]
            row["path"] = own["path"] + row["path"][len(_path(start)) :]
            yield row

    def _adopt(self, row: Json) -> None:
        """Take the short text and definition of an extension that is sliced in by its profile."""
        try:
            root = self._lookup(row["type"][0]["profile"][0])["differential"]["element"][0]
        except KeyError:
            return
        for name in ("short", "definition"):
            if name in root:
                row[name] = root[name]

    def _end(self, key: str) -> int:
        """The place after an element, all below it and its slices."""
        last = max(
            number
            for number, row in enumerate(self.rows)
            if row["id"] == key or row["id"].startswith((key + ".", key + ":"))
        )
        return last + 1


def _of_extension(row: Json) -> bool:
    return bool(row["type"] and row["type"][0]["code"] == "Extension" and row["type"][0].get("profile"))


def _path(key: str) -> str:
    return ".".join(step.partition(":")[0] for step in key.split("."))


def _trimmed(row: Json, source: str) -> Json:
    """A row of a base without what only people who read that base need; `source` is the base's url."""
    kept = {name: value for name, value in row.items() if name not in _LEFT_OUT}
    if "constraint" in kept:
        kept["constraint"] = [_law(one, source) for one in kept["constraint"]]
    return kept


def _law(constraint: Json, source: str) -> Json:
    kept = {name: value for name, value in constraint.items() if name not in ("xpath", "extension")}
    return {**kept, "source": kept.get("source", source)}
