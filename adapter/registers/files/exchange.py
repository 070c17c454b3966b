"""Requests to a register that gets files, and what its answers mean: for every receiver over files."""

from typing import Any

import msgspec
import orjson

from adapter.domain.message import AWAITING_RECEIPT, Found, Operation, Outcome, OutcomeClass
from adapter.domain.text import Text
from adapter.registers.files.batch import HANDELSER, digest_of
from adapter.registers.files.desk import INDEX_FAILS, NOT_PUBLISHED
from adapter.registers.files.index import Entry
from adapter.registers.files.transport import CLOSED
from adapter.registers.masking import mask_reason
from adapter.registers.protocol import Answer, Request
from adapter.registers.reasons import reason_of

_METHODS = {Operation.CREATE: "POST", Operation.UPDATE: "PUT", Operation.CANCEL: "DELETE"}
_NOT_SENT = frozenset(
    {
        CLOSED,
        INDEX_FAILS,
        "disk-full",
        "folder-busy",
        "folder-error",
        "folder-missing",
        "folder-not-writable",
        "file-name-taken",
    }
)
REJECTED = "receipt-rejected"
"""Cause of a lane whose record the receiver's receipt rejects."""

_WAITS = Outcome(
    kind=OutcomeClass.UNKNOWN, cause=AWAITING_RECEIPT, reason=reason_of(AWAITING_RECEIPT), status=202
)


class _Said(msgspec.Struct, frozen=True):
    """The answer to a look-up: whether receipts are awaited, and what was published, newest first."""

    receipts: bool
    entries: list[Entry]


def delivery(
    operation: Operation, service: str, record: str, body: dict[str, Any], key: str | None
) -> Request:
    """The request that delivers a record. `record` is its opaque key, `body` what its line holds."""
    method = _METHODS[operation]
    return Request(method=method, path=_path(service, record), body=orjson.dumps(body), key=key)  # type: ignore[arg-type]


def question(service: str, record: str) -> Request:
    """The request that asks what was published of a record."""
    return Request(method="GET", path=_path(service, record))


def read(answer: Answer) -> Outcome:
    """What the answer to a delivery means."""
    if answer.status == 200:
        return Outcome(kind=OutcomeClass.ACCEPTED, cause="accepted", status=200)
    return _WAITS if answer.status == 202 else _failed(answer)


def read_lookup(operation: Operation, sent: Request, hidden: str | None, answer: Answer) -> Found | Outcome:
    """What the index says about an attempt at `operation` whose request was `sent`.

    The answer is exact: what it does not know was not published, and will not be. `hidden` is an identity
    number that a receipt's reason must not repeat.
    """
    if answer.status == 404:
        return Found.EQUAL if operation is Operation.CANCEL else Found.ABSENT
    if answer.status != 200:
        return _failed(answer)
    said = msgspec.json.decode(answer.body, type=_Said)
    newest = said.entries[0]
    if newest.digest == digest_of(HANDELSER[sent.method], sent.body or b"{}"):
        if newest.verdict == "rejected":
            return rejected(newest.reason, hidden)
        return _WAITS if said.receipts and newest.verdict is None else Found.EQUAL
    standing = next((entry for entry in said.entries if entry.verdict != "rejected"), None)
    is_there = standing is not None and standing.handelse != "makulerad"
    if operation is Operation.CANCEL:
        return Found.DIFFERENT if is_there else Found.EQUAL
    return Found.DIFFERENT if is_there else Found.ABSENT


def rejected(reason: str | None, hidden: str | None) -> Outcome:
    """A receipt that rejects the record."""
    told = mask_reason(reason, hidden) if reason else ""
    text = Text(told, told) if told else reason_of(REJECTED)
    return Outcome(kind=OutcomeClass.REJECTED, cause=REJECTED, reason=text, status=200)


def _failed(answer: Answer) -> Outcome:
    cause = answer.failure or f"http-{answer.status}"
    kind = OutcomeClass.NOT_SENT if cause in _NOT_SENT else OutcomeClass.UNKNOWN
    return Outcome(kind=kind, cause=cause, reason=reason_of(cause))


def _path(service: str, record: str) -> str:
    return f"/{service}/{record}"


__all__ = ["NOT_PUBLISHED", "REJECTED", "delivery", "question", "read", "read_lookup", "rejected"]
