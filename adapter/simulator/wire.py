"""Below HTTP: connections that are reset, broken off or refused, which ASGI alone cannot do."""

import asyncio
import socket
import ssl
import struct
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapter.simulator.faults import FaultTable

_LINGER_ZERO = struct.pack("ii", 1, 0)
_EXTENSION = "vardbro.transport"


class Wire:
    """The open connections of one server, and what its faults do to new ones."""

    def __init__(self, faults: FaultTable) -> None:
        self._faults = faults
        self._open: set[HttpToolsProtocol] = set()

    def opened(self, protocol: HttpToolsProtocol) -> bool:
        """Note a new connection; False when a fault wants it closed before any byte."""
        self._open.add(protocol)
        is_tls = protocol.transport.get_extra_info("ssl_object") is not None
        return is_tls or not self._faults or self._faults.for_connection() is None

    def closed(self, protocol: HttpToolsProtocol) -> None:
        """Note that a connection is gone."""
        self._open.discard(protocol)

    def drop_kept_alive(self) -> None:
        """Close every connection, busy ones after their answer, so that the next call opens a new one."""
        for protocol in tuple(self._open):
            protocol.shutdown()

    def refuse_handshakes(self, context: ssl.SSLContext) -> None:
        """Make the faults fail TLS handshakes (the loop closes the connection before the alert is out)."""

        def decide(_socket: Any, _name: str | None, _context: ssl.SSLContext) -> int | None:
            struck = self._faults and self._faults.for_connection()
            return int(ssl.AlertDescription.ALERT_DESCRIPTION_HANDSHAKE_FAILURE) if struck else None

        context.sni_callback = decide

    def protocol(self) -> type[HttpToolsProtocol]:
        """The protocol class for this server's connections."""
        wire = self

        class Connection(HttpToolsProtocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if not wire.opened(self):
                    transport.close()

            def connection_lost(self, exc: Exception | None) -> None:
                wire.closed(self)
                super().connection_lost(exc)

            def on_message_begin(self) -> None:
                super().on_message_begin()
                self.scope["extensions"] = {_EXTENSION: {"transport": self.transport}}

        return Connection


def transport_of(scope: Any) -> asyncio.Transport:
    """The connection under a request. Raises RuntimeError under a server that is not ours."""
    try:
        transport: asyncio.Transport = scope["extensions"][_EXTENSION]["transport"]
    except KeyError:
        raise RuntimeError("this fault needs the simulator's own server (adapter.simulator.server)") from None
    return transport


def reset(transport: asyncio.Transport) -> None:
    """Send RST instead of FIN: the peer sees a connection reset, and nothing buffered is delivered."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()
