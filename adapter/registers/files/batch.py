"""What is in a batch, and what its manifest says of it. All names are assumed (profiles/registers/files)."""

import hashlib
from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec

from adapter.registers.protocol import Request

Handelse = Literal["ny", "rattad", "makulerad"]
"""What a record tells: a first report, a correction, or that what was told is withdrawn."""

HANDELSER: dict[str, Handelse] = {"POST": "ny", "PUT": "rattad", "DELETE": "makulerad"}


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One record on its way. `key` is opaque: it names the record in manifests and receipts. `body` is JSON,
    `digest` what tells it from other versions of the same record (64 hexadecimal digits)."""

    key: str
    handelse: Handelse
    body: bytes

    @property
    def digest(self) -> str:
        """The fingerprint of what is told."""
        return digest_of(self.handelse, self.body)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside a batch's data file. `created` is in UTC, `sha256` that of the data file's bytes,
    `records` the records' keys in the order of the data file."""

    register: str
    batch: str
    created: str
    format: str
    file: str
    count: int
    sha256: str
    records: tuple[str, ...]


class BatchFormat(Protocol):
    """How the records of a batch become one data file. Pure."""

    name: str
    suffix: str

    def arranged(self, records: Sequence[Record]) -> Sequence[Record]:
        """The records in the order of the file."""
        ...

    def encode(self, records: Sequence[Record], batch: str) -> bytes:
        """The data file of records that are arranged."""
        ...


class Ndjson(BatchFormat):
    """One JSON object per line: the record's members, and `handelse`."""

    name = "ndjson"
    suffix = ".ndjson"

    def arranged(self, records: Sequence[Record]) -> Sequence[Record]:
        """As they came."""
        return records

    def encode(self, records: Sequence[Record], batch: str) -> bytes:  # noqa: ARG002 - others name it inside
        """The lines, each with its end."""
        lines = (line_of(record) for record in records)
        return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def line_of(record: Record) -> dict[str, Any]:
    """The members of a record's line."""
    body: dict[str, Any] = msgspec.json.decode(record.body)
    return {**body, "handelse": record.handelse}


def record_of(request: Request) -> Record:
    """The record that a request (POST, PUT or DELETE) carries. Raises KeyError for another method."""
    return Record(key=key_of(request), handelse=HANDELSER[request.method], body=request.body or b"{}")


def key_of(request: Request) -> str:
    """The key of the record that a request is about: the last step of its path."""
    return request.path.rpartition("/")[2]


def digest_of(handelse: Handelse, body: bytes) -> str:
    """The fingerprint of a record's content."""
    return hashlib.sha256(handelse.encode() + b"\0" + body).hexdigest()


def manifest_of(
    register: str, batch: str, created: str, layout: BatchFormat, records: Sequence[Record], data: bytes
) -> Manifest:
    """The manifest of a batch whose data file is `data`."""
    return Manifest(
        register=register,
        batch=batch,
        created=created,
        format=layout.name,
        file=batch + layout.suffix,
        count=len(records),
        sha256=hashlib.sha256(data).hexdigest(),
        records=tuple(record.key for record in records),
    )
