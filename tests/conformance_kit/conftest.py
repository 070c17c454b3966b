"""What the tests of the conformance kit share."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
import yaml

from adapter.cases.bundle import build_bundle
from adapter.cases.form import Contact
from adapter.conformance.loading import Kit, load_kit
from adapter.conformance.manifest import Case
from adapter.conformance.observed import Observed
from adapter.conformance.offline import Offline
from adapter.conformance.own import own_kit


@pytest.fixture(scope="session")
def kit() -> Kit:
    """Our own cases."""
    return own_kit()


class Recorded:
    """This code, which runs each case once and remembers what came of it."""

    name = "recorded"

    def __init__(self, kit: Kit) -> None:
        self._offline = Offline(folder=kit.folder)
        self._seen: dict[str, list[Observed]] = {}

    def run(self, case: Case, inputs: Sequence[bytes]) -> list[Observed]:
        if case.id not in self._seen:
            self._seen[case.id] = self._offline.run(case, inputs)
        return self._seen[case.id]


@pytest.fixture(scope="session")
def recorded(kit: Kit) -> Recorded:
    return Recorded(kit)


def bundle(**contact: Any) -> dict[str, Any]:
    """A physician's visit on 2025-03-03, or what the short form of a contact says."""
    return build_bundle([msgspec.convert({"diagnoses": ["J18.9"], **contact}, Contact)], "2025-03-03")


CASE: dict[str, Any] = {
    "id": "visit",
    "title": {"sv": "Besök", "en": "A visit"},
    "origin": {"document": "PMO", "section": "Mottagningsbesök"},
    "cell": {
        "kind": "mottagningsbesok",
        "rule": "KT-MOTTAGNING",
        "register": "gvr",
        "edition": "2025",
        "error": "none",
    },
    "steps": [{"input": "a.json", "expect": {"outcome": "accepted"}}],
}


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Kit]:
    """A kit of one case in a folder: `expect` of its only step, or `steps`; inputs by file name."""

    def make(expect: dict[str, Any] | None = None, **more: Any) -> Kit:
        inputs = more.pop("inputs", {"a.json": bundle()})
        for name, content in inputs.items():
            raw = content if isinstance(content, bytes) else orjson.dumps(content)
            (tmp_path / name).write_bytes(raw)
        case = {**CASE, **({"steps": [{"input": "a.json", "expect": expect}]} if expect else {}), **more}
        manifest = {"conformance": 1, "name": "made", "title": {"sv": "s", "en": "e"}, "cases": [case]}
        (tmp_path / "manifest.yaml").write_text(yaml.safe_dump(manifest), "utf-8")
        return load_kit(tmp_path / "manifest.yaml")

    return make
