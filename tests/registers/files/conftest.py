"""A delivery folder, and requests as receivers of files make them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.registers.files.batch import Ndjson
from adapter.registers.files.desk import STATE, BatchDesk
from adapter.registers.protocol import Answer, Request

NOON = 1_763_809_200.0
"""2025-11-22 12:00 in Stockholm."""


class Folder:
    """A delivery folder with a desk, and a look at what lies in it."""

    def __init__(self, path: Path, *, receipts: bool = False) -> None:
        self.path = path / "out"
        self.path.mkdir()
        self.receipts = path / "receipts"
        self.receipts.mkdir()
        self._with_receipts = receipts
        self.now = NOON
        self.desk = self.new_desk()

    def new_desk(self) -> BatchDesk:
        """Another process's desk on the same folder."""
        receipts = self.receipts if self._with_receipts else None
        return BatchDesk("signe", self.path, Ndjson(), receipts, lambda: self.now)

    def serve(self, *requests: Request) -> list[Answer]:
        return self.desk.serve(requests)

    def files(self) -> list[str]:
        return sorted(file.name for file in self.path.iterdir() if file.name != STATE)

    def manifests(self) -> list[dict[str, Any]]:
        return [json.loads(file.read_text()) for file in sorted(self.path.glob("*.manifest.json"))]

    def lines(self) -> list[dict[str, Any]]:
        """The lines of all batches in order, each checked against its manifest."""
        found: list[dict[str, Any]] = []
        for manifest in self.manifests():
            data = (self.path / manifest["file"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == manifest["sha256"]
            lines = [json.loads(line) for line in data.splitlines()]
            assert len(lines) == manifest["count"] == len(manifest["records"])
            found += lines
        return found

    def left_over(self) -> list[str]:
        """What lies in our own state folder beside index and lock."""
        return [one.name for kind in ("staging", "committed") for one in (self.path / STATE / kind).iterdir()]

    def receipt(self, name: str, content: object) -> Path:
        path = self.receipts / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path


def deliver(key: str, method: Any = "POST", **members: Any) -> Request:
    """A request that delivers a record."""
    body = orjson.dumps({"kontaktId": key, **members})
    return Request(method=method, path=f"/vardkontakt/{key}", body=body, key=f"{method}-{key}-{members}")


def ask(key: str) -> Request:
    return Request(method="GET", path=f"/vardkontakt/{key}")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def answered(tmp_path: Path) -> Folder:
    """A folder whose receiver writes receipts."""
    return Folder(tmp_path, receipts=True)
