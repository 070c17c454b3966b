"""What a register gets and gives, whatever carries it."""

from dataclasses import dataclass, field

import orjson


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived. `query` is the raw query string, `key` the Idempotency-Key header."""

    method: str
    path: str
    query: bytes = b""
    body: bytes = b""
    content_type: str = ""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is put on the wire."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Fel:
    """One error as GVR answers it: code, the member at fault (dotted, lists with index), text in Swedish."""

    kod: str
    falt: str
    text: str


def reply(status: int, document: object, **headers: str) -> Reply:
    """A JSON answer; underscores in header names become hyphens."""
    return Reply(status, orjson.dumps(document), {name.replace("_", "-"): v for name, v in headers.items()})


def refusal(status: int, errors: list[Fel], **headers: str) -> Reply:
    """The register's error answer: ``{"fel": [{"kod": ..., "falt": ..., "text": ...}]}``."""
    return reply(status, {"fel": errors}, **headers)
