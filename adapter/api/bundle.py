"""POST /fhir: the door for bundles. Lean on purpose: bytes are read, and nothing is parsed here."""

import hashlib
import re
from contextlib import suppress
from time import perf_counter

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapter.answers import IntakeAnswer
from adapter.api.body import BodyNotGzip, BodyTooLarge, discard, read_body
from adapter.api.language import preferred
from adapter.api.media import FHIR_JSON, accepts_json, content_coding, refused_type
from adapter.api.metrics import Metrics
from adapter.api.senders import Doorkeeper
from adapter.api.services import IntakeDoor
from adapter.config.model import Config
from adapter.domain.text import Lang
from adapter.mapping.context import Sender

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_MOST_DISCARDED = 256 * 1024 * 1024
_LONGEST_DISCARD = 10.0
_NOBODY = Sender(name="unknown")


class Refused(Exception):
    """The request is refused before its content is looked at."""

    def __init__(self, status: int, rule: str, size: int = 0, raw: bytes = b"", **params: str) -> None:
        super().__init__(rule)
        self.status = status
        self.rule = rule
        self.size = size
        self.digest = hashlib.sha256(raw).hexdigest() if raw else ""
        self.params = params


class BundleDoor:
    """Takes a request apart, hands the bytes to intake, and puts its reply into a response."""

    def __init__(self, intake: IntakeDoor, doorkeeper: Doorkeeper, config: Config, metrics: Metrics) -> None:
        self._intake = intake
        self._doorkeeper = doorkeeper
        self._limit = config.intake.max_bytes
        self._seconds = config.intake.body_timeout
        self._metrics = metrics

    async def __call__(self, request: Request) -> Response:
        """Answer one submission."""
        started = perf_counter()
        headers = request.headers
        lang = preferred(headers.get("accept-language"))
        sender = self._doorkeeper.sender(headers.get("authorization"))
        try:
            if sender is None:
                raise Refused(401, "HTTP-SENDER", _announced(request) or 0)
            raw = await self._content(request)
            reply = await self._intake.submit(raw, sender=sender, key=_key(request), lang=lang)
        except Refused as refused:
            await _let_finish(request)
            reply = await self._refusal(refused, sender or _NOBODY, lang)
        except ClientDisconnect:
            return Response(status_code=400)
        self._metrics.bundle(reply.status, perf_counter() - started)
        return _response(reply)

    async def _content(self, request: Request) -> bytes:
        headers = request.headers
        announced = _announced(request)
        refused = refused_type(headers.get("content-type"))
        if refused is not None:
            raise Refused(415, refused, announced or 0)
        if not accepts_json(headers.get("accept")):
            raise Refused(406, "HTTP-ACCEPT", announced or 0)
        coding = content_coding(headers)
        if coding is None:
            raise Refused(415, "HTTP-ENCODING", announced or 0)
        try:
            return await read_body(
                request.stream(),
                coding=coding,
                announced=announced,
                limit=self._limit,
                seconds=self._seconds,
            )
        except BodyTooLarge as error:
            raise Refused(413, "HTTP-SIZE", error.seen, limit=str(self._limit)) from None
        except BodyNotGzip:
            raise Refused(400, "HTTP-GZIP", announced or 0) from None
        except TimeoutError:
            raise Refused(408, "HTTP-SLOW", announced or 0) from None

    async def _refusal(self, refused: Refused, sender: Sender, lang: Lang) -> IntakeAnswer:
        return await self._intake.refuse(
            refused.status,
            refused.rule,
            sender=sender,
            size=refused.size,
            body_hash=refused.digest,
            lang=lang,
            **refused.params,
        )


async def _let_finish(request: Request) -> None:
    """Let a client that asked for the connection to be closed send its body: cut off while it sends, it would
    see a reset instead of the answer. From the others the server takes the rest by itself and forgets it.
    """
    headers = request.headers
    if headers.get("connection", "").lower() == "close" and "expect" not in headers:
        with suppress(ClientDisconnect):
            await discard(request.stream(), limit=_MOST_DISCARDED, seconds=_LONGEST_DISCARD)


def _announced(request: Request) -> int | None:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else None


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if _KEY.fullmatch(key) is None:
        raise Refused(400, "HTTP-KEY", _announced(request) or 0)
    return key


def _response(reply: IntakeAnswer) -> Response:
    headers = dict(reply.headers)
    if reply.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(reply.body, status_code=reply.status, headers=headers, media_type=FHIR_JSON)
