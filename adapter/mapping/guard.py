"""Whether a contact is no care but a test: its patient is a test person, or it is marked as test data."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from adapter.domain.event import Patient
from adapter.domain.finding import Findings
from adapter.domain.identity import Identity, parse_identity
from adapter.errors import ConfigurationError
from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft

PERSON = "GUARD-TESTPERSON"
DATA = "GUARD-TESTDATA"

_SYSTEM = "v3-actreason"
_CODE = "HTEST"


def load_numbers(path: Path | None, setting: str) -> frozenset[str]:
    """The identity numbers of a list, one a line; empty lines and ``#`` are passed over. None: an empty list.

    Raises ConfigurationError that names the setting and the line, and nothing of what stands there.
    """
    if path is None:
        return frozenset()
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"{setting}: the list cannot be read", "Name a UTF-8 file that the service can read."
        ) from None
    return frozenset(_numbers(lines, setting))


def _numbers(lines: Iterable[str], setting: str) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        found = parse_identity(text, None)
        if not isinstance(found, Identity):
            raise ConfigurationError(
                f"{setting}, line {number}: no identity number",
                "Write one number of twelve characters a line.",
            )
        yield found.id


def signs_of_a_test(draft: Draft, patient: Patient, nodes: Iterable[Node]) -> Findings:
    """What says that a contact of `patient` is a test: who it is, and marks of the bundle and of `nodes`."""
    signs = Findings(draft.context.catalogue)
    if draft.context.test_persons.knows(patient):
        signs.add(PERSON, draft.provenance["patient.id"].paths[0])
    for path in (*_marks(draft, draft.bundle.raw, "Bundle"), *_marked(draft, nodes)):
        signs.add(DATA, path)
    return signs


def _marked(draft: Draft, nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        yield from _marks(draft, node.resource, node.path)


def _marks(draft: Draft, resource: dict[str, Any], path: str) -> Iterator[str]:
    """Where a resource is marked as test data."""
    meta = resource.get("meta")
    if not meta:
        return
    for name in ("security", "tag"):
        for index, label in enumerate(meta.get(name, ())):
            if label.get("code") == _CODE and draft.context.aliases.name(label.get("system", "")) == _SYSTEM:
                yield f"{path}.meta.{name}[{index}].code"
