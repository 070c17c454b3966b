"""Service for *koordineringsinsatser* (HLM-REHAB): the work of a rehabkoordinator, which is no health care.

Its interface is not published: path and names are assumed.
"""

from adapter.domain.event import Atgard, Vardhandelse
from adapter.registers.builder import BodyBuilder
from adapter.registers.gvr.parts import write_atgarder, write_diagnoser, write_identification
from adapter.registers.protocol import RegisterSettings

NAME = "koordinering"
PATH = "/koordineringsinsats"
CONTENT = ("yrkeskategori", "diagnoser", "atgarder", "teknik")

_TECHNIQUES = {"XS012": "telefon", "UX007": "video", "XS003": "brev"}
_DIGITAL = "ZV051"
"""With XS003 it makes a letter a digital one, or a chat (HLM-REHAB, *Typ av digital teknik*)."""


def write(builder: BodyBuilder, event: Vardhandelse, settings: RegisterSettings) -> None:  # noqa: ARG001
    """Write the whole body. The yrkeskategori is that of the first of the staff, the coordinator."""
    write_identification(builder, event)
    if event.personal:
        builder.write("yrkeskategori", event.personal[0].yrkeskategori, "personal[0].yrkeskategori")
    write_diagnoser(builder, event.diagnoser)
    write_atgarder(builder, event.atgarder)
    _teknik(builder, event)


def _teknik(builder: BodyBuilder, event: Vardhandelse) -> None:
    """How the contact was held, by KVÅ's technique codes, else by its channel; absent for a meeting face to
    face, and for a channel of which nobody says whether it is a letter or a chat."""
    at = _first(event.atgarder, _TECHNIQUES)
    if at is None:
        kanal = event.kontakt.kanal
        builder.write("teknik", kanal if kanal in ("telefon", "video") else None, "kontakt.kanal")
        return
    teknik = _TECHNIQUES[event.atgarder[at].kod]
    digital = _first(event.atgarder, (_DIGITAL,)) if teknik == "brev" else None
    if digital is None:
        builder.write("teknik", teknik, f"atgarder[{at}].kod")
    else:
        builder.write("teknik", "digitalt-brev", f"atgarder[{at}].kod", (f"atgarder[{digital}].kod",))


def _first(atgarder: tuple[Atgard, ...], koder: "dict[str, str] | tuple[str, ...]") -> int | None:
    return next((index for index, atgard in enumerate(atgarder) if atgard.kod in koder), None)
