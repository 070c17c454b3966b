"""What a contact takes on the disk, table by table: real bundles through intake and delivery, then the
store weighed.

    python -m benchmarks.growth [CONTACTS]

Bundles of 25 KB with 15 resources, one contact each, are taken in and delivered to the simulator by the
service's own parts in this process. Every contact is reported once and accepted.
"""

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from adapter.composition import Application
from adapter.config.model import Config
from adapter.mapping.context import Sender
from benchmarks import postgres
from benchmarks.bundles import contact_bundles
from benchmarks.contenders.with_vardbro import hush
from benchmarks.delivery import free_port
from benchmarks.machine import machine

AT_ONCE = 16


def main() -> None:
    """Print bytes a contact of each table, on each store."""
    hush()
    contacts = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(machine())
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder,
        postgres.server(Path(folder) / "pg") as server,
    ):
        file, database = Path(folder) / "ledger.db", server.empty_database("ledger")
        for store in (f"sqlite:///{file}", database):
            with _simulator() as url:
                states = asyncio.run(_run(store, url, contacts))
            assert states == {"accepted": contacts}, states
        _print("sqlite", _sqlite_sizes(file), contacts)
        _print("postgresql", _postgresql_sizes(database), contacts)


async def _run(store: str, register: str, contacts: int) -> dict[str, int]:
    """Take in and deliver; the states of the messages in the end."""
    settings = {"gvr": {"enabled": True, "url": register, "lookup": "/vardhandelse/besok"}}
    application = Application.build(Config.model_validate({"ledger": {"url": store}, "registers": settings}))
    await application.start()
    bundles = contact_bundles(contacts)

    async def send() -> None:
        for raw in bundles:
            answer = await application.intake.submit(raw, sender=Sender(name="s"), key=None, lang="sv")
            assert answer.status == 200, answer.body

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    while (summary := await application.ledger.summary())["lanes"] != {"idle": contacts}:
        await asyncio.sleep(0.2)
    await application.stop()
    messages: dict[str, int] = summary["messages"]
    return messages


@contextmanager
def _simulator() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "adapter", "simulate", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/gvr"
    finally:
        process.terminate()
        process.wait()


def _sqlite_sizes(file: Path) -> dict[str, list[int]]:
    """Bytes of each table and of its indexes, in pages that are full as far as they get."""
    with sqlite3.connect(file) as db:
        db.execute("VACUUM")
        return _by_table(
            db.execute(
                "SELECT m.tbl_name, m.type = 'table', SUM(s.pgsize) FROM dbstat s"
                " JOIN sqlite_master m USING (name) GROUP BY 1, 2"
            ).fetchall()
        )


def _postgresql_sizes(url: str) -> dict[str, list[int]]:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("VACUUM FULL")
        return _by_table(
            db.execute(
                "SELECT relname, part, size FROM pg_stat_user_tables, LATERAL (VALUES"
                " (true, pg_table_size(relid)), (false, pg_indexes_size(relid))) AS parts (part, size)"
            ).fetchall()
        )


def _by_table(rows: list[Any]) -> dict[str, list[int]]:
    sizes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for table, is_table, size in rows:
        sizes[table][0 if is_table else 1] += int(size)
    return sizes


def _print(store: str, sizes: dict[str, list[int]], contacts: int) -> None:
    print(f"\n{store}: bytes a contact, {contacts} contacts, each with one message that was accepted at once")
    print(f"  {'table':16} {'rows':>7} {'indexes':>7}")
    for table, (rows, indexes) in sorted(sizes.items(), key=lambda item: -sum(item[1])):
        if (rows + indexes) / contacts >= 20:
            print(f"  {table:16} {rows / contacts:7.0f} {indexes / contacts:7.0f}")
    total = sum(map(sum, sizes.values())) / contacts
    print(f"  {'in all':16} {total:15.0f}")


if __name__ == "__main__":
    main()
