"""A webhook's receiver on loopback: real HTTP, noted as it came, answered as told.

``python -m tests.support.listener LOG`` prints its port, answers 200, and appends each body to LOG as a line
when it has come.
"""

import socket
import ssl
import sys
import threading
from collections import deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import orjson


class Call(NamedTuple):
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Receiver:
    """`answers` strike one request each: a status, ``hang`` (no answer until `release`), ``drop`` (cut off).

    With none left it answers 200. A redirect points at `elsewhere`.
    """

    def __init__(self, secure: ssl.SSLContext | None = None, headers: dict[str, str] | None = None) -> None:
        self.calls: list[Call] = []
        self.answers: deque[int | str] = deque()
        self.headers = headers or {}
        self.names: list[str | None] = []
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if secure is not None:
            secure.sni_callback = lambda _, name, __: self.names.append(name)
            self._server.socket = secure.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"{'http' if secure is None else 'https'}://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def release(self) -> None:
        """Let what hangs go."""
        self._released.set()

    def close(self) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        body = handler.rfile.read(length)
        answer = self.answers.popleft() if self.answers else 200
        self.calls.append(Call(handler.command, handler.path, headers, body))
        if answer == "hang":
            self._released.wait(30)
            return
        if answer == "drop":
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        assert isinstance(answer, int)
        handler.send_response(answer)
        if 300 <= answer < 400:
            handler.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere")
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with suppress(OSError):
                receiver.answer(self)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def main(log: str) -> None:
    """Receive until killed."""

    class Noting(Receiver):
        def answer(self, handler: BaseHTTPRequestHandler) -> None:
            super().answer(handler)
            with open(log, "ab") as file:
                file.write(self.calls[-1].body + b"\n")

    print(Noting().port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
