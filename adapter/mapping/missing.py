"""Where the facts that an event lacks would have stood, so that a rule that misses one points there.

What a concern of the mapping has noted itself (Draft.absent) is more exact, and is kept. Every optional
member of an event that a rule can name has a place here.
"""

from adapter.domain.event import Vardhandelse
from adapter.domain.trace import Origin, absent_key
from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft

_EXTENSION = "encounter.extension"
_SUBJECT = "encounter.subject"
_PLACES: dict[str, tuple[str, ...]] = {
    "version": ("encounter.meta",),
    "patient": ("patient", _SUBJECT),
    "patient.id": ("patient.identifier", _SUBJECT),
    "patient.kind": ("patient.identifier", _SUBJECT),
    "patient.fodelsedatum": ("patient.birthDate", _SUBJECT),
    "patient.kon": ("patient.gender", _SUBJECT),
    "patient.alder": ("patient.birthDate", _SUBJECT),
    "patient.lkf": ("patient.extension", _SUBJECT),
    "patient.kategori": ("patient", _SUBJECT),
    "enhet": ("encounter.serviceProvider",),
    "tid": ("encounter.period",),
    "tid.startdatum": ("encounter.period.start",),
    "tid.starttid": ("encounter.period.start",),
    "tid.slutdatum": ("encounter.period.end",),
    "tid.sluttid": ("encounter.period.end",),
    "kontakt": ("encounter",),
    "kontakt.typ": ("encounter.type",),
    "kontakt.kanal": ("encounter.class",),
    "kontakt.ersatter_besok": (_EXTENSION,),
    "kontakt.akut": ("encounter.priority",),
    "kontakt.planerad": ("encounter.appointment",),
    "kontakt.boendeform": (_EXTENSION,),
    "kontakt.i_hemmet": ("encounter.class",),
    "kontakt.remittent": ("request.requester", "encounter.basedOn"),
    "kontakt.hemsjukvard": ("encounter.type",),
    "personal": ("encounter.participant",),
    "diagnoser": ("encounter.diagnosis",),
    "atgarder": ("encounter",),
    "lakemedel": ("encounter",),
    "tillgang": (_EXTENSION,),
    "tillgang.beslutsdatum": ("request.extension", _EXTENSION),
    "tillgang.remissdatum": ("request.authoredOn", "encounter.basedOn"),
    "tillgang.bokad": ("booking.created", "encounter.appointment"),
    "tillgang.erbjuden": ("booking.start", "encounter.appointment"),
    "tillgang.medicinskt_maldatum": ("request.extension", _EXTENSION),
    "tillgang.avvikelseorsak": ("booking.extension", _EXTENSION),
    "tillgang.nytt_halsoproblem": (_EXTENSION,),
    "tillgang.kompetens": (_EXTENSION,),
    "tillgang.delomrade": (_EXTENSION,),
    "tillgang.nybesok": ("booking.appointmentType", _EXTENSION),
    "tillgang.egenanmalan": ("request.requester", "encounter.basedOn"),
    "vardgaranti": (_EXTENSION,),
    "vardgaranti.omfattas": (_EXTENSION,),
    "vardgaranti.start": ("request.extension", "booking.created", _EXTENSION),
    "vardgaranti.dagar": ("request.extension", "booking.created", _EXTENSION),
    "vardgaranti.inom": ("request.extension", "booking.created", _EXTENSION),
    "vardgaranti.regel": (_EXTENSION,),
    "slutenvard": ("encounter.hospitalization",),
    "slutenvard.viste_fore": ("encounter.hospitalization.admitSource",),
    "slutenvard.viste_efter": ("encounter.hospitalization.dischargeDisposition",),
    "slutenvard.vard_efter": ("encounter.hospitalization.dischargeDisposition",),
    "slutenvard.utskrivande": ("encounter.location",),
    "slutenvard.utskriven": ("encounter.period.end",),
}
"""Member -> elements, by the part that the resource plays: the first whose resource the contact has is where
the fact is missed (its order, its booking), and the Encounter is the place without one."""

_TABLE = tuple(
    (member, absent_key(member), tuple((*place.partition("."),) for place in places))
    for member, places in _PLACES.items()
)


_NOTHING = Vardhandelse(event_id="", kind="vardkontakt", status="final")


def note_missing(draft: Draft, event: Vardhandelse, encounter: Node, patient: Node | None) -> None:
    """Note the places of all that the `event` of `encounter` lacks. To be called when all else is traced."""
    roles = {
        "encounter": encounter.path,
        "patient": patient.path if patient is not None else "",
        "request": _target(draft, encounter, "basedOn", "ServiceRequest"),
        "booking": _target(draft, encounter, "appointment", "Appointment"),
    }
    provenance = draft.provenance
    for member, key, places in _TABLE:
        if member in provenance or key in provenance or _is_there(event, member):
            continue
        for role, dot, element in places:
            if root := roles[role]:
                group = element.partition(".")[0]
                # of an element that is missing with all that it holds, the place is the element
                at = element if group in encounter.resource else group
                provenance[key] = Origin((f"{root}{dot}{at}",))
                break


def _is_there(event: Vardhandelse, member: str) -> bool:
    """Whether a group or list of the event holds anything; its parts are traced, not the whole."""
    return "." not in member and getattr(event, member) != getattr(_NOTHING, member)


def _target(draft: Draft, encounter: Node, element: str, wanted: str) -> str:
    """The path of the first resource of the `wanted` type that the Encounter names; empty without one."""
    for reference in encounter.resource.get(element, ()):
        node = draft.bundle.resolve(reference, encounter)
        if node is not None and node.type == wanted:
            return node.path
    return ""
