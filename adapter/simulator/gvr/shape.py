"""The members of GVR's messages: which there are, which are needed, and of what type."""

from adapter.simulator.shape import Shape

KOMBIKA = Shape({"inr": str, "klin": str, "avd": str}, frozenset({"inr", "klin", "avd"}))
DIAGNOS = Shape({"kod": str, "ordning": int}, frozenset({"kod", "ordning"}))
ATGARD = Shape(
    {"kod": str, "datum": str, "ordning": int, "diagnos": int}, frozenset({"kod", "datum", "ordning"})
)
BESOK = Shape(
    {
        "handelseId": str,
        "patientId": str,
        "enhet": KOMBIKA,
        "datum": str,
        "tid": str,
        "slutdatum": str,
        "besokTyp": str,
        "taxa": str,
        "akut": str,
        "vardgivare": [str],
        "diagnoser": [DIAGNOS],
        "atgarder": [ATGARD],
        "remittent": KOMBIKA,
    },
    frozenset({"handelseId", "patientId", "enhet", "datum", "besokTyp", "akut"}),
)
"""POST and PUT. `taxa` is needed too, by a check of its own, since that holds for open care only; staff,
diagnoses and actions are optional as in GVR's published event format."""

_NAMED = {"handelseId": str, "patientId": str, "enhet": KOMBIKA, "datum": str}

KOORDINERING = Shape(
    {
        **_NAMED,
        "yrkeskategori": str,
        "diagnoser": [DIAGNOS],
        "atgarder": [ATGARD],
        "teknik": str,
    },
    frozenset({*_NAMED, "yrkeskategori", "diagnoser", "atgarder"}),
)
"""Rehab coordination: diagnosis, KVÅ and profession are mandatory (HLM-REHAB)."""

INSKRIVNING = Shape(
    {**_NAMED, "tid": str, "akut": str, "visteFore": str, "remittent": KOMBIKA},
    frozenset({*_NAMED, "akut"}),
)
UTSKRIVNING = Shape(
    {
        **_NAMED,
        "utskrivningsdatum": str,
        "utskrivningstid": str,
        "utskrivandeEnhet": KOMBIKA,
        "visteEfter": str,
        "vardEfter": str,
        "vardgivare": [str],
        "diagnoser": [DIAGNOS],
        "atgarder": [ATGARD],
    },
    frozenset({*_NAMED, "utskrivningsdatum"}),
)
TILLGANGLIGHET = Shape(
    {
        **_NAMED,
        "beslutsdatum": str,
        "remissdatum": str,
        "bokningsdatum": str,
        "erbjudetDatum": str,
        "medicinsktMaldatum": str,
        "avvikelseorsak": str,
        "vardgaranti": str,
    },
    frozenset(_NAMED),
)
"""Booking and waiting data; the service's existence is published, its members are assumed."""

SOKNYCKEL = Shape(
    {"handelseId": str, "patientId": str, "datum": str, "enhet": KOMBIKA},
    frozenset({"handelseId", "patientId", "datum", "enhet"}),
)
"""GET and DELETE, whose query parameters are read as an object."""
