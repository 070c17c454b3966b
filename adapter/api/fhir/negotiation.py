"""What a client wants of an answer: JSON or XML, pretty, compressed, whole or minimal.

``_format`` counts before Accept (R4, RESTful API: Content Types and encodings). Who leaves it open gets the
form that the request's body has, else JSON.
"""

from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request

from adapter.api.fhir.media import JSON_TYPES, R4, XML_TYPES, Form, form_of_type, media_type

Returned = Literal["minimal", "representation", "OperationOutcome"]

_RETURNED: dict[str, Returned] = {
    "minimal": "minimal",
    "representation": "representation",
    "operationoutcome": "OperationOutcome",
}
_NAMES: dict[Form, frozenset[str]] = {"json": JSON_TYPES | {"json"}, "xml": XML_TYPES | {"xml"}}
_LONGEST = 1024
"""Characters of a header or query that are looked at."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a client wants of the answer to one request.

    `form` is the answer's form; not `acceptable`: the client takes none of ours (rule HTTP-ACCEPT), and is
    told so in `form`. `returned` is ``Prefer: return=...``, None where the client has no preference; `strict`
    is ``handling=strict``, `asynchronous` is ``respond-async``.
    """

    form: Form = "json"
    acceptable: bool = True
    pretty: bool = False
    gzip: bool = False
    returned: Returned | None = None
    strict: bool = False
    asynchronous: bool = False


def wish_of(request: Request) -> Wish:
    """What the headers and the query of a request ask for. Never raises."""
    headers = request.headers
    return _wish(
        headers.get("accept", "")[:_LONGEST],
        _asked(request.scope.get("query_string", b"")),
        headers.get("accept-encoding", "")[:_LONGEST],
        ",".join(headers.getlist("prefer"))[:_LONGEST],
        form_of_type(headers.get("content-type")),
    )


@lru_cache(maxsize=512)
def _wish(accept: str, asked: tuple[str, str], coding: str, prefer: str, sent: Form | None) -> Wish:
    named, pretty = asked
    form = _named(named) if named else _accepted(accept, sent or "json")
    preferences = _preferences(prefer)
    return Wish(
        form=form or sent or "json",
        acceptable=form is not None,
        pretty=pretty == "true",
        gzip=_takes_gzip(coding),
        returned=_RETURNED.get(preferences.get("return", "")),
        strict=preferences.get("handling") == "strict",
        asynchronous="respond-async" in preferences,
    )


def _asked(query: bytes) -> tuple[str, str]:
    """The parameters ``_format`` and ``_pretty``; a plus sign that a query has made a space is one again."""
    if b"_format" not in query and b"_pretty" not in query:
        return "", ""
    try:
        found = parse_qs(query[:_LONGEST].decode("ascii", "replace"), max_num_fields=100)
    except ValueError:
        return "", ""
    named, pretty = (found.get(name, [""])[-1].strip() for name in ("_format", "_pretty"))
    return named.replace(" ", "+"), pretty.lower()


def _named(text: str) -> Form | None:
    name = media_type(text)[0]
    return next((form for form, names in _NAMES.items() if name in names), None)


def _accepted(accept: str, usual: Form) -> Form | None:
    """The better liked form; `usual` when both are liked alike, None when neither is taken."""
    if not accept.strip():
        return usual
    json, xml = _liking(accept, "json"), _liking(accept, "xml")
    if json == xml:
        return usual if json > 0 else None
    return "json" if json > xml else "xml"


def _liking(accept: str, form: Form) -> float:
    """The highest q of the most exact ranges of an Accept header that a form is in."""
    ranks = {"application/*": 1, "*/*": 0, "*": 0} | dict.fromkeys(_NAMES[form], 2)
    found: dict[int, float] = {}
    for part in accept.split(","):
        name, parameters = media_type(part)
        rank = ranks.get(name)
        if rank is not None and parameters.get("fhirversion", "") in R4:
            found[rank] = max(found.get(rank, 0.0), _weight(parameters.get("q", "1")))
    return found[max(found)] if found else 0.0


def _takes_gzip(header: str) -> bool:
    """Whether Accept-Encoding names gzip (or anything) with a weight above nothing."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        name, parameters = media_type(part)
        weights[name] = _weight(parameters.get("q", "1"))
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _preferences(header: str) -> dict[str, str]:
    """Prefer's preferences (RFC 7240); of one that is named twice the first counts."""
    found: dict[str, str] = {}
    for part in header.replace(";", ",").split(","):
        name, _, value = part.partition("=")
        found.setdefault(name.strip().lower(), value.strip(' "').lower())
    return found


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
