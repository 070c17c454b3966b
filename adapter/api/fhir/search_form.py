"""POST /fhir/{type}/_search: the question as a form, answered as the same GET would be (R4, Search)."""

from urllib.parse import parse_qsl, urlencode

from starlette.requests import ClientDisconnect, Request

from adapter.api.body import BodyTooLarge, read_body
from adapter.api.fhir.door import Refused, announced
from adapter.api.fhir.media import content_coding, media_type
from adapter.api.fhir.parameters import wrong

FORM = "application/x-www-form-urlencoded"
_LARGEST = 64 * 1024
_MOST_FIELDS = 200


async def as_get(request: Request, seconds: float) -> Request:
    """The GET that asks the same: the parameters of the address, then those of the form. Raises Refused; what
    is refused here is not recorded."""
    if media_type(request.headers.get("content-type", ""))[0] != FORM:
        raise Refused(415, "HTTP-TYPE", announced(request) or 0, kept=False)
    if content_coding(request.headers) != "identity":
        raise Refused(415, "HTTP-ENCODING", announced(request) or 0, kept=False)
    raw = await _read(request, seconds)
    try:
        fields = _fields(raw)
    except ValueError:
        raise wrong("_search", len(raw)) from None
    query = urlencode([*request.query_params.multi_items(), *fields])
    return Request({**request.scope, "method": "GET", "query_string": query.encode("ascii")})


def _fields(raw: bytes) -> list[tuple[str, str]]:
    return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)


async def _read(request: Request, seconds: float) -> bytes:
    size = announced(request)
    try:
        return await read_body(
            request.stream(), coding="identity", announced=size, limit=_LARGEST, seconds=seconds
        )
    except BodyTooLarge as error:
        raise Refused(413, "HTTP-SIZE", error.seen, {"limit": str(_LARGEST)}, kept=False) from None
    except TimeoutError:
        raise Refused(408, "HTTP-SLOW", size or 0, kept=False) from None
    except ClientDisconnect:
        raise Refused(400, "HTTP-SLOW", size or 0, kept=False) from None
