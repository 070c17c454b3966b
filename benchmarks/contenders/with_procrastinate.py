"""Procrastinate: one job for each message, all of a key with the same lock.

What its documentation advises for this job:

- order per key: jobs with the same lock run one at a time and in the order of their creation
  (https://procrastinate.readthedocs.io/en/stable/howto/advanced/locks.html);
- async tasks, and `concurrency` for the worker
  (https://procrastinate.readthedocs.io/en/stable/howto/production/concurrency.html);
- a pool of as many connections as jobs at once and one more, where jobs are short
  (https://procrastinate.readthedocs.io/en/stable/discussions.html, "Mind the size of your PostgreSQL
  pool"), and here one for each who defers;
- `listen_notify`, so that the worker hears of new jobs at once (as it comes).

Finished jobs stay (as it comes): to have the worker delete them made this job take twice the time.
Deferring in batches (howto/basics/batch_defer) is for one caller with many jobs of one lock; here each
message has a caller of its own who waits for it.
"""

import asyncio
import logging
from typing import Any

import procrastinate

from benchmarks.contenders.job import Job, Post


class Contestant:
    """Each message is a job."""

    def __init__(self, job: Job) -> None:
        logging.getLogger("procrastinate").setLevel(logging.WARNING)
        self._job = job
        self._post = Post(job)
        pool = job.concurrency + 1 + job.senders
        self._app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=job.store, min_size=pool, max_size=pool)
        )
        self._task = self._app.task(queue="reports", name="report")(self._report)
        self.settings: dict[str, Any] = {
            "concurrency": job.concurrency,
            "listen_notify": True,
            "delete_jobs": "never",
            "pool": pool,
        }

    async def _report(self, content: str) -> None:
        await self._post(content)

    async def open(self) -> None:
        await self._app.open_async()
        await self._app.schema_manager.apply_schema_async()

    async def deliver(self) -> None:
        self._worker = asyncio.create_task(
            self._app.run_worker_async(
                queues=["reports"],
                concurrency=self._job.concurrency,
                listen_notify=True,
                delete_jobs="never",
                install_signal_handlers=False,
            )
        )
        await asyncio.sleep(1.5)

    async def accept(self, key: str, sequence: int, body: bytes) -> None:
        await self._task.configure(lock=key).defer_async(content=body.decode())

    async def unfinished(self) -> int:
        jobs = await self._app.connector.execute_query_one_async(
            "SELECT count(*) AS n FROM procrastinate_jobs WHERE status <> 'succeeded'"
        )
        return int(jobs["n"])

    async def close(self) -> None:
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        await self._app.close_async()
