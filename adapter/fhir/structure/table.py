"""The table of R4's types: the shape of `r4.json`, which `generate` writes and the validator is made from."""

from functools import cache
from pathlib import Path

import msgspec

RESOURCE = "Resource"
"""The type of an element that holds any resource (Bundle.entry.resource, contained)."""


class Element(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One element of a type.

    `types` has one name, or several when the element is a choice (``onset[x]``); a name is a data type, a
    backbone type by its path (``Encounter.location``) or ``Resource``. `targets` are the resource types that
    a Reference may name (empty: any), `codes` is the value set of a required binding, `attribute` marks
    what is an XML attribute and so cannot carry extensions.
    """

    min: int = 0
    many: bool = False
    types: tuple[str, ...]
    choice: bool = False
    targets: tuple[str, ...] = ()
    codes: str | None = None
    attribute: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """R4 in short: `types` maps a type to its elements, `codes` a value set to system -> codes.

    `resources` are the names of all R4 resource types, also of those whose elements are not in `types`;
    `primitives` maps each primitive type to the regex of its definition.
    """

    version: str
    resources: tuple[str, ...]
    primitives: dict[str, str]
    codes: dict[str, dict[str, tuple[str, ...]]]
    types: dict[str, dict[str, Element]]


TABLE_FILE = Path(__file__).with_name("r4.json")


@cache
def load_table() -> Table:
    """Read the table that ships with the package. Raises msgspec.ValidationError when it is damaged."""
    return msgspec.json.decode(TABLE_FILE.read_bytes(), type=Table)
