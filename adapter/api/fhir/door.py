"""What every interaction of the FHIR face does before and after its own work: who asks, in which language
and form, within which limits, and how a refusal and an answer are put into a response."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapter.access.doorkeeper import Doorkeeper, NotAdmitted
from adapter.answers import IntakeAnswer
from adapter.api.body import BodyNotGzip, BodyTooLarge, discard, read_body
from adapter.api.fhir.media import FHIR_JSON, accepts_json, content_coding, refused_type
from adapter.api.language import preferred
from adapter.api.proof import proof_of
from adapter.api.services import IntakeDoor
from adapter.config.model import Config
from adapter.domain.text import Lang
from adapter.mapping.context import Sender

_MOST_DISCARDED = 256 * 1024 * 1024
_LONGEST_DISCARD = 10.0
_NOBODY = Sender(name="unknown")


class Refused(Exception):
    """The request is refused before its content is looked at."""

    def __init__(
        self, status: int, rule: str, size: int = 0, params: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(rule)
        self.status = status
        self.rule = rule
        self.size = size
        self.params = params or {}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """An admitted request: who asks, in which language, and the body as it came, decompressed."""

    request: Request
    sender: Sender
    lang: Lang
    raw: bytes = b""


Work = Callable[[Call], Awaitable[IntakeAnswer]]
"""What an interaction does. It may raise Refused."""


class Door:
    """Stands before every interaction of the FHIR face."""

    def __init__(self, intake: IntakeDoor, doorkeeper: Doorkeeper, config: Config) -> None:
        self._intake = intake
        self._doorkeeper = doorkeeper
        self._limit = config.intake.max_bytes
        self._seconds = config.intake.body_timeout

    async def serve(self, request: Request, right: str, work: Work, *, body: bool = True) -> Response:
        """The response to a request: `work`'s answer for those who have `right`, else a refusal, which is
        recorded. Without `body` nothing is read of it."""
        return response(await self.answer(request, right, work, body=body))

    async def answer(self, request: Request, right: str, work: Work, *, body: bool = True) -> IntakeAnswer:
        """As `serve`, for those who want to look at the answer first."""
        lang = preferred(request.headers.get("accept-language"))
        sender = _NOBODY
        try:
            sender = await self._admit(request, right)
            raw = await self._content(request) if body else b""
            return await work(Call(request=request, sender=sender, lang=lang, raw=raw))
        except Refused as refused:
            await _let_finish(request)
            return await self._refusal(refused, sender, lang)
        except ClientDisconnect:
            return IntakeAnswer(status=400, body=b"")

    async def _admit(self, request: Request, right: str) -> Sender:
        try:
            return await self._doorkeeper.admit(proof_of(request), right)
        except NotAdmitted as no:
            raise Refused(no.status, no.rule, announced(request) or 0, no.params) from None

    async def _content(self, request: Request) -> bytes:
        headers = request.headers
        size = announced(request)
        refused = refused_type(headers.get("content-type"))
        if refused is not None:
            raise Refused(415, refused, size or 0)
        if not accepts_json(headers.get("accept")):
            raise Refused(406, "HTTP-ACCEPT", size or 0)
        coding = content_coding(headers)
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
        return await self._intake.refuse(
            refused.status,
            refused.rule,
            sender=sender,
            size=refused.size,
            body_hash="",
            lang=lang,
            **refused.params,
        )


def announced(request: Request) -> int | None:
    """Content-Length, when it is a number."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else None


def response(reply: IntakeAnswer) -> Response:
    """An answer as an HTTP response."""
    headers = dict(reply.headers)
    if reply.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(reply.body, status_code=reply.status, headers=headers, media_type=FHIR_JSON)


async def _let_finish(request: Request) -> None:
    """Let a client that asked for the connection to be closed send its body: cut off while it sends, it would
    see a reset instead of the answer. From the others the server takes the rest by itself and forgets it.
    """
    headers = request.headers
    if headers.get("connection", "").lower() == "close" and "expect" not in headers:
        with suppress(ClientDisconnect):
            await discard(request.stream(), limit=_MOST_DISCARDED, seconds=_LONGEST_DISCARD)
