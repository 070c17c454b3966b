"""Which column is which, by its header. The official classifications have *Kod*, *Titel* and (ICD-10-SE)
*Giltig från*; others are told apart generously, and every choice is told to the user.
"""

import re
from collections.abc import Sequence

import msgspec

_CODE = (
    "kod", "code", "koder", "kombika", "kombikakod", "kombikod", "diagnoskod", "atgardskod", "kvakod",
    "icd10kod", "icd10sekod", "icdkod", "ksh97pkod", "kshkod", "klassifikationskod", "codevalue",
)  # fmt: skip
_START = (
    "giltigfran", "giltigfrom", "giltigfr", "giltigfranochmed", "from", "fran", "fromdatum", "frandatum",
    "franochmed", "gallerfran", "gallerfrom", "startdatum", "start", "validfrom",
    "effectivedate", "periodfrom",
)  # fmt: skip
_END = (
    "giltigtill", "giltigtom", "giltigtillochmed", "tom", "till", "to", "tomdatum", "tilldatum", "tillochmed",
    "gallertill", "gallertom", "slutdatum", "slut", "validto", "end", "periodtom",
)  # fmt: skip
_UNIT = ("hsaid", "hsa", "hsakod", "enhetshsaid", "enhethsaid", "hsaidenhet", "hsaidvardenhet", "vardenhet")
_PLAIN = str.maketrans("åäöéü", "aaoeu")
_NO_WORD = re.compile(r"[^a-z0-9]")


class Columns(msgspec.Struct, frozen=True):
    """Places of the columns that are taken, from 0; None: there is none."""

    code: int
    start: int | None = None
    end: int | None = None
    unit: int | None = None

    def taken(self, header: Sequence[object]) -> dict[str, str]:
        """What was taken for what, as the header writes it."""
        places = {"code": self.code, "from": self.start, "to": self.end, "hsaId": self.unit}
        return {name: str(header[place]).strip() for name, place in places.items() if place is not None}


def columns_of(header: Sequence[object], *, units: bool) -> Columns | None:
    """The columns of a header row, None if it is none. `units`: a column of HSA-ids is needed too."""
    names = [_plain(cell) for cell in header]
    code = _place(names, _CODE)
    unit = _place(names, _UNIT)
    if code is None or (units and unit is None):
        return None
    return Columns(code, _place(names, _START), _place(names, _END), unit if units else None)


def _place(names: Sequence[str], known: Sequence[str]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)


def _plain(cell: object) -> str:
    return _NO_WORD.sub("", str(cell).strip().lower().translate(_PLAIN)) if cell is not None else ""
