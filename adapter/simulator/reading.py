"""From a call to the message in it: JSON for POST and PUT, dotted query parameters for GET and DELETE."""

import json
from typing import Any
from urllib.parse import parse_qsl

import orjson

from adapter.simulator.call import Call, Fel

MAX_BODY = 1_000_000


class Unreadable(Exception):
    """The call cannot be read; carries the HTTP status and the error."""

    def __init__(self, status: int, kod: str, text: str, falt: str = "") -> None:
        self.status = status
        self.fel = Fel(kod, falt, text)
        super().__init__(kod)


def read(call: Call) -> dict[str, Any]:
    """The message of a call. Raises Unreadable."""
    return _read_body(call) if call.method in ("POST", "PUT") else _read_query(call)


def _read_body(call: Call) -> dict[str, Any]:
    if call.query:
        raise Unreadable(400, "PARAMETER-OKAND", "Anropet tar inga frågeparametrar.")
    if call.content_type.split(";", 1)[0].strip().lower() != "application/json":
        raise Unreadable(415, "INNEHALLSTYP", "Innehållet ska vara application/json.")
    if len(call.body) > MAX_BODY:
        raise Unreadable(413, "FOR-STORT", "Innehållet är för stort.")
    try:
        message = orjson.loads(call.body)
        json.loads(call.body, object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        raise Unreadable(400, "JSON", "Innehållet är inte läsbar JSON.") from None
    if not isinstance(message, dict):
        raise Unreadable(400, "JSON-OBJEKT", "Innehållet ska vara ett JSON-objekt.")
    return message


def _read_query(call: Call) -> dict[str, Any]:
    if call.body:
        raise Unreadable(400, "INNEHALL", "Anropet tar inget innehåll, bara frågeparametrar.")
    message: dict[str, Any] = {}
    for name, value in parse_qsl(call.query.decode("latin-1"), keep_blank_values=True):
        *parents, last = name.split(".")
        place = message
        for parent in parents[:3]:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise Unreadable(400, "PARAMETER-DUBBEL", "En frågeparameter motsäger en annan.")
        if last in place:
            raise Unreadable(400, "PARAMETER-DUBBEL", "En frågeparameter är angiven två gånger.")
        place[last] = value
    return message


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members
