"""Service *tillgänglighet*: booking and waiting data of an open-care contact.

Only the service's existence is published: path and names are assumed, and it is used only where the settings
name it.
"""

from adapter.domain.event import Vardhandelse
from adapter.registers.builder import BodyBuilder
from adapter.registers.gvr.parts import write_identification
from adapter.registers.protocol import RegisterSettings

NAME = "tillganglighet"
PATH = "/tillganglighet"

_MEMBERS = {
    "beslutsdatum": "beslutsdatum",
    "remissdatum": "remissdatum",
    "bokningsdatum": "bokad",
    "erbjudetDatum": "erbjuden",
    "medicinsktMaldatum": "medicinskt_maldatum",
    "avvikelseorsak": "avvikelseorsak",
}
"""Our names of the members, and the event's."""

CONTENT = (*_MEMBERS, "vardgaranti")


def write(builder: BodyBuilder, event: Vardhandelse, settings: RegisterSettings) -> None:  # noqa: ARG001
    """Write the whole body; the guarantee is left out where it cannot be told whether it applies."""
    write_identification(builder, event)
    for name, member in _MEMBERS.items():
        builder.write(name, getattr(event.tillgang, member), f"tillgang.{member}")
    omfattas = event.vardgaranti.omfattas
    if omfattas is not None:
        builder.write("vardgaranti", "J" if omfattas else "N", "vardgaranti.omfattas")
