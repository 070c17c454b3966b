"""The members of a PASiS body, as profiles/registers/pasis/vardkontakt.schema.json describes them."""

from adapter.registers.body_shape import BodyShape

IDENTIFICATION = ("kontaktId", "patientId", "enhet", "datum")
CONTENT = (
    "tid",
    "vardkontakt",
    "vardkontaktKod",
    "huvudansvarig",
    "yrkeskategori",
    "diagnoser",
    "kva",
    "attribut",
)
LISTS = ("diagnoser", "kva", "attribut")
MEMBERS = (
    *IDENTIFICATION,
    *CONTENT,
    "diagnoser.kod",
    "diagnoser.ordning",
    "kva.kod",
    "kva.datum",
    "kva.ordning",
    "kva.diagnos",
)
SHAPE = BodyShape(
    event_id="kontaktId", identification=IDENTIFICATION, content=CONTENT, members=MEMBERS, lists=LISTS
)
