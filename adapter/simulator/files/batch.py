"""Reading a published batch: the manifest, and whether the data file is the one that it describes."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = ".manifest.json"
_TEXTS = ("register", "batch", "created", "format", "file", "sha256")


@dataclass(slots=True)
class Batch:
    """A batch as it was found. `problems` are what is wrong with it as a whole; then nothing of it counts."""

    name: str
    register: str = ""
    format: str = ""
    records: list[str] = field(default_factory=list)
    count: int = 0
    data: bytes = b""
    problems: list[str] = field(default_factory=list)


def read_batch(manifest: Path) -> Batch:
    """The batch whose manifest this is."""
    name = manifest.name.removesuffix(MANIFEST)
    batch = Batch(name)
    try:
        said = json.loads(manifest.read_bytes())
    except (OSError, ValueError, RecursionError):
        batch.problems.append("manifest cannot be read")
        return batch
    batch.problems += _misfits(said, name)
    if batch.problems:
        return batch
    batch.register, batch.format = said["register"], said["format"]
    batch.records, batch.count = said["records"], said["count"]
    try:
        batch.data = (manifest.parent / said["file"]).read_bytes()
    except OSError:
        batch.problems.append("data file is missing")
        return batch
    if hashlib.sha256(batch.data).hexdigest() != said["sha256"]:
        batch.problems.append("data file has another hash than the manifest says")
    return batch


def _misfits(said: Any, name: str) -> list[str]:
    if not isinstance(said, dict):
        return ["manifest is no object"]
    wrong = [member for member in _TEXTS if not isinstance(said.get(member), str)]
    records = said.get("records")
    if not isinstance(records, list) or not all(isinstance(key, str) and key for key in records):
        wrong.append("records")
    if type(said.get("count")) is not int:
        wrong.append("count")
    if wrong:
        return [f"manifest: {member} is missing or of another type" for member in wrong]
    problems = []
    if said["batch"] != name:
        problems.append("manifest is of another batch than its name says")
    if "/" in said["file"] or not said["file"].startswith(name):
        problems.append("manifest names a file that is not its own")
    if len(set(said["records"])) != len(said["records"]) or said["count"] != len(said["records"]):
        problems.append("manifest does not name each record once")
    return problems
