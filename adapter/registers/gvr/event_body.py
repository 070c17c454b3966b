"""The body of a message that becomes an event document (XML) instead of JSON.

It is what is stored and compared, so that the document can be made of it whenever it is delivered: the
service's own members, a stay whole (its admission, and its discharge when it has ended), and the group
`handelse` with what only the document has: form of care, the patient's birth date, sex and residence, and
drugs by ATC code. Bodies for REST have none of it.
"""

from adapter.domain.event import Vardhandelse
from adapter.registers.builder import BodyBuilder
from adapter.registers.gvr import inskrivning, utskrivning, vardkontakt
from adapter.registers.protocol import RegisterSettings

HANDELSE = "handelse"

OPEN = "Öppenvårdskontakt"
HOME = "Hemsjukvårdskontakt"
INPATIENT = "Slutenvårdstillfälle"


def write(builder: BodyBuilder, event: Vardhandelse, settings: RegisterSettings) -> None:
    """Write the whole body of a vårdkontakt or a stay.

    The document has a stay's besökstyp and taxa too, where they were sent.
    """
    if event.kind == "vardtillfalle":
        inskrivning.write(builder, event, settings)
        if len(event.kontakt.besokstyp) == 1:
            builder.write("besokTyp", event.kontakt.besokstyp[0], "kontakt.besokstyp[0]")
        builder.write("taxa", event.kontakt.taxa, "kontakt.taxa")
        if event.slutenvard.utskriven:
            utskrivning.write_discharge(builder, event)
        utskrivning.write_stay(builder, event)
    else:
        vardkontakt.write(builder, event, settings)
    _handelse(builder.group(HANDELSE), event)


def _handelse(group: BodyBuilder, event: Vardhandelse) -> None:
    if event.kind == "vardtillfalle":
        group.write("form", INPATIENT, "kind")
    elif event.kontakt.hemsjukvard:
        group.write("form", HOME, "kontakt.hemsjukvard")
    else:
        group.write("form", OPEN, "kind")
    patient = event.patient
    group.write("fodelsedatum", patient.fodelsedatum, "patient.fodelsedatum")
    group.write("kon", patient.kon, "patient.kon")
    if not patient.skyddad:
        # where somebody lives is part of what is protected
        group.write("lkf", patient.lkf, "patient.lkf")
    for index, drug in enumerate(event.lakemedel):
        item = group.item("lakemedel")
        member = f"lakemedel[{index}]"
        item.write("kod", drug.kod, f"{member}.kod")
        item.write("datum", drug.datum, f"{member}.datum")
        item.write("diagnos", drug.diagnos, f"{member}.diagnos")
