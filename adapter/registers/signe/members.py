"""The members of a SIGN-e record, as profiles/registers/signe/vardkontakt.schema.json describes them."""

LISTS = ("diagnoser", "atgarder")

MEMBERS = (
    "kontaktId",
    "enhet",
    "datum",
    "kontaktform",
    "yrke",
    "legitimerad",
    "nybesok",
    "planerat",
    "kompetens",
    "delomrade",
    "vardgaranti",
    "vardgaranti.omfattas",
    "vardgaranti.start",
    "vardgaranti.dagar",
    "vardgaranti.inom",
    "medicinsktMaldatum",
    "avvikelseorsak",
    "kon",
    "alder",
    "diagnoser",
    "atgarder",
)

NAMING = ("kontaktId", "enhet", "datum")
"""What a record that withdraws another one says."""

DELOMRADEN = frozenset(
    {
        "allmanlakarvard",
        "sjukskoterskevard",
        "modrahalsovard",
        "barnhalsovard",
        "fysioterapi-arbetsterapi",
        "primarvardsansluten-hemsjukvard",
        "sluten-primarvard",
        "ovrig-primarvard",
    }
)
"""The parts of primary care (SKR-FAQ, definition of primary care); the codes are ours."""
