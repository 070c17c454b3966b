"""The body of a SIGN-e record: which member of the event each member is. No identity, no name, no birth date.

What the sender does not say is null, in every member that SKR asks for. The rules tell of each.
"""

from adapter.domain.event import Personal, Vardhandelse
from adapter.registers.builder import BodyBuilder
from adapter.registers.signe.kontaktform import kontaktform, technique
from adapter.registers.signe.members import DELOMRADEN

DECIDE = ("status", "kind", "kontakt.typ", "kontakt.kanal", "kontakt.ersatter_besok")
"""Members that no field holds, but that decide that there is a record at all: its id names their origins."""

OTHER_PROFESSION = "XS922"
"""KVÅ code of *övrig*: a profession without a code of its own."""


def write_visit(builder: BodyBuilder, event: Vardhandelse, index: int, kontakt_id: str) -> None:
    """Write the visit to the staff member at `index`."""
    write_naming(builder, event, index, kontakt_id)
    builder.write("kontaktform", kontaktform(event), "kontakt.typ", technique(event))
    _profession(builder, event.personal[index], index)
    _or_null(builder, "nybesok", event.tillgang.nybesok, "tillgang.nybesok")
    _or_null(builder, "planerat", event.kontakt.planerad, "kontakt.planerad")
    kompetens = event.tillgang.kompetens
    said = None if kompetens is None else ("JA" if kompetens else "NEJ")
    _or_null(builder, "kompetens", said, "tillgang.kompetens")
    delomrade = event.tillgang.delomrade
    known = delomrade if delomrade in DELOMRADEN else None
    _or_null(builder, "delomrade", known, "tillgang.delomrade")
    _guarantee(builder, event, index)
    _or_null(
        builder, "medicinsktMaldatum", event.tillgang.medicinskt_maldatum, "tillgang.medicinskt_maldatum"
    )
    _or_null(builder, "avvikelseorsak", event.tillgang.avvikelseorsak, "tillgang.avvikelseorsak")
    _or_null(builder, "kon", event.patient.kon, "patient.kon")
    _or_null(builder, "alder", event.patient.alder, "patient.alder")
    for number, diagnos in enumerate(event.diagnoser):
        builder.append("diagnoser", diagnos.kod, f"diagnoser[{number}].kod")
    for number, atgard in enumerate(event.atgarder):
        builder.append("atgarder", atgard.kod, f"atgarder[{number}].kod")


def write_naming(builder: BodyBuilder, event: Vardhandelse, index: int, kontakt_id: str) -> None:
    """Write what names the visit."""
    builder.write("kontaktId", kontakt_id, "event_id", (*DECIDE, f"personal[{index}].hsa_id"))
    builder.write("enhet", event.enhet.vardenhet, "enhet.vardenhet")
    builder.write("datum", event.tid.startdatum, "tid.startdatum")


def _profession(builder: BodyBuilder, person: Personal, index: int) -> None:
    member = f"personal[{index}]"
    if person.yrkeskod is None:
        builder.write_decided("yrke", OTHER_PROFESSION, f"{member}.yrkeskod", "SIGNE-YRKE")
    else:
        builder.write("yrke", person.yrkeskod, f"{member}.yrkeskod")
    _or_null(builder, "legitimerad", person.legitimerad, f"{member}.legitimerad")


def _guarantee(builder: BodyBuilder, event: Vardhandelse, index: int) -> None:
    """The guarantee of the visit to the staff member at `index`: who has no licence is not covered, however
    the contact of the team is, and of one whose profession nobody knows it cannot be told."""
    garanti = event.vardgaranti
    licence = f"personal[{index}].legitimerad"
    licensed = event.personal[index].legitimerad
    if garanti.omfattas is None:
        builder.write_null("vardgaranti", "vardgaranti.omfattas")
        return
    if garanti.omfattas and licensed is None:
        builder.write_decided("vardgaranti", None, licence, "VG-OKANT")
        return
    group = builder.group("vardgaranti")
    if garanti.omfattas and not licensed:
        group.write_decided("omfattas", False, licence, "VG-EJ-LEGITIMERAD")
        for name in ("start", "dagar", "inom"):
            group.write_decided(name, None, licence, "VG-EJ-LEGITIMERAD")
        return
    for name in ("omfattas", "start", "dagar", "inom"):
        _or_null(group, name, getattr(garanti, name), f"vardgaranti.{name}")


def _or_null(builder: BodyBuilder, name: str, value: object, member: str) -> None:
    if value is None:
        builder.write_null(name, member)
    else:
        builder.write(name, value, member)
