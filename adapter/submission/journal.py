"""What has been sent and answered so far, kept in a file, so that a run that stopped can go on from there."""

import os
from pathlib import Path
from types import TracebackType

import msgspec

from adapter.registers.masking import mask_text
from adapter.submission.answer import Remark, remarks
from adapter.submission.client import Reply

_FINAL = frozenset({400, 409, 413, 422})
"""Refusals of the content: the same bytes are refused again (docs/reference/http)."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one submission, without its content. `key` is the SHA-256 of its bytes in hex, a
    colon, and how many times these bytes had come by then."""

    name: str
    key: str
    status: int | None = None
    failure: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def taken(self) -> bool:
        """Whether the adapter has taken it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_settled(self) -> bool:
        """Whether sending the same bytes again would change nothing."""
        return self.taken or self.status in _FINAL


def outcome_of(name: str, key: str, reply: Reply) -> Outcome:
    """An outcome to keep, under a name that may be shown."""
    return Outcome(
        name=name,
        key=key,
        status=reply.status,
        failure=reply.failure,
        remarks=tuple(remarks(reply.body)),
    )


def shown_name(name: str, number: int) -> str:
    """The name of a submission without an identity number; where there was one (or what looks like one), the
    submission's number says which it is."""
    masked = mask_text(name)
    return name if masked == name else f"{masked} ({number})"


class Journal:
    """Outcomes as JSON lines in a file that only the owner can read. What a line that was cut off
    said counts as unsent.

    Raises OSError when the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._known: dict[str, Outcome] = {}
        kept = path.read_bytes() if path.exists() else b""
        for line in kept.splitlines():
            try:
                outcome = msgspec.json.decode(line, type=Outcome)
            except msgspec.DecodeError:
                continue
            self._known[outcome.key] = outcome
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
        if kept and not kept.endswith(b"\n"):
            self._file.write(b"\n")

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def settled(self, key: str) -> Outcome | None:
        """The outcome of these bytes, when they have been answered for good."""
        outcome = self._known.get(key)
        return outcome if outcome is not None and outcome.is_settled else None

    def keep(self, outcome: Outcome) -> None:
        """Write an outcome down, at once."""
        self._known[outcome.key] = outcome
        self._file.write(msgspec.json.encode(outcome) + b"\n")
        self._file.flush()
