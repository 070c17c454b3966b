"""POST /fhir: the door for bundles. Lean on purpose: bytes are read, and nothing is parsed here."""

import re
from time import perf_counter

from starlette.requests import Request
from starlette.responses import Response

from adapter.answers import IntakeAnswer
from adapter.api.fhir.door import Call, Door, Refused, response
from adapter.api.fhir.negotiation import wish_of
from adapter.api.fhir.returned import as_preferred
from adapter.api.metrics import Metrics
from adapter.api.services import IntakeDoor

RIGHT = "system/Encounter.c"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class BundleDoor:
    """Hands the bytes of a submission to intake."""

    def __init__(self, door: Door, intake: IntakeDoor, metrics: Metrics) -> None:
        self._door = door
        self._intake = intake
        self._metrics = metrics

    async def __call__(self, request: Request) -> Response:
        """Answer one submission."""
        started = perf_counter()
        reply = await self._door.answer(request, RIGHT, self._submit)
        self._metrics.bundle(reply.status, perf_counter() - started)
        return response(reply, wish_of(request))

    async def _submit(self, call: Call) -> IntakeAnswer:
        key = idempotency_key(call.request, len(call.raw))
        reply = await self._intake.submit(call.raw, sender=call.sender, key=key, lang=call.lang)
        return as_preferred(reply, call.wish.returned)


def idempotency_key(request: Request, size: int) -> str | None:
    """The Idempotency-Key header. Raises Refused for one that is no printable ASCII of 1-255 characters."""
    key = request.headers.get("idempotency-key")
    if key is not None and _KEY.fullmatch(key) is None:
        raise Refused(400, "HTTP-KEY", size)
    return key
