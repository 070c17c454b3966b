"""The members of GVR's bodies, of all services together: a name means the same in each of them.

profiles/registers/gvr describes them service by service.
"""

from adapter.registers.body_shape import BodyShape
from adapter.registers.gvr.parts import IDENTIFICATION
from adapter.registers.gvr.services import SERVICES

CONTENT = tuple(dict.fromkeys(name for service in SERVICES.values() for name in service.content))

LISTS = ("vardgivare", "diagnoser", "atgarder")
UNITS = ("enhet", "remittent", "utskrivandeEnhet")
TIMES = ("tid", "utskrivningstid")
CODED = (
    "besokTyp",
    "taxa",
    "akut",
    "vardgivare",
    "diagnoser",
    "atgarder",
    "yrkeskategori",
    "teknik",
    "visteFore",
    "visteEfter",
    "vardEfter",
    "vardgaranti",
    "avvikelseorsak",
)
"""Members that hold codes, which may be shown where two systems differ."""

_PARTS = {
    **dict.fromkeys(UNITS, ("inr", "klin", "avd")),
    "diagnoser": ("kod", "ordning"),
    "atgarder": ("kod", "datum", "ordning", "diagnos"),
}

MEMBERS = (
    *IDENTIFICATION,
    *CONTENT,
    *(f"{group}.{part}" for group, parts in _PARTS.items() for part in parts),
)

SHAPE = BodyShape(
    event_id="handelseId", identification=IDENTIFICATION, content=CONTENT, members=MEMBERS, lists=LISTS
)
"""The same, for the reading of answers."""
