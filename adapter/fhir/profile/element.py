"""A StructureDefinition's elements as a tree: what a profile asks for beyond R4."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from adapter.fhir.structure.table import load_table

Json = dict[str, Any]

R4_PREFIX = "http://hl7.org/fhir/"


class Kind(msgspec.Struct, frozen=True):
    """One of the types that an element may have: its code, and the profiles it or its target must fit."""

    code: str
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


class Law(msgspec.Struct, frozen=True):
    """An invariant: `key` names the function that checks it and the rule that tells of it."""

    key: str
    severity: str
    human: str
    expression: str


class Sorting(msgspec.Struct, frozen=True):
    """How an element's items are sorted into slices: (type, path) of each discriminator; `closed` allows no
    item that fits none.
    """

    by: tuple[tuple[str, str], ...]
    closed: bool = False


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """One element of a profile, with its slices and the elements below it.

    `least` and `most` are None where the profile says nothing beyond R4 (`most` also for ``*``). `fixed` and
    `pattern` hold the value in a list of one, or nothing. `value_set` is that of a required binding.
    """

    id: str
    name: str
    choice: bool = False
    least: int | None = None
    most: int | None = None
    kinds: tuple[Kind, ...] = ()
    fixed: tuple[Any, ...] = ()
    pattern: tuple[Any, ...] = ()
    value_set: str | None = None
    laws: tuple[Law, ...] = ()
    sorting: Sorting | None = None
    children: tuple["Element", ...] = ()
    slices: tuple["Element", ...] = ()

    @property
    def asks(self) -> bool:
        """Whether there is anything to check here or below, beyond R4."""
        bounds = self.least is not None or self.most is not None
        content = self.fixed or self.pattern or self.value_set or self.kinds or self.laws
        return bool(bounds or content or self.children or self.slices)

    @property
    def slice_name(self) -> str:
        """The name of the slice, "" for an element that is none."""
        return self.id.rpartition(".")[2].partition(":")[2]


def build_tree(definition: Json) -> Element:
    """The root element of a StructureDefinition: of its snapshot, else of its differential.

    Raises KeyError, TypeError or ValueError when the definition is damaged.
    """
    part = "snapshot" if "snapshot" in definition else "differential"
    rows = {row.get("id", row["path"]): row for row in definition[part]["element"]}
    below: dict[str, list[str]] = {}
    sliced: dict[str, list[str]] = {}
    for key in _with_parents(rows):
        head, _, last = key.rpartition(".")
        if ":" in last:
            sliced.setdefault(key.rpartition(":")[0], []).append(key)
        elif head:
            below.setdefault(head, []).append(key)
    root = next(iter(rows))
    return _build(root, rows, below, sliced)


def _with_parents(rows: Mapping[str, Json]) -> Iterator[str]:
    """The ids with those that stand above them and that a sparse differential leaves out."""
    seen: dict[str, None] = {}
    for key in rows:
        steps = key.split(".")
        for size in range(1, len(steps) + 1):
            seen.setdefault(".".join(steps[:size]))
    return iter(seen)


def _build(
    key: str, rows: Mapping[str, Json], below: Mapping[str, list[str]], sliced: Mapping[str, list[str]]
) -> Element:
    row = rows.get(key, {})
    last = key.rpartition(".")[2]
    is_slice = ":" in last
    name = last.partition(":")[0]
    least, most = _cardinality(row, is_slice)
    binding = row.get("binding", {})
    return Element(
        id=key,
        name=name.removesuffix("[x]"),
        choice=name.endswith("[x]"),
        least=least,
        most=most,
        kinds=_kinds(row),
        fixed=_value(row, "fixed"),
        pattern=_value(row, "pattern"),
        value_set=_value_set(binding) if binding.get("strength") == "required" else None,
        laws=tuple(_law(one) for one in row.get("constraint", ()) if _is_ours(one)),
        sorting=_sorting(row.get("slicing")),
        children=tuple(
            child for child in (_build(one, rows, below, sliced) for one in below.get(key, ())) if child.asks
        ),
        slices=tuple(_build(one, rows, below, sliced) for one in sliced.get(key, ())),
    )


def _cardinality(row: Json, is_slice: bool) -> tuple[int | None, int | None]:
    base = {} if is_slice else row.get("base", {})
    least, most = row.get("min"), row.get("max")
    return (
        None if least in (None, 0, base.get("min")) else int(least),
        None if most in (None, "*", base.get("max")) else int(most),
    )


def _kinds(row: Json) -> tuple[Kind, ...]:
    """The types, or none where they are just those that R4 has for the element."""
    kinds = tuple(
        Kind(one["code"], tuple(one.get("profile", ())), tuple(one.get("targetProfile", ())))
        for one in row.get("type", ())
        if ":" not in one["code"]
    )
    path = row.get("base", {}).get("path", row.get("path", ""))
    return () if _as_in_r4(kinds, path) else kinds


def _as_in_r4(kinds: tuple[Kind, ...], path: str) -> bool:
    owner, _, name = path.rpartition(".")
    known = load_table().types.get(owner, {}).get(name.removesuffix("[x]"))
    if any(kind.profiles and not kind.profiles[0].startswith(R4_PREFIX) for kind in kinds):
        return False
    targets = [url for kind in kinds for url in kind.targets]
    if any(not url.startswith(R4_PREFIX) for url in targets):
        return False
    if known is None:
        return True
    allowed = {url.rpartition("/")[2] for url in targets}
    same_targets = allowed == set(known.targets) or (not known.targets and allowed <= {"Resource"})
    narrowed = len(kinds) < len(known.types) if known.choice else any(k.code != "Resource" for k in kinds)
    return same_targets and not (narrowed and (known.choice or known.types == ("Resource",)))


def _value(row: Json, prefix: str) -> tuple[Any, ...]:
    return tuple(value for name, value in row.items() if name.startswith(prefix))[:1]


def _value_set(binding: Json) -> str | None:
    url = str(binding.get("valueSet", "")).partition("|")[0]
    return url if url and not url.startswith(R4_PREFIX) else None


def _is_ours(constraint: Json) -> bool:
    return not str(constraint.get("source", "")).startswith(R4_PREFIX)


def _law(row: Json) -> Law:
    return Law(
        key=row["key"],
        severity=row["severity"],
        human=row["human"],
        expression=row.get("expression", ""),
    )


def _sorting(row: Json | None) -> Sorting | None:
    if row is None:
        return None
    return Sorting(
        tuple((one["type"], one["path"]) for one in row.get("discriminator", ())),
        closed=row.get("rules") == "closed",
    )
