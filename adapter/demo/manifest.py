"""What the demo submits, in which order, and what must become of it (tests/samples/manifest.toml)."""

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from adapter.errors import ConfigurationError

Answer = Literal["accepted", "not-reported", "held", "refused", "rejected", "replayed", "unchanged"]
State = Literal["idle", "waiting", "unknown", "parked", "held", "none"]


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One submission. `fault` is what the simulator is told first; `rules` must be named in the answer."""

    file: str
    kind: str
    status: int
    answer: Answer
    state: State
    rules: tuple[str, ...] = ()
    fault: dict[str, Any] | None = None


class _Manifest(msgspec.Struct, frozen=True):
    step: list[Step]


def load_manifest(folder: Path) -> list[Step]:
    """The steps of `folder`. Raises ConfigurationError that names the fault in the manifest."""
    path = folder / "manifest.toml"
    try:
        steps = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _Manifest).step
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path}: {error}", "Mend the samples' manifest.") from None
    missing = [step.file for step in steps if not (folder / step.file).is_file()]
    if missing:
        raise ConfigurationError(f"{path} names files that are not there: {', '.join(missing)}")
    return steps
