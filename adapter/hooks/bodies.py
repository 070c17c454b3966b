"""What is said: states, causes and the sender's own identifiers. No reasons in words, no patient data.

A body is made of what stands in the ledger for good and nothing else: told again, it is the same to the byte.
"""

from datetime import UTC, datetime
from typing import Any

import orjson

Json = dict[str, Any]


def of_sender(changes: list[Json]) -> bytes:
    """Changes of a sender's events: the members of the feed that need no words."""
    return _body("vardbro.changes", [_change(change) for change in changes], changes[-1])


def of_operators(changes: list[Json]) -> bytes:
    """Notices that have started or cleared."""
    return _body("vardbro.notices", [notice(change) for change in changes], changes[-1])


def notice(change: Json) -> Json:
    """One notice's start or end. `lanes` is how many it concerned then."""
    detail = change["detail"]
    return {
        "cursor": change["cursor"],
        "at": _iso(change["at"]),
        "state": change["state"],
        "register": change["register"],
        "kind": detail["kind"],
        "cause": change["cause"],
        "lanes": detail.get("lanes"),
        "since": _iso(detail.get("since", change["at"])),
        "notice": detail["notice"],
    }


def _change(change: Json) -> Json:
    return {
        "cursor": change["cursor"],
        "at": _iso(change["at"]),
        "identifier": change["identifier"],
        "event_id": change["event_id"],
        "register": change["register"],
        "service": change["service"],
        "state": change["state"],
        "cause": change["cause"],
        "message": change["message_id"],
        "flag": change["detail"].get("flag"),
    }


def _body(kind: str, changes: list[Json], last: Json) -> bytes:
    """`type`, `timestamp` and `data`, as Standard Webhooks recommends."""
    data = {"changes": changes, "next": last["cursor"]}
    return orjson.dumps({"type": kind, "timestamp": _iso(last["at"]), "data": data})


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
