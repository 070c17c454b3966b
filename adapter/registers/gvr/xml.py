"""GVR's event document: the published XML form of an event (``ERSMOIndata``), as far as our events fill it.

Names, classes and forms are those of ERSMOIndata2.2.xsd and its samples (GVR-PUB);
profiles/registers/gvr/handelse.xsd describes the part that is written here. A document holds each event as it
is now: a later one about the same event takes its place.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lxml import etree

from adapter.domain.event import Vardhandelse
from adapter.domain.text import Text
from adapter.domain.trace import Origin
from adapter.registers.builder import BodyBuilder
from adapter.registers.gvr import event_body
from adapter.registers.gvr.xml_event import NoFormError, add_event, element
from adapter.registers.protocol import RegisterSettings

ENCODING = "ISO-8859-1"
SOURCE = "GVR"
_DOCUMENTED = frozenset({"vardkontakt", "vardtillfalle"})


def event_document(events: Iterable[Vardhandelse], settings: RegisterSettings, document_id: str) -> bytes:
    """The document with one Ersättningshändelse per event, in the order given.

    Besökstyp and taxa come from the settings where a contact has none. `document_id` names the document, any
    text. Raises NoFormError, naming the member, for an event without start date, kombika, or an identity of
    twelve digits, and for one that is no care contact (a koordineringsinsats): the form has no place for it.
    """
    return document(((_body(event, settings), event.status == "cancelled") for event in events), document_id)


def document(told: Iterable[tuple[dict[str, Any], bool]], document_id: str) -> bytes:
    """The document of stored bodies (adapter.registers.gvr.event_body), each with whether it is makulerad.

    Raises NoFormError as `event_document` does.
    """
    root = element(None, "ERSMOIndata", {"Källa": SOURCE, "ID": document_id})
    for body, makulerad in told:
        add_event(root, body, makulerad=makulerad)
    text = etree.tostring(root, encoding="unicode", pretty_print=True)
    return f'<?xml version="1.0" encoding="{ENCODING}"?>\n{text}'.encode(ENCODING, "xmlcharrefreplace")


def load_schema(path: Path) -> etree.XMLSchema:
    """The schema in the file `path`, read without entities and without network."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.XMLSchema(etree.parse(path, parser))


def _body(event: Vardhandelse, settings: RegisterSettings) -> dict[str, Any]:
    if event.kind not in _DOCUMENTED:
        raise NoFormError(
            Text(
                f"GVR:s händelsedokument har ingen form för en {event.kind}",
                f"GVR's event document has no form for a {event.kind}",
            )
        )
    builder = BodyBuilder("gvr", "handelse", _Untraced())
    event_body.write(builder, event, settings)
    return builder.body


class _Untraced(dict[str, Origin]):
    """Provenance of a document that only shows events: it is printed, and explains nothing."""

    def get(self, _member: str, _default: Any = None) -> Any:
        return Origin()
