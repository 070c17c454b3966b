"""DBOS: a partitioned queue, and one workflow of one step for each message.

What its documentation advises for this job:

- order per key: a queue partitioned by key, with at most one workflow of a partition at a time
  (https://docs.dbos.dev/python/tutorials/queue-tutorial, "Partitioning Queues"). With that limit and no
  other one DBOS takes the first of every partition in one transaction (dbos/_queue.py); the requests at
  once are therefore limited where they are made;
- a call of another system belongs into a step (https://docs.dbos.dev/python/tutorials/step-tutorial);
- async workflows and `enqueue_workflow_async` in an async application
  (https://docs.dbos.dev/python/tutorials/queue-tutorial);
- `polling_interval_sec`: how often a queue is looked at (https://docs.dbos.dev/python/reference/queues).
  1.0 as it comes, which would be most of the time measured here; from 0.2 to 0.005 nothing changed but the
  noise;
- `sys_db_pool_size` (https://docs.dbos.dev/python/reference/configuration): 20 as it comes; 8 was slower,
  40 not faster.

Workflows that are enqueued in the same millisecond are ordered by their ids: these are made to sort by
sequence, and make the enqueuing idempotent, too. On SQLite the file is put into write-ahead mode
beforehand, which DBOS leaves as it finds it: a commit is then one fsync instead of several, and as durable
(synchronous=FULL).
"""

import asyncio
import sqlite3
from typing import Any

import sqlalchemy
from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID

from benchmarks.contenders.job import Job, Post

POLLING = 0.02
POOL = 20
THREADS = 64

_post: Post


async def post(content: str) -> int:
    """Send a message."""
    return await _post(content)


@DBOS.step()
async def send(content: str) -> int:
    return await _post(content)


@DBOS.workflow()
async def report(content: str) -> int:
    return await send(content)


class Contestant:
    """Each message is a workflow on the queue."""

    workflow: Any = staticmethod(report)

    def __init__(self, job: Job) -> None:
        self._job = job
        self._url = job.store
        self.settings: dict[str, Any] = {
            "partition_concurrency": 1,
            "polling_interval_sec": POLLING,
            "sys_db_pool_size": POOL,
            "max_executor_threads": THREADS,
        }
        if not job.store.startswith("postgresql:"):
            self._url = f"sqlite:///{job.store}"
            self.settings["journal_mode"] = "WAL"
            with sqlite3.connect(job.store) as db:
                db.execute("PRAGMA journal_mode = WAL")
        config: DBOSConfig = {
            "name": "rivals",
            "system_database_url": self._url,
            "sys_db_pool_size": POOL,
            "log_level": "ERROR",
            "max_executor_threads": THREADS,
        }
        DBOS(config=config)

    async def open(self) -> None:
        global _post  # noqa: PLW0603  (workflows are functions of a module)
        _post = Post(self._job)
        if self._job.backlog:
            DBOS.listen_queues([])
        DBOS.launch()

    async def deliver(self) -> None:
        await DBOS.register_queue_async("reports", partition_concurrency=1, polling_interval_sec=POLLING)
        await asyncio.sleep(1.5)  # a new queue is noticed within a second

    async def accept(self, key: str, sequence: int, body: bytes) -> None:
        with SetWorkflowID(f"{key}/{sequence:06}"), SetEnqueueOptions(queue_partition_key=key):
            await DBOS.enqueue_workflow_async("reports", self.workflow, body.decode())

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
