"""The disk under the ledger fills up, stops taking writes, or is read-only: real ones, under a real process.

Where the kernel gives no mounts of one's own, the same is done with a limit on the size of files, so that no
test is skipped.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapter.ledger.sqlite import SqliteLedger
from adapter.ledger.sqlite.file import free_bytes
from tests.support.deployment import Register, Service, until
from tests.support.namespace import loop_mounts, means, with_mounts

MEGABYTE = 1024 * 1024
DISK = 100
"""Megabytes of the small disk; the ledger leaves 64 of them free."""

LOG_FITS = 128 * 1024
"""A limit on the size of files that the service's own log does not reach, and its ledger has passed."""

PATIENT = ["0s", *["200ms"] * 200]
"""A schedule that is not exhausted while a test lasts."""

REFUSED = "503."
ALL_KEPT = "Everything that was acknowledged."


class SmallDisk:
    """A file system of `DISK` megabytes that only the service sees, with the ledger on it.

    Where there can be none: the real disk with a reserve of nearly all that is free, and a limit on files.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self._place = folder / "disk"
        self._place.mkdir()
        self._mounted = means() is not None
        if self._mounted:
            mount = f"mount -t tmpfs -o size={DISK}m none {self._place}"
            self.service = Service(
                folder, url, ledger=self._ledger, before=with_mounts(mount), schedule=PATIENT
            )
        else:
            reserve = free_bytes(self._place / "x") - 500 * MEGABYTE
            changes = {"reserve": reserve}
            self.service = Service(folder, url, ledger=self._ledger, changes=changes, schedule=PATIENT)

    @property
    def _ledger(self) -> str:
        return f"sqlite:///{self._place}/vardbro.db"

    @property
    def _ballast(self) -> Path:
        root = f"/proc/{self.service.pid}/root" if self._mounted else ""
        return Path(f"{root}{self._place}/ballast")

    def nearly_fill(self) -> None:
        """Fill the disk until less than the reserve is free, but far from all."""
        size = 600 * MEGABYTE
        if self._mounted:
            self._ballast.touch()
            size = free_bytes(self._ballast) - 40 * MEGABYTE
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def fill(self) -> None:
        """Fill the disk to the last byte."""
        if not self._mounted:
            self.nearly_fill()
            self.service.limit_files(grown(self.service))
            return
        with self._ballast.open("ab", buffering=0) as file:
            for size in (MEGABYTE, 4096, 1):
                with suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass

    def empty(self) -> None:
        """Free the space again."""
        self._ballast.unlink(missing_ok=True)
        self.service.limit_files(None)


def grown(service: Service) -> int:
    """A size that the ledger's log has passed and the service's own log has not."""
    wal = Path(f"/proc/{service.pid}/root{service.ledger.removeprefix('sqlite://')}-wal")
    for n in range(100):
        if wal.stat().st_size > LOG_FITS:
            return LOG_FITS
        service.take(f"VK-GROW-{n}")
    raise AssertionError("the ledger does not grow")


def nothing_is_sent(register: Register) -> bool:
    """Whether the register is called no more; what was under way ends first."""
    calls = register.calls()
    time.sleep(0.7)
    return register.calls() == calls


@pytest.fixture(scope="module")
def shared_disk(simulator: Register, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    made = SmallDisk(tmp_path_factory.mktemp("small"), f"{simulator.address}/gvr")
    with made.service:
        yield made


@pytest.fixture
def disk(shared_disk: SmallDisk, register: Register) -> Iterator[SmallDisk]:
    """The small disk, empty before and after."""
    yield shared_disk
    shared_disk.empty()


@pytest.mark.failure(
    part="disk",
    fault="nearly full",
    sender="503, before the disk is full: 64 MB are left for deliveries.",
    operator="`/health/ready` 503 with part `ledger`; log `ledger's disk` with `nearly_full`;"
    ' `vardbro_bundles_total{status="503"}`. `vardbro check` warns below 500 MB.',
    kept=f"{ALL_KEPT} Deliveries go on in the space that is left.",
    recovers="By itself within a second, when space is freed.",
)
def test_a_disk_that_fills_answers_503_before_it_is_full_and_deliveries_go_on(
    disk: SmallDisk, register: Register, number: str
) -> None:
    service = disk.service
    register.fault("503", count=2)
    before = service.take(number)
    disk.nearly_fill()
    until(lambda: service.is_unavailable(f"{number}-late"))
    assert service.failing() == ["ledger"]
    assert service.logged("ledger's disk", nearly_full=True)
    assert service.metric('vardbro_bundles_total{status="503"}') > 0
    service.until_accepted(before)
    disk.empty()
    until(lambda: not service.is_unavailable(f"{number}-late"))
    assert service.failing() == []
    service.until_accepted(service.take(f"{number}-late"))


@pytest.mark.failure(
    part="disk",
    fault="full to the last byte",
    sender=REFUSED,
    operator="Log `ledger cannot write` (SQLITE_FULL); `/health/ready` 503 with part `ledger`.",
    kept=f"{ALL_KEPT} What the register answers meanwhile is held in memory until it can be written; if"
    " the service"
    " is killed before that, the attempt's outcome is unknown and is looked up.",
    recovers="By itself, when space is freed.",
)
def test_an_answer_of_the_register_outlasts_a_full_disk(
    disk: SmallDisk, register: Register, number: str
) -> None:
    service = disk.service
    register.fault("latency", seconds=0.5, count=1)
    event = service.take(number)
    until(lambda: register.calls(event))
    disk.fill()
    until(lambda: service.logged("ledger cannot write"))
    assert service.is_unavailable(f"{number}-late")
    assert service.failing() == ["ledger"]
    assert service.state(event) == "leased"
    disk.empty()
    service.until_accepted(event)
    assert register.calls(event) == ["POST"]
    until(lambda: not service.is_unavailable(f"{number}-late"))
    assert service.audit_is_whole()


@pytest.mark.failure(
    part="disk",
    fault="takes no more writes",
    sender=REFUSED,
    operator="Log `ledger cannot write` with SQLite's name of the error; `/health/ready` 503 with part"
    " `ledger`."
    " Lists and lanes can still be read.",
    kept=f"{ALL_KEPT} Nothing is sent, since no attempt can be recorded before it.",
    recovers="By itself, when the disk takes writes again.",
)
def test_a_disk_that_takes_no_writes_stops_intake_and_delivery_until_it_does(
    disk: SmallDisk, register: Register, number: str
) -> None:
    service = disk.service
    register.fault("503")
    limit = grown(service)
    event = service.take(number)
    until(lambda: register.calls(event))
    service.limit_files(limit)
    until(lambda: service.is_unavailable(f"{number}-late"))
    assert until(lambda: service.logged("ledger cannot write"))[-1]["error"].startswith("SQLITE_")
    assert service.failing() == ["ledger"]
    assert service.lane(event)["states"] in (["waiting"], ["sending"])
    until(lambda: nothing_is_sent(register), "it goes on sending")
    register.calm()
    service.limit_files(None)
    service.until_accepted(event)
    assert register.effects(event) == ["POST"]
    until(lambda: not service.is_unavailable(f"{number}-late"))
    assert service.audit_is_whole()


@pytest.mark.failure(
    part="disk",
    fault="turns read-only after an error",
    sender=REFUSED,
    operator="Log `ledger cannot write`; `/health/ready` 503 with part `ledger`; the kernel's log names"
    " the disk.",
    kept=f"{ALL_KEPT} Every commit was on the disk (`synchronous=FULL`) before it was acknowledged.",
    recovers="Mend and mount the disk, and start the service again: it opens the ledger as it was left.",
)
def test_a_file_system_that_turns_read_only_keeps_what_was_acknowledged(
    register: Register, number: str, tmp_path: Path
) -> None:
    place, image = tmp_path / "disk", tmp_path / "image"
    place.mkdir()
    breakable = loop_mounts()
    if breakable:
        with image.open("wb") as file:
            file.truncate(200 * MEGABYTE)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    mount = f"mount -o loop,errors=remount-ro {image} {place}"
    service = Service(
        tmp_path,
        f"{register.address}/gvr",
        ledger=f"sqlite:///{place}/vardbro.db",
        before=with_mounts(mount, "unshare -m") if breakable else (),
        schedule=PATIENT,
    )
    with service:
        register.fault("503")
        events = [service.take(f"{number}-{n}") for n in range(3)]
        if breakable:  # what the kernel does by itself when the journal cannot be written
            abort = ["nsenter", "-t", str(service.pid), "-m", "mount", "-o", "remount,abort", str(place)]
            subprocess.run(abort, check=True)
        else:
            service.limit_files(grown(service))
        until(lambda: service.is_unavailable(f"{number}-late"))
        assert service.failing() == ["ledger"]
        register.calm()
        service.restart()
        for event in events:
            service.until_accepted(event)
            assert register.effects(event) == ["POST"]
        assert service.audit_is_whole()


@pytest.mark.failure(
    part="disk",
    fault="read-only at start",
    sender="No connection: the service does not start.",
    operator="Exit code 1; the log says that the ledger's file cannot be opened or written, and why.",
    kept="The ledger as it is; nothing was touched.",
    recovers="Mount the disk for writing and start again.",
)
async def test_a_read_only_disk_refuses_the_start_and_leaves_the_ledger_as_it_is(
    register: Register, tmp_path: Path
) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    path = place / "vardbro.db"
    await SqliteLedger.open(path).close()
    before = path.read_bytes()
    service = Service(tmp_path, f"{register.address}/gvr", ledger=f"sqlite:///{path}")
    if means() is not None:
        service.before = with_mounts(f"mount --bind {place} {place}; mount -o remount,bind,ro {place}")
        code, said = service.refuse_to_start()
        assert "Read-only file system" in said
        assert "Traceback" not in said
    else:
        service.before = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
        code, _ = service.refuse_to_start()
    assert code == 1
    assert path.read_bytes() == before
    ledger = SqliteLedger.open(path)
    await ledger.check_writable()
    await ledger.close()
