"""DBOS: a partitioned queue, one workflow of one step for each message.

What its documentation advises for this job:

- order per key: a queue partitioned by key, at most one workflow of a partition at a time
  (https://docs.dbos.dev/python/tutorials/queue-tutorial#partitioning-queues); with exactly that limit DBOS takes the
  first of every partition in one transaction, so that no other limit is set on the queue and the requests at
  once are limited where they are made;
- a call of another system belongs into a step (https://docs.dbos.dev/python/tutorials/step-tutorial);
- in an async application, async workflows and `enqueue_async` (https://docs.dbos.dev/python/tutorials/queue-tutorial);
- `polling_interval_sec` is how often a queue is looked at
  (https://docs.dbos.dev/python/reference/queues); 1.0 as it comes, which would be most of the time measured here;
- a pool of connections for as many as call at once (https://docs.dbos.dev/python/reference/configuration,
  `sys_db_pool_size`, 20 as it comes).

Workflows that are enqueued in the same millisecond are ordered by their ids, so that these are made to sort by
sequence; they make an enqueue idempotent, too. On SQLite the file is put into write-ahead mode beforehand, which DBOS
leaves as it finds it: commits are then half as many fsyncs, and durable all the same (synchronous=FULL).
"""

import asyncio
import os
import sqlite3
from typing import Any

import sqlalchemy
from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID

from benchmarks.contenders.job import Job, Post

POLLING = float(os.environ.get("DBOS_POLLING", "0.02"))
POOL = int(os.environ.get("DBOS_POOL", "20"))
THREADS = 64

_post: Post


@DBOS.step()
async def send(content: str) -> int:
    return await _post(content)


@DBOS.workflow()
async def report(content: str) -> int:
    return await send(content)


class Contestant:
    """Each message is a workflow on the queue."""

    def __init__(self, job: Job) -> None:
        self._job = job
        url = job.store
        if not url.startswith("postgresql:"):
            url = f"sqlite:///{job.store}"
            with sqlite3.connect(job.store) as db:
                db.execute("PRAGMA journal_mode = WAL")
        config: DBOSConfig = {
            "name": "rivals",
            "system_database_url": url,
            "sys_db_pool_size": POOL,
            "log_level": "ERROR",
            "max_executor_threads": THREADS,
        }
        self.settings: dict[str, Any] = {
            "partition_concurrency": 1,
            "polling_interval_sec": POLLING,
            "sys_db_pool_size": POOL,
            "max_executor_threads": THREADS,
            "journal_mode" if "sqlite" in url else "use_listen_notify": "WAL" if "sqlite" in url else True,
        }
        self._url = url
        DBOS(config=config)

    async def open(self) -> None:
        global _post  # noqa: PLW0603  (workflows are functions of a module)
        _post = Post(self._job)
        DBOS.launch()
        if self._job.backlog:
            DBOS.listen_queues([])

    async def deliver(self) -> None:
        await DBOS.register_queue_async("reports", partition_concurrency=1, polling_interval_sec=POLLING)
        await asyncio.sleep(1.1)  # a new queue is noticed within a second

    async def accept(self, key: str, sequence: int, body: bytes) -> None:
        with SetWorkflowID(f"{key}/{sequence:06}"), SetEnqueueOptions(queue_partition_key=key):
            await DBOS.enqueue_workflow_async("reports", report, body.decode())

    async def unfinished(self) -> int:
        return await asyncio.to_thread(self._count)

    def _count(self) -> int:
        engine = sqlalchemy.create_engine(self._url.replace("postgresql:", "postgresql+psycopg:"))
        table = "workflow_status" if self._url.startswith("sqlite") else "dbos.workflow_status"
        with engine.connect() as db:
            query = sqlalchemy.text(f"SELECT count(*) FROM {table} WHERE status <> 'SUCCESS'")
            count: int = db.execute(query).scalar_one()
        engine.dispose()
        return count

    async def close(self) -> None:
        await asyncio.to_thread(DBOS.destroy)
