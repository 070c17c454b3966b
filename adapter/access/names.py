"""Names of this machine, as a request's Host header tells them."""

from adapter.hooks.target import is_loopback


def is_loopback_name(host: str) -> bool:
    """Whether a Host header names this machine's loopback: ``localhost:8080``, ``127.0.0.1``, ``[::1]:8080``.

    A page in a browser on this machine has another name, even if that resolves to loopback.
    """
    if host.startswith("["):
        name, end, port = host[1:].partition("]")
        return bool(end) and is_loopback(name) and (not port or port.startswith(":"))
    return is_loopback(host.rpartition(":")[0] if host.count(":") == 1 else host)
