"""The members of a GVR vårdkontakt body, as profiles/registers/gvr/vardkontakt.schema.json describes them."""

IDENTIFICATION = ("handelseId", "patientId", "enhet", "datum")
"""What names an event to the register: all that a DELETE and a look-up carry."""

CONTENT = (
    "tid",
    "slutdatum",
    "besokTyp",
    "taxa",
    "akut",
    "vardgivare",
    "diagnoser",
    "atgarder",
    "remittent",
)

LISTS = ("vardgivare", "diagnoser", "atgarder")

MEMBERS = (
    *IDENTIFICATION,
    *CONTENT,
    "enhet.inr",
    "enhet.klin",
    "enhet.avd",
    "diagnoser.kod",
    "diagnoser.ordning",
    "atgarder.kod",
    "atgarder.datum",
    "atgarder.ordning",
    "atgarder.diagnos",
    "remittent.inr",
    "remittent.klin",
    "remittent.avd",
)
