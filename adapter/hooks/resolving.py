"""Names to addresses, in threads of their own: a name server that does not answer must not take up the
threads that the rest of the service resolves and reads in.
"""

import asyncio
import ipaddress
import socket
import threading
from contextlib import suppress


async def addresses(host: str, port: int) -> list[str]:
    """The addresses of a host, the preferred ones first. Raises OSError."""
    if _is_address(host):
        return [host]
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()
    # A daemon: it may hang for longer than the service takes to end.
    threading.Thread(target=_look_up, args=(host, port, loop, found), name="hook-names", daemon=True).start()
    return await found


def _look_up(
    host: str, port: int, loop: asyncio.AbstractEventLoop, found: "asyncio.Future[list[str]]"
) -> None:
    result: list[str] | OSError
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        result = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    except OSError as error:
        result = error
    except UnicodeError:  # a name that is none: one of its parts is too long
        result = socket.gaierror(socket.EAI_NONAME, "no name")
    with suppress(RuntimeError):  # the loop has ended, and nobody waits
        loop.call_soon_threadsafe(_resolve, found, result)


def _resolve(found: "asyncio.Future[list[str]]", result: list[str] | OSError) -> None:
    if found.done():
        return
    if isinstance(result, OSError):
        found.set_exception(result)
    else:
        found.set_result(result)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
