"""GVR's event document: the published XML form of an event (``ERSMOIndata``), as far as our events fill it.

Names, classes and forms are those of ERSMOIndata2.2.xsd and its samples (GVR-PUB);
profiles/registers/gvr/handelse.xsd describes the part that is written here. Class 013 is besökstyp, 006 taxa,
001 yrkeskategori, 008 diagnosis, 007 action, 009 kombika of a referrer.
"""

from collections.abc import Iterable
from pathlib import Path

from lxml import etree

from adapter.domain.event import Atgard, Diagnos, Personal, Vardhandelse
from adapter.registers.gvr.render import kombika_text
from adapter.registers.protocol import RegisterSettings

ENCODING = "ISO-8859-1"
SOURCE = "GVR"

_Attributes = dict[str, str | None]


def event_document(events: Iterable[Vardhandelse], settings: RegisterSettings, document_id: str) -> bytes:
    """The document with one Ersättningshändelse per event, in the order given.

    Besökstyp and taxa come from the settings where an event has none. `document_id` names the document, any
    text. Raises ValueError, naming the member, for an event without start date, kombika, or an identity of
    twelve digits: the form has no place for it.
    """
    root = _element(None, "ERSMOIndata", {"Källa": SOURCE, "ID": document_id})
    for event in events:
        _handelse(root, event, settings)
    text = etree.tostring(root, encoding="unicode", pretty_print=True)
    document = f'<?xml version="1.0" encoding="{ENCODING}"?>\n{text}'
    return document.encode(ENCODING, "xmlcharrefreplace")


def load_schema(path: Path) -> etree.XMLSchema:
    """The schema in the file `path`, read without entities and without network."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.XMLSchema(etree.parse(path, parser))


def _handelse(root: etree._Element, event: Vardhandelse, settings: RegisterSettings) -> None:
    verksamhet = _needed(kombika_text(event.enhet), "enhet.kombika")
    handelse = _element(
        root,
        "Ersättningshändelse",
        {
            "ID": event.event_id,
            "Makulerad": "true" if event.status == "cancelled" else "false",
            "Startdatum": _needed(event.tid.startdatum, "tid.startdatum"),
            "Slutdatum": event.tid.slutdatum,
            "Startverksamhet": verksamhet,
            "Slutverksamhet": verksamhet,
        },
    )
    patient = event.patient
    _element(
        handelse,
        "Patient",
        {"ID": _patient_id(patient.id), "Födelsedatum": patient.fodelsedatum, "Kön": patient.kon},
    )
    _vardkontakt(_element(handelse, "Händelseklass", {}), event, settings)


def _vardkontakt(klass: etree._Element, event: Vardhandelse, settings: RegisterSettings) -> None:
    inpatient = event.kind == "vardtillfalle"
    typ = _besokstyp(event, settings)
    taxa = event.kontakt.taxa or settings.default_taxa
    vardkontakt = _element(
        klass,
        "Vårdkontakt",
        {
            "Händelseform": "Slutenvårdstillfälle" if inpatient else "Öppenvårdskontakt",
            "Händelsetyp": "013" if typ else None,
            "Typ": typ,
            "Avgiftsklass": "006" if taxa else None,
            "Patientavgift": taxa,
            "Akut": "J" if event.kontakt.akut else "N",
        },
    )
    _yrkeskategorier(vardkontakt, event.personal)
    _diagnoser(vardkontakt, event.diagnoser)
    _atgarder(vardkontakt, event.atgarder, event.tid.startdatum)
    if event.kontakt.remittent is not None:
        remittent = event.kontakt.remittent
        kod = f"{remittent.inr}{remittent.klin}{remittent.avd}"
        _element(vardkontakt, "RemissFöre", {"Kod": kod, "Klass": "009"})


def _yrkeskategorier(vardkontakt: etree._Element, personal: tuple[Personal, ...]) -> None:
    koder = [person.yrkeskategori for person in personal if person.yrkeskategori is not None]
    if not koder:
        return
    group = _element(vardkontakt, "Yrkeskategorier", {})
    for number, kod in enumerate(koder, 1):
        _element(group, "Yrkeskategori", {"Klass": "001", "Kod": kod, "OrdnNr": str(number)})


def _diagnoser(vardkontakt: etree._Element, diagnoser: tuple[Diagnos, ...]) -> None:
    if not diagnoser:
        return
    group = _element(vardkontakt, "Diagnoser", {})
    for diagnos in diagnoser:
        _element(group, "Diagnos", {"Klass": "008", "Kod": diagnos.kod, "OrdnNr": str(diagnos.ordning)})


def _atgarder(vardkontakt: etree._Element, atgarder: tuple[Atgard, ...], startdatum: str | None) -> None:
    """An action without a date of its own has the event's: the form demands one."""
    if not atgarder:
        return
    group = _element(vardkontakt, "Åtgärder", {})
    for atgard in atgarder:
        attributes: _Attributes = {
            "Klass": "007",
            "Kod": atgard.kod,
            "Datum": atgard.datum or startdatum,
            "OrdnNr": str(atgard.ordning),
            "DiagnosNr": None if atgard.diagnos is None else str(atgard.diagnos),
        }
        _element(group, "Åtgärd", attributes)


def _besokstyp(event: Vardhandelse, settings: RegisterSettings) -> str | None:
    """Exactly one, or none: of several none is chosen."""
    besokstyp = event.kontakt.besokstyp
    if not besokstyp:
        return settings.default_besokstyp
    return besokstyp[0] if len(besokstyp) == 1 else None


def _element(parent: etree._Element | None, name: str, attributes: _Attributes) -> etree._Element:
    given = {key: value for key, value in attributes.items() if value is not None}
    return etree.Element(name, given) if parent is None else etree.SubElement(parent, name, given)


def _needed(value: str | None, member: str) -> str:
    if not value:
        raise ValueError(f"GVR's event document needs {member}")
    return value


def _patient_id(identity: str | None) -> str:
    if identity is None or len(identity) != 12 or not (identity.isascii() and identity.isdigit()):
        raise ValueError("GVR's event document needs patient.id of twelve digits")
    return identity
