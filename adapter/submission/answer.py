"""Reading an answer of ``POST /fhir``: findings by rule, and the events that it names. Pure."""

from collections.abc import Iterator
from typing import Any

import msgspec

_MEANT = {"fatal-error": 422, "transient-error": 503}


class Remark(msgspec.Struct, frozen=True):
    """One issue of an answer; `place` is the first FHIRPath that it names."""

    severity: str
    rule: str
    text: str
    place: str = ""


def remarks(body: dict[str, Any]) -> list[Remark]:
    """The issues of an OperationOutcome, or of every entry of a response bundle, each once."""
    found = {remark: None for outcome in _outcomes(body) for remark in _issues(outcome)}
    return list(found)


def meant(status: int, body: dict[str, Any]) -> int:
    """The HTTP status that says the same as the answer: a message is answered 200 by a message, whose
    response code says whether it was taken."""
    for entry in body.get("entry", ()) if body.get("type") == "message" else ():
        response = entry.get("resource", {}).get("response")
        if response:
            return _MEANT.get(response.get("code"), status)
    return status


def event_ids(body: dict[str, Any]) -> list[str]:
    """The events that a response bundle's locations name, each once."""
    locations = (entry.get("response", {}).get("location", "") for entry in body.get("entry", ()))
    return list(dict.fromkeys(location.rpartition("/")[2] for location in locations if location))


def _outcomes(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if body.get("resourceType") == "OperationOutcome":
        yield body
    for entry in body.get("entry", ()):
        outcome = entry.get("response", {}).get("outcome")
        if outcome:
            yield outcome
        resource = entry.get("resource", {})
        if resource.get("resourceType") == "OperationOutcome":
            yield resource


def _issues(outcome: dict[str, Any]) -> Iterator[Remark]:
    for issue in outcome.get("issue", ()):
        details = issue.get("details", {})
        code = next((coding["code"] for coding in details.get("coding", ()) if "code" in coding), "")
        place = next(iter(issue.get("expression", ())), "")
        yield Remark(issue.get("severity", ""), code, details.get("text", ""), place)
