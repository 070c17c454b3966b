"""Goes through a vendor's files, one bundle in memory at a time; a broken file is told of and passed over."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from adapter.conformance.vendor.masking import masked_name
from adapter.conformance.vendor.tally import Counts
from adapter.submission.sources import LINES, Pile, Submission
from adapter.translation import Translator


class Survey:
    """The files of a vendor, in a stable order. `limit` is the size from which a file is not read on."""

    def __init__(self, files: Iterable[Path], limit: int) -> None:
        files = list(files)
        self._whole = [file for file in files if file.suffix.lower() not in LINES]
        self._lines = Pile(file for file in files if file.suffix.lower() in LINES)
        self._limit = limit

    def __len__(self) -> int:
        return len(self._whole) + len(self._lines)

    def count(self, translator: Translator, counts: Counts, done: Callable[[], None] = lambda: None) -> None:
        """Count every bundle."""
        for number, (name, submission) in enumerate(self._submissions(), start=1):
            if isinstance(submission, OSError):
                why = submission.strerror or type(submission).__name__
                counts.lost(masked_name(name, None, number), why)
            else:
                _count(translator, counts, submission, number)
            done()

    def _submissions(self) -> Iterator[tuple[str, Submission | OSError]]:
        for file in self._whole:
            try:
                with file.open("rb") as stream:
                    yield file.name, Submission(file.name, stream.read(self._limit + 1))
            except OSError as error:
                yield file.name, error
        for submission in self._lines:
            yield submission.name, submission


def _count(translator: Translator, counts: Counts, submission: Submission, number: int) -> None:
    try:
        translation = translator.translate(translator.read(submission.raw))
        bundle = translation.reading.bundle
        content = bundle.raw if bundle is not None else _content(submission.raw)
        counts.add(translation, _called(submission.name, content, number))
    except Exception as fault:  # noqa: BLE001 - one bundle that we fail at must not cost the report of the others
        counts.lost(masked_name(submission.name, None, number), type(fault).__name__)


def _called(name: str, content: Any, number: int) -> str:
    try:
        return masked_name(name, content, number)
    except RecursionError:  # nested too deep to be looked through
        return masked_name(name, None, number)


def _content(raw: bytes) -> Any:
    """What is in a file that is no bundle, None where it cannot be read."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
