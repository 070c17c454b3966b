"""A network of one's own between two programs: it carries, stalls, breaks, or is not there."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Proxy:
    """Listens on `port` and carries to `target` (a port on loopback). Runs in a thread until closed."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.StreamWriter] = set()
        self._flows = {"there": asyncio.Event(), "back": asyncio.Event()}
        self._server: asyncio.Server | None = None
        self.tamper: Callable[[bytes], bytes] = _leave
        """What comes back passes through this on its way."""
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self.connections = 0
        self.port = 0
        self.port = self._do(self._listen())
        self.carry()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._refuse())
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def aim(self, target: int) -> None:
        """Carry new connections to another port."""
        self._target = target

    def carry(self) -> None:
        """Carry again. What was swallowed is lost, and the connections that it was sent on break."""
        self.tamper = _leave
        for flow in self._flows.values():
            self._loop.call_soon_threadsafe(flow.set)

    def stall(self, *directions: str) -> None:
        """Swallow what goes ``there`` or ``back`` (none named: both): nobody is told."""
        for direction in directions or self._flows:
            self._loop.call_soon_threadsafe(self._flows[direction].clear)

    def cut(self) -> None:
        """Reset every connection."""
        self._do(self._abort())

    def refuse(self) -> None:
        """Nobody listens any more, and what was connected is reset."""
        self._do(self._refuse())
        self.cut()

    def accept(self) -> None:
        """Listen again, on the same port."""
        if self._server is None:
            self._do(self._listen())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _abort(self) -> None:
        for connection in self._connections:
            connection.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        self.connections += 1
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._connections.add(far_writer)
        try:
            await asyncio.gather(
                self._pump(reader, far_writer, "there"), self._pump(far_reader, writer, "back")
            )
        finally:
            self._connections -= {writer, far_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: str) -> None:
        flow = self._flows[direction]
        with suppress(OSError):
            while data := await reader.read(65536):
                if not flow.is_set():
                    await flow.wait()
                    writer.transport.abort()
                    return
                writer.write(self.tamper(data) if direction == "back" else data)
                await writer.drain()
            await flow.wait()
        with suppress(OSError):
            writer.close()


def _leave(data: bytes) -> bytes:
    return data
