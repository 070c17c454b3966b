"""Batches of event documents: how the records of a file transport become one document."""

from collections.abc import Sequence

import orjson

from adapter.registers.files.batch import BatchFormat, Record
from adapter.registers.gvr.xml import document


class EventDocuments(BatchFormat):
    """One document per batch, named by it; each event as it is now, a withdrawn one as makulerad.

    A record's body is that of adapter.registers.gvr.event_body.
    """

    name = "ERSMOIndata2.2"
    suffix = ".xml"

    def arranged(self, records: Sequence[Record]) -> Sequence[Record]:
        """As they came."""
        return records

    def encode(self, records: Sequence[Record], batch: str) -> bytes:
        """The document. Raises ValueError for a body that it has no form for: no request is made of one."""
        told = [(orjson.loads(record.body), record.handelse == "makulerad") for record in records]
        return document(told, batch)
