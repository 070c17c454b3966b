"""Running the service or its couriers in this process: listen, start, say so, work, drain."""

import asyncio
import errno
import gc
import os
import signal
import socket
import sys
from types import FrameType

import structlog
import uvicorn
import uvloop

from adapter.access.doorkeeper import Doorkeeper
from adapter.access.roster import Roster
from adapter.access.tls import ServerTls
from adapter.api.connection import Connection
from adapter.composition import Application
from adapter.config import Config, require_safe_door
from adapter.errors import ConfigurationError
from adapter.logs import set_up_logging

GC_THRESHOLD = 50_000
"""Allocations between collections of the youngest generation; the default of 700 costs throughput."""

GRACE = 5
"""Seconds that open requests get to end after SIGTERM, before the couriers are drained."""

RENEW_EVERY = 10.0
"""Seconds between looks whether the files of certificates have changed."""

BACKLOG = 2048
OPEN_DOOR = "open door: no sender has a token, so anybody on this machine may send"

log = structlog.get_logger("vardbro.server")


def serve(config: Config) -> None:
    """Serve until SIGTERM or SIGINT, then drain and return.

    Raises ConfigurationError (unsafe door, proofs or certificates of no use, port taken, address not ours),
    LedgerInUse.
    """
    require_safe_door(config)
    set_up_logging(config.log.level, config.log.format)
    Roster(config)  # what is wrong with the senders' proofs is said before the ledger is touched
    tls = None if config.http.certificate is None else ServerTls(config.http)
    with listen(config.http.host, config.http.port) as listener:
        application = Application.build(_with_port(config, listener.getsockname()[1]))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(application, listener, tls))


def work(config: Config) -> None:
    """Deliver until SIGTERM or SIGINT, without an HTTP face, then drain and return.

    Raises LedgerInUse while a service has the SQLite file: that service delivers too.
    """
    set_up_logging(config.log.level, config.log.format)
    application = Application.build(config)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(application))


async def _work(application: Application) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await application.start()
    try:
        _tame_collector()
        sys.stdout.write(f"vardbro work: {len(application.couriers)} couriers at work\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await application.stop()


async def _serve(application: Application, listener: socket.socket, tls: ServerTls | None) -> None:
    server = AnnouncingServer(application, tls)
    # uvicorn raises the signal again when it is done; by then there must be somebody who takes it quietly.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _already_stopping)
    await application.start()
    renewing = None if tls is None else asyncio.create_task(_renew(tls), name="tls")
    try:
        _tame_collector()
        await server.serve(sockets=[listener])
    finally:
        if renewing is not None:
            renewing.cancel()
        await application.stop()


async def _renew(tls: ServerTls) -> None:
    """Take renewed certificates into use while the service runs."""
    while True:
        await asyncio.sleep(RENEW_EVERY)
        tls.renew()


class AnnouncingServer(uvicorn.Server):
    """A server that says on standard output where it is, once it answers."""

    def __init__(self, application: Application, tls: ServerTls | None) -> None:
        """`tls` None: plain HTTP, on loopback or behind something that speaks TLS."""
        super().__init__(
            uvicorn.Config(
                application.create_app(),
                http=Connection,
                ssl_context_factory=None if tls is None else lambda _config, _default: tls.context,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._url = application.config.http.url
        self._application = application
        self._door = OPEN_DOOR if Doorkeeper(application.config).is_open else "senders prove themselves"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept, then say so."""
        await super().startup(sockets)
        self._application.ledger.announce(self._url)
        sys.stdout.write(f"vardbro serve: {self._url} (FHIR at {self._url}/fhir; {self._door})\n")
        sys.stdout.flush()
        log.info("serve.ready", url=self._url, pid=os.getpid(), door=self._door)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those who wait for news go, then end what is open."""
        self._application.drain()
        await super().shutdown(sockets)


def _tame_collector() -> None:
    """Take what start-up made out of the collector's sight, and let it look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)


def _already_stopping(_number: int, _frame: FrameType | None) -> None:
    """The signal has been acted upon."""


def _with_port(config: Config, port: int) -> Config:
    """The configuration with the port that is listened on: 0 stands for any."""
    return config.model_copy(update={"http": config.http.model_copy(update={"port": port})})


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address. Raises ConfigurationError when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from None
    listener.listen(BACKLOG)
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        return ConfigurationError(
            f"port {port} on {host} is in use", "Stop the other program, or choose another port: --port."
        )
    if error.errno == errno.EACCES:
        return ConfigurationError(f"port {port} may not be opened by this user", "Choose a port above 1023.")
    return ConfigurationError(f"{host} is no address of this machine", "Set host under [http].")
