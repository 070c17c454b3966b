"""What every interaction of the FHIR face does before and after its own work: who asks, in which language
and form, within which limits, and how a refusal and an answer are put into a response."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapter.access.doorkeeper import Doorkeeper, NotAdmitted
from adapter.answers import IntakeAnswer
from adapter.api.body import BodyNotGzip, BodyTooLarge, discard, read_body
from adapter.api.fhir.forms import in_form
from adapter.api.fhir.media import content_coding, form_of_type, is_of_other_form, refused_type
from adapter.api.fhir.negotiation import Wish, wish_of
from adapter.api.language import preferred
from adapter.api.proof import proof_of
from adapter.api.services import IntakeDoor
from adapter.config.model import Config
from adapter.domain.text import Lang
from adapter.mapping.context import Sender

_MOST_DISCARDED = 256 * 1024 * 1024
_LONGEST_DISCARD = 10.0
_NOBODY = Sender(name="unknown")
_USUAL = Wish()


class Refused(Exception):
    """The request is refused before its content is looked at."""

    def __init__(
        self,
        status: int,
        rule: str,
        size: int = 0,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        kept: bool = True,
    ) -> None:
        super().__init__(rule)
        self.status = status
        self.rule = rule
        self.size = size
        self.params = params or {}
        self.headers = headers or {}
        self.kept = kept


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """An admitted request: who asks, in which language, the body as it came (JSON or XML), decompressed, and
    what is wanted of the answer. Its form, spacing and compression are the door's matter (`serve`)."""

    request: Request
    sender: Sender
    lang: Lang
    raw: bytes = b""
    wish: Wish = Wish()


Work = Callable[[Call], Awaitable[IntakeAnswer]]
"""What an interaction does. It may raise Refused."""


class Door:
    """Stands before every interaction of the FHIR face."""

    def __init__(self, intake: IntakeDoor, doorkeeper: Doorkeeper, config: Config) -> None:
        self._intake = intake
        self._doorkeeper = doorkeeper
        self._limit = config.intake.max_bytes
        self._seconds = config.intake.body_timeout

    async def serve(
        self,
        request: Request,
        right: str,
        work: Work,
        *,
        body: bool = True,
        also: frozenset[str] = frozenset(),
    ) -> Response:
        """The response to a request: `work`'s answer for those who have `right`, else a refusal, which is
        recorded. Without `body` nothing is read of it; `also` are media types beside FHIR's that it may have.

        `work` answers FHIR JSON; a client that wants XML gets the same as XML.
        """
        return response(await self.answer(request, right, work, body=body, also=also), wish_of(request))

    async def answer(
        self,
        request: Request,
        right: str,
        work: Work,
        *,
        body: bool = True,
        also: frozenset[str] = frozenset(),
    ) -> IntakeAnswer:
        """As `serve`, for those who want to look at the answer first; `response` makes it a response."""
        lang = preferred(request.headers.get("accept-language"))
        wish = wish_of(request)
        sender = _NOBODY
        try:
            try:
                sender = await self._doorkeeper.admit(proof_of(request), right)
            except NotAdmitted as no:
                sender = no.sender or _NOBODY
                raise _refused(request, no) from None
            if not wish.acceptable:
                raise Refused(406, "HTTP-ACCEPT", announced(request) or 0)
            raw = await self._content(request, also) if body else b""
            return await work(Call(request=request, sender=sender, lang=lang, raw=raw, wish=wish))
        except Refused as refused:
            await _let_finish(request)
            return await self._refusal(refused, sender, lang)
        except ClientDisconnect:
            return IntakeAnswer(status=400, body=b"")

    async def _content(self, request: Request, also: frozenset[str]) -> bytes:
        headers = request.headers
        size = announced(request)
        content_type = headers.get("content-type")
        refused = refused_type(content_type, also)
        if refused is not None:
            raise Refused(415, refused, size or 0)
        raw = await self._read(request, size)
        if form_of_type(content_type) == "xml" and not raw.strip():
            raise Refused(400, "FHIR-XML-NONE", len(raw))
        if is_of_other_form(raw, form_of_type(content_type)):
            raise Refused(400, "HTTP-FORM", len(raw))
        return raw

    async def _read(self, request: Request, size: int | None) -> bytes:
        coding = content_coding(request.headers)
        if coding is None:
            raise Refused(415, "HTTP-ENCODING", size or 0)
        try:
            return await read_body(
                request.stream(),
                coding=coding,
                announced=size,
                limit=self._limit,
                seconds=self._seconds,
            )
        except BodyTooLarge as error:
            raise Refused(413, "HTTP-SIZE", error.seen, {"limit": str(self._limit)}) from None
        except BodyNotGzip:
            raise Refused(400, "HTTP-GZIP", size or 0) from None
        except TimeoutError:
            raise Refused(408, "HTTP-SLOW", size or 0) from None

    async def _refusal(self, refused: Refused, sender: Sender, lang: Lang) -> IntakeAnswer:
        answer = await self._intake.refuse(
            refused.status,
            refused.rule,
            sender=sender,
            size=refused.size,
            body_hash="",
            lang=lang,
            kept=refused.kept,
            **refused.params,
        )
        return msgspec.structs.replace(answer, headers={**refused.headers, **answer.headers})


def announced(request: Request) -> int | None:
    """Content-Length, when it is a number."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else None


def response(reply: IntakeAnswer, wish: Wish = _USUAL) -> Response:
    """An answer as an HTTP response, in the form that its client wants."""
    headers = {**reply.headers, "Vary": "Accept, Accept-Encoding, Accept-Language"}
    if reply.status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    body = in_form(reply.body, wish, headers)
    return Response(body, status_code=reply.status, headers=headers)


def public(request: Request, body: bytes) -> Response:
    """What everybody may read without proof (FHIR JSON), in the form that is asked for. Raises HTTPException
    406 for a form that there is not."""
    wish = wish_of(request)
    if not wish.acceptable:
        raise HTTPException(406, "the answer can be JSON or XML")
    return response(IntakeAnswer(status=200, body=body), wish)


def _refused(request: Request, no: NotAdmitted) -> Refused:
    return Refused(no.status, no.rule, announced(request) or 0, no.params, no.headers, no.kept)


async def _let_finish(request: Request) -> None:
    """Let a client that asked for the connection to be closed send its body: cut off while it sends, it would
    see a reset instead of the answer. From the others the server takes the rest by itself and forgets it.
    """
    headers = request.headers
    if headers.get("connection", "").lower() == "close" and "expect" not in headers:
        with suppress(ClientDisconnect):
            await discard(request.stream(), limit=_MOST_DISCARDED, seconds=_LONGEST_DISCARD)
