"""An answer in FHIR JSON, in the form and spacing that its client wants, compressed if it wants that."""

import gzip
from contextlib import suppress

import msgspec

from adapter.api.fhir.media import FHIR_JSON, FHIR_XML
from adapter.api.fhir.negotiation import Wish

CONTENT_TYPES = {"json": f"{FHIR_JSON}; charset=utf-8", "xml": f"{FHIR_XML}; charset=utf-8"}
"""R4 wants the character encoding named in every answer."""

SMALLEST_PACKED = 1024
"""Bytes from which compression is worth its time."""

_LEVEL = 1


def in_form(body: bytes, wish: Wish, headers: dict[str, str]) -> bytes:
    """The body to send; `headers` get what says of it. A body that has a Content-Type of its own there is no
    FHIR and stays as it is, but for compression."""
    if not body:
        return body
    if "Content-Type" not in headers:
        body, headers["Content-Type"] = _written(body, wish)
    if wish.gzip and len(body) >= SMALLEST_PACKED:
        headers["Content-Encoding"] = "gzip"
        return gzip.compress(body, _LEVEL, mtime=0)
    return body


def _written(body: bytes, wish: Wish) -> tuple[bytes, str]:
    """The body and its Content-Type. What is no resource cannot be XML, and stays as it is."""
    if wish.form == "xml":
        # imported here: the table of every type is loaded for those who want XML, and for nobody else
        from adapter.fhir.xml.writing import to_xml  # noqa: PLC0415

        with suppress(ValueError):
            return to_xml(body, pretty=wish.pretty), CONTENT_TYPES["xml"]
    return msgspec.json.format(body, indent=2) if wish.pretty else body, CONTENT_TYPES["json"]
