"""The work on the disk: batches into the folder, questions out of the index. Blocking; one call at a time.

    staging/BATCH  --rename: the commit point-->  committed/BATCH  --renames-->  the folder itself

Everything of ours lies in ``.vardbro`` inside the delivery folder, so that every rename stays on one file
system. What a crash left in *staging* was never told and is removed; what it left in *committed* is rolled
forward by whoever comes next, before anything else happens. The data file goes before its manifest: a
receiver takes a batch when the manifest is there.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import structlog

from adapter.registers.files import disk
from adapter.registers.files.batch import BatchFormat, Record, key_of, manifest_of, record_of
from adapter.registers.files.index import Entry, Index, opened
from adapter.registers.files.receipts import Receipts
from adapter.registers.protocol import Answer, Request

STATE = ".vardbro"
MANIFEST = ".manifest.json"
NOT_PUBLISHED = "not-published"
"""Failure of a request whose batch is committed and not in place yet: it will be."""

INDEX_FAILS = "index-unreadable"

PRUNE_EVERY = 86_400.0
"""Seconds between looks for what the index may forget."""

PRUNE_AT_ONCE = 20_000
"""Records that are forgotten at once: the folder is locked meanwhile."""

_INSIDE = "entries.json"

_log = structlog.get_logger("vardbro.files")


class _Inside(msgspec.Struct, frozen=True):
    """What a committed batch says to the index."""

    number: int
    entries: list[Entry]


class BatchDesk:
    """Delivers one register's records into `folder`, which must be there, and answers what was delivered.

    `receipts` is the folder of the receiver's answers, None when what is in place counts as accepted.
    `now` is the wall clock in seconds.
    """

    def __init__(
        self,
        register: str,
        folder: Path,
        layout: BatchFormat,
        receipts: Path | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._register = register
        self._folder = folder
        self._state = folder / STATE
        self._layout = layout
        self._receipts = Receipts(receipts, register) if receipts else None
        self._now = now
        self._seen = False
        self._prune_at = 0.0

    def serve(self, requests: Sequence[Request]) -> list[Answer]:
        """One answer for each request, in order. Failures come back as answers."""
        answers: list[Answer | None] = [None] * len(requests)
        try:
            with self.session() as index:
                self._prune(index)
                self._serve(index, requests, answers)
        except OSError as error:
            _log.warning("folder fails", register=self._register, what=disk.trouble(error))
            failure = disk.trouble(error)
        except sqlite3.Error as error:
            _log.warning("index fails", register=self._register, what=type(error).__name__)
            failure = INDEX_FAILS
        else:
            failure = INDEX_FAILS
        return [answer if answer is not None else Answer(failure=failure) for answer in answers]

    @contextmanager
    def session(self) -> Iterator[Index]:
        """The index, with everything rolled forward, while nobody else works here.

        Raises OSError, sqlite3.Error.
        """
        if not self._seen:
            self._state.mkdir(exist_ok=True)
        with disk.locked(self._state / "lock"):
            for name in ("staging", "committed"):
                (self._state / name).mkdir(exist_ok=True)
            self._seen = True
            with opened(self._state / "index.db") as index:
                self._roll_forward(index)
                if self._receipts:
                    self._receipts.take_in(index)
                yield index

    def _prune(self, index: Index) -> None:
        """Once a day forget what nobody will ask for; the rest of much at the next call."""
        now = self._now()
        if 0 < self._prune_at - now <= PRUNE_EVERY:
            return
        done = index.prune(now, receipts=self._receipts is not None, most=PRUNE_AT_ONCE)
        if done < PRUNE_AT_ONCE:
            self._prune_at = now + PRUNE_EVERY
        if done:
            _log.info("index pruned", register=self._register, records=done)

    def _serve(self, index: Index, requests: Sequence[Request], answers: list[Answer | None]) -> None:
        for place, request in enumerate(requests):
            if request.method == "GET":
                answers[place] = self._look_up(index, key_of(request))
        waiting = {place: record_of(one) for place, one in enumerate(requests) if one.method != "GET"}
        while waiting:
            batch = _each_record_once(waiting)
            try:
                answer = self._deliver(index, list(batch.values()))
            except _Uncertain:
                answer = Answer(failure=NOT_PUBLISHED)
            for place in batch:
                answers[place] = answer
                del waiting[place]

    def _look_up(self, index: Index, key: str) -> Answer:
        """What was published of a record, newest first, as far as a reader needs it."""
        entries: list[Entry] = []
        for entry in index.of_record(key):
            entries.append(entry)
            if entry.verdict != "rejected":
                break
        if not entries:
            return Answer(status=404)
        said = {"receipts": self._receipts is not None, "entries": entries}
        return Answer(status=200, body=msgspec.json.encode(said))

    def _deliver(self, index: Index, records: list[Record]) -> Answer:
        """Write, commit and publish one batch. Raises OSError before its commit, _Uncertain after it."""
        batch, committed = self._commit(index, records)
        try:
            disk.sync_folder(committed.parent)
            disk.sync_folder(self._state / "staging")
            self._publish(index, committed)
        except (OSError, sqlite3.Error) as error:
            what = disk.trouble(error) if isinstance(error, OSError) else INDEX_FAILS
            _log.warning("batch not published yet", register=self._register, batch=batch, what=what)
            raise _Uncertain from error
        _log.info("batch published", register=self._register, batch=batch, records=len(records))
        body = msgspec.json.encode({"batch": batch})
        return Answer(status=202 if self._receipts else 200, body=body)

    def _commit(self, index: Index, records: list[Record]) -> tuple[str, Path]:
        number, batch = self._name(index)
        arranged = list(self._layout.arranged(records))
        data = self._layout.encode(arranged, batch)
        created = datetime.fromtimestamp(self._now(), UTC).isoformat(timespec="seconds")
        manifest = manifest_of(self._register, batch, created, self._layout, arranged, data)
        entries = [
            Entry(record=one.key, batch=batch, handelse=one.handelse, digest=one.digest) for one in arranged
        ]
        staging, committed = self._state / "staging" / batch, self._state / "committed" / batch
        staging.mkdir()
        try:
            disk.write_new(staging / manifest.file, data)
            pretty = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
            disk.write_new(staging / (batch + MANIFEST), pretty)
            disk.write_new(staging / _INSIDE, msgspec.json.encode(_Inside(number, entries)))
            disk.sync_folder(staging)
            os.rename(staging, committed)
        except OSError:
            with suppress(OSError):
                disk.remove_folder(staging)
            raise
        return batch, committed

    def _name(self, index: Index) -> tuple[int, str]:
        """The number and id of the next batch: a name under which nothing stands in the folder."""
        number = index.next_number()
        stamp = datetime.fromtimestamp(self._now(), UTC).strftime("%Y-%m-%dT%H%M%SZ")
        while True:
            batch = f"{self._register}-{stamp}-{number:06d}"
            if not any(
                os.path.lexists(self._folder / (batch + suffix)) for suffix in (self._layout.suffix, MANIFEST)
            ):
                return number, batch
            number += 1

    def _roll_forward(self, index: Index) -> None:
        """Finish what a crash left committed; remove what it left unfinished."""
        for left in (self._state / "staging").iterdir():
            if left.is_dir():
                disk.remove_folder(left)
        for committed in sorted((self._state / "committed").iterdir(), key=_number_of):
            self._publish(index, committed)
            _log.warning("batch rolled forward", register=self._register, batch=committed.name)

    def _publish(self, index: Index, committed: Path) -> None:
        """Move what is left of a committed batch to its place and enter it in the index."""
        batch = committed.name
        for name in sorted((one.name for one in committed.iterdir()), key=lambda one: one.endswith(MANIFEST)):
            if name != _INSIDE:
                disk.move(committed / name, self._folder / name)
        if (committed / _INSIDE).exists():
            inside = msgspec.json.decode((committed / _INSIDE).read_bytes(), type=_Inside)
            index.add(batch, inside.number, self._now(), inside.entries)
        disk.remove_folder(committed)
        disk.sync_folder(committed.parent)


class _Uncertain(Exception):
    """The batch is committed, and will be published; it is not known to be."""


def _each_record_once(waiting: dict[int, Record]) -> dict[int, Record]:
    """The first of each record: a batch tells each record once, and what came later goes in the next one."""
    first: dict[str, int] = {}
    for place, record in waiting.items():
        first.setdefault(record.key, place)
    return {place: waiting[place] for place in first.values()}


def _number_of(committed: Path) -> tuple[int, str]:
    """Batches in the order in which they were committed."""
    number = committed.name.rpartition("-")[2]
    return (int(number) if number.isdigit() else 0), committed.name
