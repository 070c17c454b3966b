"""``Prefer: return=...`` for submissions: nothing, everything, or the outcomes alone (R4, RESTful API)."""

from typing import Any

import msgspec
import orjson

from adapter.answers import IntakeAnswer
from adapter.api.fhir.negotiation import Returned

APPLIED = "Preference-Applied"


def as_preferred(reply: IntakeAnswer, returned: Returned | None) -> IntakeAnswer:
    """A success with as much of its body as is wanted. What is refused is always told in full.

    `representation` is what is answered anyway: no resource is kept that could be shown.
    """
    if returned is None or reply.status >= 300 or not reply.body:
        return reply
    headers = {**reply.headers, APPLIED: f"return={returned}"}
    body = {"minimal": _nothing, "OperationOutcome": _outcome}.get(returned, bytes)(reply.body)
    return msgspec.structs.replace(reply, body=body, headers=headers)


def _nothing(_: bytes) -> bytes:
    return b""


def _outcome(body: bytes) -> bytes:
    """One OperationOutcome with the issues of all entries of a response bundle, in their order."""
    found: dict[str, Any] = orjson.loads(body)
    if found.get("resourceType") != "Bundle":
        return body
    issues = [
        issue
        for entry in found.get("entry", ())
        for issue in entry.get("response", {}).get("outcome", {}).get("issue", ())
    ]
    return orjson.dumps({"resourceType": "OperationOutcome", "issue": issues or [_ALL_WELL]})


_ALL_WELL = {"severity": "information", "code": "informational", "diagnostics": "No remarks."}
