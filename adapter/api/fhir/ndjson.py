"""POST /fhir/$import-ndjson (experimental): a bulk export as one body, each contact taken by itself."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson

from adapter.answers import Answers, IntakeAnswer
from adapter.api.fhir.door import Call
from adapter.api.services import IntakeDoor
from adapter.domain.canonical import extension
from adapter.domain.finding import has_error
from adapter.domain.rule import Catalogue
from adapter.submission.import_lines import MOST_CONTACTS, Import, TooMuch, read_import

RIGHT = "system/Encounter.c"
TYPES = frozenset({"application/fhir+ndjson", "application/x-ndjson", "application/ndjson"})

AT_ONCE = 8
"""So many contacts of an import are taken at the same time."""


class ImportDoor:
    """Hands one bundle after the other to intake."""

    def __init__(self, intake: IntakeDoor, catalogue: Catalogue) -> None:
        self._intake, self._catalogue = intake, catalogue
        self._answers = Answers(catalogue)

    async def take(self, call: Call) -> IntakeAnswer:
        """A batch-response with an entry for each contact, and one more for lines that are of no use."""
        try:
            found = await asyncio.to_thread(read_import, call.raw, self._catalogue)
        except TooMuch:
            return self._answers.refusal(413, "NDJSON-TOO-MUCH", call.lang, limit=str(MOST_CONTACTS))
        if not found.bundles:
            return self._nothing(found, call)
        entries = [_entry(answer) for answer in await self._taken(found.bundles, call)]
        if len(found.findings):
            entries.append(self._not_used(found, call))
        body = {"resourceType": "Bundle", "type": "batch-response", "entry": entries}
        return IntakeAnswer(status=200, body=orjson.dumps(body))

    async def _taken(self, bundles: Sequence[bytes], call: Call) -> list[IntakeAnswer]:
        """The answers in the order of the bundles."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one(raw: bytes) -> IntakeAnswer:
            async with places:
                return await self._intake.submit(raw, sender=call.sender, key=None, lang=call.lang)

        return list(await asyncio.gather(*map(one, bundles)))

    def _nothing(self, found: Import, call: Call) -> IntakeAnswer:
        """Nothing in the body is a contact."""
        findings = list(found.findings)
        if not findings:
            return self._answers.refusal(400, "FHIR-JSON-NONE", call.lang)
        status = 400 if has_error(findings) else 422
        return IntakeAnswer(status=status, body=self._answers.outcome(findings, call.lang))

    def _not_used(self, found: Import, call: Call) -> dict[str, Any]:
        outcome = orjson.loads(self._answers.outcome(found.findings, call.lang))
        status = "400 Bad Request" if has_error(found.findings) else "200 OK"
        return {"response": {"status": status, "outcome": outcome}}


def _entry(answer: IntakeAnswer) -> dict[str, Any]:
    status = HTTPStatus(answer.status)
    said = orjson.loads(answer.body)
    response: dict[str, Any] = {"status": f"{status.value} {status.phrase}"}
    if said.get("resourceType") == "OperationOutcome":
        response["outcome"] = said
        events = _events(said)
        if events and answer.status < 300:
            response = {"status": response["status"], "location": f"/api/events/{events[0]}", "outcome": said}
        return {"response": response}
    return {"resource": said, "response": response}


def _events(outcome: dict[str, Any]) -> list[str]:
    """The events that an OperationOutcome names."""
    return [
        one["valueString"]
        for issue in outcome.get("issue", ())
        for one in issue.get("extension", ())
        if one.get("url") == extension("handelse")
    ]
