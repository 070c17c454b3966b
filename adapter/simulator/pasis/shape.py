"""The members of PASiS's messages: which there are, which are needed, and of what type."""

from adapter.simulator.shape import Shape

DIAGNOS = Shape({"kod": str, "ordning": int}, frozenset({"kod", "ordning"}))
KVA = Shape(
    {"kod": str, "datum": str, "ordning": int, "diagnos": int}, frozenset({"kod", "datum", "ordning"})
)
VARDKONTAKT = Shape(
    {
        "kontaktId": str,
        "patientId": str,
        "enhet": str,
        "datum": str,
        "tid": str,
        "vardkontakt": str,
        "vardkontaktKod": str,
        "huvudansvarig": str,
        "yrkeskategori": str,
        "diagnoser": [DIAGNOS],
        "kva": [KVA],
        "attribut": [str],
    },
    frozenset({"kontaktId", "patientId", "enhet", "datum", "vardkontakt", "vardkontaktKod"}),
)
"""POST and PUT."""
