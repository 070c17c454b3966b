"""The HTTP protocol of the server: uvicorn's own, which hands over the client's certificate as well.

uvicorn fills in nothing of what the TLS handshake has shown; adapter.api.proof reads it from the scope.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapter.api.proof import TLS


class Connection(HttpToolsProtocol):
    """One connection. What the handshake has verified is put into the scope of each of its requests."""

    _certificate: bytes | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The handshake is done: keep the client's certificate."""
        super().connection_made(transport)
        secure = transport.get_extra_info("ssl_object")
        if secure is not None:
            self._certificate = secure.getpeercert(binary_form=True)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._certificate is not None:
            self.scope["extensions"] = {TLS: {"client_certificate": self._certificate}}
