"""GVR's services in one table: name, path, members and the function that writes the body."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from adapter.domain.event import Kind, Vardhandelse
from adapter.registers.builder import BodyBuilder
from adapter.registers.gvr import inskrivning, koordinering, tillganglighet, utskrivning, vardkontakt
from adapter.registers.protocol import RegisterSettings

Write = Callable[[BodyBuilder, Vardhandelse, RegisterSettings], None]


class Service(NamedTuple):
    """One service. `content` are the members of its body beside those that name the event; `kinds` the kinds
    of event that it takes."""

    name: str
    path: str
    content: tuple[str, ...]
    write: Write
    kinds: tuple[Kind, ...]


SERVICES: dict[str, Service] = {
    service.name: service
    for service in (
        Service(vardkontakt.NAME, vardkontakt.PATH, vardkontakt.CONTENT, vardkontakt.write, ("vardkontakt",)),
        Service(
            koordinering.NAME,
            koordinering.PATH,
            koordinering.CONTENT,
            koordinering.write,
            ("koordineringsinsats",),
        ),
        Service(
            inskrivning.NAME, inskrivning.PATH, inskrivning.CONTENT, inskrivning.write, ("vardtillfalle",)
        ),
        Service(
            utskrivning.NAME, utskrivning.PATH, utskrivning.CONTENT, utskrivning.write, ("vardtillfalle",)
        ),
        Service(
            tillganglighet.NAME,
            tillganglighet.PATH,
            tillganglighet.CONTENT,
            tillganglighet.write,
            ("vardkontakt",),
        ),
    )
}
"""By name. Where each is reached below the register's url is assumed."""

SAID = "tjanst"
"""Member of another system's record that may say which service it was sent to."""


def services_of(event: Vardhandelse, settings: RegisterSettings) -> Sequence[str]:
    """The services that an event belongs to; each judges it by rules of its own.

    The discharge follows when the stay has ended. *Tillgänglighet* is asked only where the settings name it:
    no published contract demands it. What else the settings leave out is told by a rule of the service.
    """
    if event.kind == "koordineringsinsats":
        return (koordinering.NAME,)
    if event.kind == "vardtillfalle":
        whole = event.slutenvard.utskriven or event.status == "cancelled"
        # as XML a stay is one event, and so one message
        return (inskrivning.NAME, utskrivning.NAME) if whole and not as_xml(settings) else (inskrivning.NAME,)
    if event.kind == "vardkontakt" and tillganglighet.NAME in (settings.services or ()):
        return (vardkontakt.NAME, tillganglighet.NAME)
    return (vardkontakt.NAME,)


def as_xml(settings: RegisterSettings) -> bool:
    """Whether the register is told in event documents instead of JSON."""
    return settings.transport == "file" and settings.format == "xml"


def service_of(body: dict[str, Any]) -> str:
    """The service that a body without a name was sent to: as it says itself, else by the members that only
    one service has. A body that says nothing of it is a vårdkontakt's."""
    said = body.get(SAID)
    if said in SERVICES:
        return str(said)
    if "utskrivningsdatum" in body:
        return utskrivning.NAME
    if not body.keys().isdisjoint(tillganglighet.CONTENT):
        return tillganglighet.NAME
    if "yrkeskategori" in body or "teknik" in body:
        return koordinering.NAME
    admitted = "akut" in body and not {"taxa", "besokTyp"} & body.keys()
    return inskrivning.NAME if "visteFore" in body or admitted else vardkontakt.NAME
