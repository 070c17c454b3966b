"""What every form of delivery is read into: rows with their lines, and what was taken from where."""

from collections.abc import Iterable

import msgspec

from adapter.errors import PackError

SYSTEMS = ("icd-10-se", "kva", "ksh97-p", "kombika")
"""Short names of the tables that can be loaded; the last one is of units, the others are of codes."""

MOST_BYTES = 200 * 1024 * 1024


class Unreadable(PackError):
    """A delivered file cannot be read; the message names file and line."""

    code = "delivery"
    hint = "Nothing was changed. Mend the file, or ask for it again."


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row: a code (or a kombika with its unit's HSA-id) and when it is valid.

    `start` and `end` are inclusive ISO days, None where the row does not say. `retired`: it is valid no
    more, and the row does not say since when.
    """

    line: int
    code: str
    start: str | None = None
    end: str | None = None
    unit: str = ""
    retired: bool = False


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was recognised. `form` and `encoding` say as what, `columns` which of its columns (or
    members) were taken for what, `version` and `dated` what it calls itself and when it was made."""

    name: str
    form: str
    rows: Iterable[Row]
    columns: dict[str, str]
    encoding: str = ""
    version: str = ""
    dated: str = ""
