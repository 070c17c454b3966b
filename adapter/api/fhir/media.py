"""Which media types, encodings and answers the FHIR door deals in. Each check names the rule it applies."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

FHIR_JSON = "application/fhir+json"
_JSON = frozenset({FHIR_JSON, "application/json", "application/json+fhir"})
_XML = frozenset({"application/fhir+xml", "application/xml", "text/xml", "application/xml+fhir"})
_UTF8 = frozenset({"utf-8", "utf8", ""})


@lru_cache(maxsize=256)
def refused_type(content_type: str | None) -> str | None:
    """The rule that refuses this Content-Type, None when it is FHIR JSON in UTF-8."""
    name, _, parameters = (content_type or "").partition(";")
    name = name.strip().lower()
    if name in _XML:
        return "HTTP-XML"
    if name not in _JSON:
        return "HTTP-TYPE"
    return None if _charset(parameters) in _UTF8 else "HTTP-CHARSET"


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "charset":
            return value.strip('" ').lower()
    return ""


def content_coding(headers: Mapping[str, str]) -> Literal["identity", "gzip"] | None:
    """How the body is compressed; None for a way that is not supported (rule HTTP-ENCODING)."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        return "identity"
    return "gzip" if coding in ("gzip", "x-gzip") else None


@lru_cache(maxsize=256)
def accepts_json(accept: str | None) -> bool:
    """Whether the Accept header allows an answer as JSON (rule HTTP-ACCEPT when it does not)."""
    if not accept:
        return True
    ranges = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return any(name in _JSON or name in ("*/*", "application/*", "json") for name in ranges)
