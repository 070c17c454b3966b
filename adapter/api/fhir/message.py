"""POST /fhir/$process-message: the door for messages; what is new and what has come again, intake knows."""

from adapter.answers import IntakeAnswer
from adapter.api.fhir.door import Call, Refused
from adapter.api.services import IntakeDoor

RIGHT = "system/Encounter.c"
_TRUTHS = {"true": True, "false": False}


class MessageDoor:
    """Hands messages to intake: other bundles are for POST /fhir."""

    def __init__(self, intake: IntakeDoor) -> None:
        self._intake = intake

    async def process(self, call: Call) -> IntakeAnswer:
        """Answer one message: with a message, or with ``async=true`` 202 after the commit."""
        return await self._intake.submit(
            call.raw,
            sender=call.sender,
            key=None,
            lang=call.lang,
            message="async" if _wants_background(call) else "sync",
        )


def _wants_background(call: Call) -> bool:
    query = call.request.query_params
    if "response-url" in query:  # nothing is ever sent to an address that a request names
        raise _wrong(call, "response-url")
    asked = query.getlist("async")
    if len(asked) > 1 or not _TRUTHS.keys() >= set(asked):
        raise _wrong(call, "async")
    return any(_TRUTHS[one] for one in asked) or call.wish.asynchronous


def _wrong(call: Call, name: str) -> Refused:
    return Refused(400, "HTTP-PARAMETER", len(call.raw), {"name": name})
