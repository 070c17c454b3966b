"""Which media types and encodings a request's body may have. Each check names the rule it applies."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

FHIR_JSON = "application/fhir+json"
FHIR_XML = "application/fhir+xml"
JSON_TYPES = frozenset({FHIR_JSON, "application/json", "application/json+fhir", "text/json"})
XML_TYPES = frozenset({FHIR_XML, "application/xml", "text/xml", "application/xml+fhir"})
R4 = frozenset({"", "4.0", "4.0.1"})
"""What the parameter fhirVersion of a media type may say."""

Form = Literal["json", "xml"]

_UTF8 = frozenset({"utf-8", "utf8", "us-ascii", ""})
_BLANK = b"\xef\xbb\xbf \t\r\n"


@lru_cache(maxsize=256)
def refused_type(content_type: str | None, also: frozenset[str] = frozenset()) -> str | None:
    """The rule that refuses this Content-Type, None when it is FHIR in UTF-8 or one of the types `also`."""
    name, parameters = media_type(content_type or "")
    if name not in JSON_TYPES and name not in XML_TYPES and name not in also:
        return "HTTP-TYPE"
    if parameters.get("charset", "") not in _UTF8:
        return "HTTP-CHARSET"
    return None if parameters.get("fhirversion", "") in R4 else "HTTP-FHIR-VERSION"


@lru_cache(maxsize=256)
def form_of_type(content_type: str | None) -> Form | None:
    """In which of FHIR's forms a body of this Content-Type is; None for other types."""
    name = media_type(content_type or "")[0]
    if name in JSON_TYPES:
        return "json"
    return "xml" if name in XML_TYPES else None


def is_of_other_form(raw: bytes, form: Form | None) -> bool:
    """Whether a body is beyond doubt in the other of FHIR's forms than `form` (rule HTTP-FORM)."""
    if form is None or (form == "json" and raw[:1] == b"{"):
        return False
    first = raw[:64].lstrip(_BLANK)[:1]
    return first == b"<" if form == "json" else first in (b"{", b"[")


def content_coding(headers: Mapping[str, str]) -> Literal["identity", "gzip"] | None:
    """How the body is compressed; None for a way that is not supported (rule HTTP-ENCODING)."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        return "identity"
    return "gzip" if coding in ("gzip", "x-gzip") else None


def media_type(text: str) -> tuple[str, dict[str, str]]:
    """A media type or range as name and parameters, in lower case and without quotes."""
    name, *rest = text.lower().split(";")
    pairs = (parameter.partition("=") for parameter in rest)
    return name.strip(), {key.strip(): value.strip(' "') for key, _, value in pairs if key.strip()}
