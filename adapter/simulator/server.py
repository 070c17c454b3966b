"""Serves the simulator: blocking (`run`), or beside other work in a thread (`running`)."""

import signal
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from adapter.simulator.app import Simulator, create_app
from adapter.simulator.settings import Settings


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files: the server's certificate and key; with `client_ca`, clients must show one that it signed."""

    cert: Path
    key: Path
    client_ca: Path | None = None


def run(
    host: str = "127.0.0.1", port: int = 8090, *, settings: Settings | None = None, tls: Tls | None = None
) -> None:
    """Serve until SIGINT or SIGTERM. Prints a line with its address when it takes connections.

    Port 0 takes a free one. Raises OSError when the address is taken or the TLS files cannot be read.
    """
    with _bound(host, port) as listener:
        server = _server(settings, tls)
        address = _address(listener, tls)
        for number in (signal.SIGINT, signal.SIGTERM):
            # uvicorn raises the signal again when it has stopped; being told to stop is no failure.
            signal.signal(number, lambda *_: sys.exit(0))
        print(f"simulator listens on {address}", flush=True)  # noqa: T201
        server.run([listener])


@contextmanager
def running(
    settings: Settings | None = None, *, tls: Tls | None = None, host: str = "127.0.0.1"
) -> Iterator[str]:
    """Serve in a thread of this process on a free port; gives the address (``http://127.0.0.1:41234``)."""
    with _bound(host, 0) as listener:
        server = _server(settings, tls)
        thread = threading.Thread(target=server.run, args=([listener],), name="simulator", daemon=True)
        thread.start()
        try:
            # The listener takes connections from the moment it is bound: nobody needs to wait for the loop.
            yield _address(listener, tls)
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def _address(listener: socket.socket, tls: Tls | None) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{shown}:{port}"


def _server(settings: Settings | None, tls: Tls | None) -> uvicorn.Server:
    app = create_app(settings)
    simulator: Simulator = app.state.simulator
    config = uvicorn.Config(
        app,
        http=simulator.wire.protocol(),
        lifespan="off",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        ssl_certfile=tls.cert if tls else None,
        ssl_keyfile=tls.key if tls else None,
        ssl_ca_certs=str(tls.client_ca) if tls and tls.client_ca else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if tls and tls.client_ca else ssl.CERT_NONE,
    )
    config.load()
    if config.ssl is not None:
        simulator.wire.refuse_handshakes(config.ssl)
    return uvicorn.Server(config)
