"""Procrastinate: one job for each message, all of a key with the same lock.

What its documentation advises for this job:

- order per key: jobs with the same lock run one at a time and in the order of their creation
  (https://procrastinate.readthedocs.io/en/stable/howto/advanced/locks.html);
- async tasks with `concurrency` of the worker (https://procrastinate.readthedocs.io/en/stable/howto/production/concurrency.html);
- a pool of as many connections as jobs at once and one more, for short jobs
  (https://procrastinate.readthedocs.io/en/stable/discussions.html#mind-the-size-of-your-postgresql-pool), and here as many for
  those who defer;
- `listen_notify`, so that a worker hears of new jobs at once (as it comes);
- finished jobs are deleted, to keep the table that is searched small
  (https://procrastinate.readthedocs.io/en/stable/howto/production/delete_finished_jobs.html).
"""

import asyncio
import logging
import os
from typing import Any

import procrastinate

from benchmarks.contenders.job import Job, Post

DELETE = os.environ.get("PROCRASTINATE_DELETE", "successful")


class Contestant:
    """Each message is a job."""

    def __init__(self, job: Job) -> None:
        logging.getLogger("procrastinate").setLevel(logging.WARNING)
        self._job = job
        pool = job.concurrency + 1 + job.senders
        self._post = Post(job)
        self._app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=job.store, min_size=pool, max_size=pool)
        )
        self._task = self._app.task(queue="reports", name="report")(self._report)
        self.settings: dict[str, Any] = {
            "concurrency": job.concurrency,
            "listen_notify": True,
            "delete_jobs": DELETE,
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
                delete_jobs=DELETE,
                install_signal_handlers=False,
            )
        )
        await asyncio.sleep(1)

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
