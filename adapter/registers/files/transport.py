"""Delivery by files: requests that come close together become one batch, and all wait for its end."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog

from adapter.registers.protocol import Answer, Request, Transport

LINGER = 0.2
"""Seconds after the last request in which another one may still join the batch."""

LONGEST_LINGER = 2.0
"""Seconds after its first request when a batch is closed, however fast more are coming."""

CLOSED = "closed"
"""Failure of a request that came after the end: it was not sent."""

_log = structlog.get_logger("vardbro.files")
_Waiting = tuple[Request, asyncio.Future[Answer]]


class Desk(Protocol):
    """Does the work of a batch; see adapter.registers.files.desk."""

    def serve(self, requests: Sequence[Request]) -> list[Answer]:
        """One answer for each request, in order. Blocks."""
        ...


class FileTransport(Transport):
    """Gathers concurrent requests for one register and lets the desk work on them, one batch at a time.

    `most` is how many requests make a full batch. It need not wait for more than can be under way at once.
    """

    def __init__(self, desk: Desk, most: int, linger: float = LINGER) -> None:
        self._desk = desk
        self._most = most
        self._linger = linger
        self._waiting: list[_Waiting] = []
        self._more = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    async def send(self, request: Request) -> Answer:
        """Send once, as part of a batch. What nobody waits for any more when its batch begins is left out."""
        if self._closed:
            return Answer(failure=CLOSED)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        self._more.set()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="file-batches")
        return await answer

    async def close(self) -> None:
        """Let the batch under way end; what waits for the next one is not sent."""
        self._closed = True
        self._more.set()
        waiting, self._waiting = self._waiting, []
        for _, answer in waiting:
            _tell(answer, Answer(failure=CLOSED))
        if self._worker is not None:
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        while self._waiting:
            await self._gather()
            waiting = [(request, answer) for request, answer in self._waiting if not answer.done()]
            batch, self._waiting = waiting[: self._most], waiting[self._most :]
            if batch:
                await self._serve(batch)

    async def _gather(self) -> None:
        """Wait until the batch is full, or nothing more comes."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_LINGER
        while len(self._waiting) < self._most and not self._closed:
            self._more.clear()
            try:
                async with asyncio.timeout(min(self._linger, end - loop.time())):
                    await self._more.wait()
            except TimeoutError:
                return

    async def _serve(self, batch: list[_Waiting]) -> None:
        work = asyncio.to_thread(self._desk.serve, [request for request, _ in batch])
        try:
            answers = await work
        except Exception as error:  # noqa: BLE001  (whatever it was, it may have happened after the commit)
            _log.error("batch stumbled", error=type(error).__name__)
            answers = [Answer(failure="protocol")] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            _tell(future, answer)


def _tell(future: asyncio.Future[Answer], answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)
