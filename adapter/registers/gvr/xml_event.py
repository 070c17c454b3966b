"""One Ersättningshändelse of GVR's event document, made of a stored body.

Class 013 is besökstyp, 006 taxa, 001 yrkeskategori, 008 diagnosis, 007 action, 020 drug (ATC), 002 whence the
patient came, 003 whither, 004 the care planned afterwards, 009 kombika of a referrer.
"""

from collections.abc import Sequence
from typing import Any

from lxml import etree

from adapter.domain.text import Text
from adapter.registers.gvr.event_body import HANDELSE, INPATIENT

Attributes = dict[str, str | None]
Body = dict[str, Any]


class NoFormError(ValueError):
    """An event that the document has no form for, or that lacks what the form demands. `text` says which."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def add_event(root: etree._Element, body: Body, *, makulerad: bool) -> None:
    """Add the event to a document. Raises NoFormError, naming the event's member, for what the form demands
    and the body does not have."""
    startverksamhet = _needed(_kombika(body.get("enhet")), "enhet.kombika")
    handelse = element(
        root,
        "Ersättningshändelse",
        {
            "ID": body["handelseId"],
            "Makulerad": "true" if makulerad else "false",
            "Startdatum": _needed(body.get("datum"), "tid.startdatum"),
            "Slutdatum": body.get("utskrivningsdatum") or body.get("slutdatum"),
            "Startverksamhet": startverksamhet,
            "Slutverksamhet": _kombika(body.get("utskrivandeEnhet")) or startverksamhet,
        },
    )
    more = body.get(HANDELSE)
    if more is None:
        raise NoFormError(
            Text(
                "GVR:s händelsedokument kräver en kropp som är gjord för det: översätt meddelandet på nytt",
                "GVR's event document needs a body that was made for it: remap the message",
            )
        )
    patient: Attributes = {
        "ID": _patient_id(body.get("patientId")),
        "Lkf": more.get("lkf"),
        "Födelsedatum": more.get("fodelsedatum"),
        "Kön": more.get("kon"),
    }
    element(handelse, "Patient", patient)
    _vardkontakt(element(handelse, "Händelseklass", {}), body, more)


def element(parent: etree._Element | None, name: str, attributes: Attributes) -> etree._Element:
    """A new element with the attributes that are given."""
    given = {key: value for key, value in attributes.items() if value is not None}
    return etree.Element(name, given) if parent is None else etree.SubElement(parent, name, given)


def _vardkontakt(klass: etree._Element, body: Body, more: Body) -> None:
    is_stay = more["form"] == INPATIENT  # besökstyp and taxa are open care's
    typ, taxa = (None, None) if is_stay else (body.get("besokTyp"), body.get("taxa"))
    vardkontakt = element(
        klass,
        "Vårdkontakt",
        {
            "Händelseform": more["form"],
            "Händelsetyp": "013" if typ else None,
            "Typ": typ,
            "Avgiftsklass": "006" if taxa else None,
            "Patientavgift": taxa,
            "Akut": body.get("akut"),
        },
    )
    _yrkeskategorier(vardkontakt, body.get("vardgivare", ()))
    _diagnoser(vardkontakt, body.get("diagnoser", ()))
    _atgarder(vardkontakt, body, more.get("lakemedel", ()))
    _coded(vardkontakt, "VisteFöre", "002", body.get("visteFore"))
    _coded(vardkontakt, "RemissFöre", "009", _kombika(body.get("remittent")))
    _coded(vardkontakt, "VisteEfter", "003", body.get("visteEfter"))
    _coded(vardkontakt, "VårdEfter", "004", body.get("vardEfter"))


def _yrkeskategorier(vardkontakt: etree._Element, koder: Sequence[str]) -> None:
    if koder:
        group = element(vardkontakt, "Yrkeskategorier", {})
        for number, kod in enumerate(koder, 1):
            element(group, "Yrkeskategori", {"Klass": "001", "Kod": kod, "OrdnNr": str(number)})


def _diagnoser(vardkontakt: etree._Element, diagnoser: Sequence[Body]) -> None:
    if diagnoser:
        group = element(vardkontakt, "Diagnoser", {})
        for diagnos in diagnoser:
            ordning = str(diagnos["ordning"])
            element(group, "Diagnos", {"Klass": "008", "Kod": diagnos["kod"], "OrdnNr": ordning})


def _atgarder(vardkontakt: etree._Element, body: Body, lakemedel: Sequence[Body]) -> None:
    """Actions, then drugs, numbered on. One without a date has the event's: the form demands one."""
    atgarder = body.get("atgarder", ())
    if not atgarder and not lakemedel:
        return
    group = element(vardkontakt, "Åtgärder", {})
    classed = [*(("007", one) for one in atgarder), *(("020", one) for one in lakemedel)]
    for number, (klass, one) in enumerate(classed, 1):
        attributes: Attributes = {
            "Klass": klass,
            "Kod": one["kod"],
            "Datum": one.get("datum") or body["datum"],
            "OrdnNr": str(one.get("ordning", number)),
            "DiagnosNr": str(one["diagnos"]) if "diagnos" in one else None,
        }
        element(group, "Åtgärd", attributes)


def _coded(vardkontakt: etree._Element, name: str, klass: str, kod: str | None) -> None:
    if kod:
        element(vardkontakt, name, {"Klass": klass, "Kod": kod})


def _kombika(unit: Body | None) -> str:
    return f"{unit['inr']}{unit['klin']}{unit['avd']}" if unit else ""


def _needed(value: str | None, member: str) -> str:
    if not value:
        raise NoFormError(
            Text(f"GVR:s händelsedokument kräver {member}", f"GVR's event document needs {member}")
        )
    return value


def _patient_id(identity: str | None) -> str:
    if identity is None or len(identity) != 12 or not (identity.isascii() and identity.isdigit()):
        raise NoFormError(
            Text(
                "GVR:s händelsedokument kräver patient.id med tolv siffror",
                "GVR's event document needs patient.id of twelve digits",
            )
        )
    return identity
