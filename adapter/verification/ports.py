"""Ports on loopback for what is started again and again."""

import random
import socket

from adapter.errors import VardbroError

_PORTS = range(20_000, 32_000)
"""Below the ports that the system gives to connections: a restarted service must find its port free."""


def free_port() -> int:
    """A port on loopback that nobody listens on and that the system gives to nobody by itself."""
    for port in random.sample(_PORTS, k=50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise VardbroError("no free port on loopback was found", "Stop what listens on ports 20000 to 32000.")
