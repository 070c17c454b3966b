"""Where a ledger may lie, who may read it, and that one service at a time holds it."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from adapter.errors import ConfigurationError, LedgerInUse, LedgerUnavailable
from adapter.ledger.sqlite import SqliteLedger
from adapter.ledger.sqlite.file import file_system, holder, lock_path, prepare


def test_only_the_owner_can_read_the_ledger_and_what_lies_beside_it(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        ledger = SqliteLedger.open(tmp_path / "ledger.db")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(old)
    ledger._close()
    assert {"ledger.db", "ledger.db-wal", "ledger.db.lock"} <= modes.keys()
    assert set(modes.values()) == {0o600}


async def test_an_open_files_permissions_are_tightened(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch(0o644)
    prepare(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_second_service_is_refused_and_told_who_holds_the_file(tmp_path: Path) -> None:
    ledger = SqliteLedger.open(tmp_path / "ledger.db")
    ledger.announce("http://127.0.0.1:8080")
    with pytest.raises(LedgerInUse):
        SqliteLedger.open(tmp_path / "ledger.db")
    assert holder(tmp_path / "ledger.db") == {"pid": os.getpid(), "url": "http://127.0.0.1:8080"}
    await ledger.close()
    assert holder(tmp_path / "ledger.db") is None
    await SqliteLedger.open(tmp_path / "ledger.db").close()


async def test_a_second_service_is_told_where_the_first_one_answers(tmp_path: Path) -> None:
    ledger = SqliteLedger.open(tmp_path / "ledger.db")
    with pytest.raises(LedgerInUse, match="does not say"):
        SqliteLedger.open(tmp_path / "ledger.db")
    ledger.announce("http://127.0.0.1:8080")
    with pytest.raises(LedgerInUse, match=r"http://127\.0\.0\.1:8080"):
        SqliteLedger.open(tmp_path / "ledger.db")
    await ledger.close()


async def test_a_symbolic_link_leads_to_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "real" / "ledger.db")
    ledger = SqliteLedger.open(link)
    assert ledger.path == tmp_path / "real" / "ledger.db"
    for path in (tmp_path / "real" / "ledger.db", tmp_path / "folder" / "ledger.db", link):
        with pytest.raises(LedgerInUse):
            SqliteLedger.open(path)
        assert holder(path) is not None
    await ledger.close()


async def test_a_ledger_with_a_second_name_is_refused(tmp_path: Path) -> None:
    ledger = SqliteLedger.open(tmp_path / "ledger.db")
    os.link(tmp_path / "ledger.db", tmp_path / "other.db")
    with pytest.raises(ConfigurationError, match="hard links"):
        SqliteLedger.open(tmp_path / "other.db")
    await ledger.close()
    with pytest.raises(ConfigurationError, match="hard links"):
        SqliteLedger.open(tmp_path / "ledger.db")
    (tmp_path / "other.db").unlink()
    await SqliteLedger.open(tmp_path / "ledger.db").close()


async def test_a_refused_second_open_leaves_the_locks_of_the_first_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = SqliteLedger.open(path)
    await ledger.check_writable()
    before = _posix_locks(path)
    with pytest.raises(LedgerInUse):
        SqliteLedger.open(path)
    assert before == _posix_locks(path) != []
    await ledger.close()


def _posix_locks(path: Path) -> list[str]:
    """This process's POSIX locks on a file, as the kernel lists them."""
    lines = Path("/proc/locks").read_text().splitlines()
    inode = f":{path.stat().st_ino} "
    return sorted(line.split(" ", 1)[1] for line in lines if "POSIX" in line and inode in line)


def test_a_network_file_system_behind_a_link_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "share" / "ledger.db")
    kinds = {tmp_path: "ext4", tmp_path / "share": "nfs4"}
    monkeypatch.setattr("adapter.ledger.sqlite.file.file_system", kinds.get)
    with pytest.raises(ConfigurationError, match="network"):
        prepare(tmp_path / "link.db")


def test_a_folder_in_the_ledgers_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(LedgerUnavailable):
        SqliteLedger.open(tmp_path / "ledger.db")


def test_a_killed_service_holds_the_file_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    program = (
        "import sys, time; from adapter.ledger.sqlite import SqliteLedger;"
        f"SqliteLedger.open({str(path)!r}); print('open', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert child.stdout is not None
    child.stdout.readline()
    found = holder(path)
    with pytest.raises(LedgerInUse):
        SqliteLedger.open(path)
    child.kill()
    child.wait()
    child.stdout.close()
    assert found == {"pid": child.pid, "url": None}
    assert holder(path) is None


@pytest.mark.parametrize("name", [":memory:", "file:x?mode=memory"])
def test_a_ledger_in_memory_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="memory"):
        SqliteLedger.open(name)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="folder"):
        SqliteLedger.open(tmp_path / "nowhere" / "ledger.db")


@pytest.mark.failure(
    part="ledger-sqlite",
    fault="it lies on a network file system",
    sender="No connection: the service does not start.",
    operator="Exit code 2; one line names the kind of file system and says: a local disk, or PostgreSQL.",
    kept="The file as it is.",
    recovers="Move the ledger to a local disk, or use PostgreSQL.",
)
@pytest.mark.parametrize(
    ("kind", "refused"), [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False)]
)
def test_a_network_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, refused: bool
) -> None:
    monkeypatch.setattr("adapter.ledger.sqlite.file.file_system", lambda folder: kind)
    if refused:
        with pytest.raises(ConfigurationError, match="network"):
            prepare(tmp_path / "ledger.db")
    else:
        prepare(tmp_path / "ledger.db")


def test_the_file_system_is_that_of_the_innermost_mount(tmp_path: Path) -> None:
    inner = tmp_path / "with space"
    inner.mkdir()
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/vda / ext4 rw 0 0\n"
        f"server:/x {tmp_path} nfs4 rw 0 0\n"
        f"tmpfs {str(inner).replace(' ', chr(92) + '040')} tmpfs rw 0 0\n"
    )
    assert file_system(Path("/"), mounts) == "ext4"
    assert file_system(tmp_path, mounts) == "nfs4"
    assert file_system(inner, mounts) == "tmpfs"
    assert file_system(tmp_path, tmp_path / "no-mounts") is None


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is something else entirely, and long enough to be read as a header" * 20)
    with pytest.raises(LedgerUnavailable):
        SqliteLedger.open(path)
    assert holder(path) is None


def test_the_lock_says_nothing_but_pid_and_address(tmp_path: Path) -> None:
    ledger = SqliteLedger.open(tmp_path / "ledger.db")
    assert json.loads(lock_path(ledger.path).read_text()) == {"pid": os.getpid(), "url": None}
    ledger._close()
