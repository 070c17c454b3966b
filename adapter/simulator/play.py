"""Plays one call to its end: the register's work, the fault set for it, and the bytes on the wire."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from adapter.simulator.arrivals import Arrival
from adapter.simulator.call import Fel, Reply, refusal
from adapter.simulator.faults import Fault, Kind
from adapter.simulator.part import Part, Reading
from adapter.simulator.wire import reset, transport_of

_AN_HOUR = 3600.0
_HTML = b"<!DOCTYPE html><html><body><h1>Welcome</h1><p>Please log in to continue.</p></body></html>"
_NO_HTTP = b"\x16\x03\x01 this is no HTTP answer\r\n\r\n"

_IDS = ("handelseId", "kontaktId")
"""How the registers name an event in their confirmations."""

SILENT = frozenset({Kind.TIMEOUT_BEFORE, Kind.TIMEOUT_AFTER})
RESETS = frozenset({Kind.RESET_BEFORE, Kind.RESET_AFTER})
WITHOUT_EFFECT = frozenset(
    {
        Kind.TIMEOUT_BEFORE,
        Kind.RESET_BEFORE,
        Kind.THROTTLE,
        Kind.ERROR_500,
        Kind.ERROR_503,
        Kind.REJECT,
        Kind.ERROR_BODY_200,
        Kind.AUTH,
        Kind.FORBIDDEN_UNIT,
    }
)


def _retry_after(fault: Fault, default: int | None) -> dict[str, str]:
    seconds = default if fault.retry_after is None else fault.retry_after
    return {} if seconds is None else {"retry_after": str(seconds)}


def _wrong_id(given: Reply) -> Reply:
    try:
        document = orjson.loads(given.body)
    except ValueError:
        return given
    return Reply(
        given.status,
        orjson.dumps({**document, **{name: "annan-handelse" for name in _IDS if name in document}}),
        given.headers,
    )


ANSWERS: dict[Kind, Callable[[Fault, Reply], Reply]] = {
    Kind.THROTTLE: lambda fault, _: refusal(
        429, [Fel("FOR-MANGA-ANROP", "", "För många anrop.")], **_retry_after(fault, 1)
    ),
    Kind.ERROR_500: lambda *_: refusal(500, [Fel("INTERNT", "", "Internt fel.")]),
    Kind.ERROR_502: lambda *_: Reply(502, _HTML, content_type="text/html"),
    Kind.ERROR_503: lambda fault, _: refusal(
        503, [Fel("STANGT", "", "Tjänsten är stängd.")], **_retry_after(fault, None)
    ),
    Kind.ERROR_503_AFTER: lambda fault, _: refusal(
        503, [Fel("STANGT", "", "Tjänsten är stängd.")], **_retry_after(fault, None)
    ),
    Kind.REJECT: lambda fault, _: refusal(400, [Fel(fault.kod, fault.falt, fault.text)]),
    Kind.MALFORMED_GARBAGE: lambda *_: Reply(200, b'\x00\xff{"handelseId": '),
    Kind.MALFORMED_HTML: lambda *_: Reply(200, _HTML, content_type="text/html"),
    Kind.MALFORMED_WRONG_ID: lambda _, given: _wrong_id(given),
    Kind.EMPTY_200: lambda *_: Reply(200, b""),
    Kind.ERROR_BODY_200: lambda fault, _: refusal(200, [Fel(fault.kod, fault.falt, fault.text)]),
    Kind.AUTH: lambda *_: refusal(401, [Fel("EJ-INLOGGAD", "", "Certifikatet godtas inte.")]),
    Kind.FORBIDDEN_UNIT: lambda *_: refusal(
        403, [Fel("BEHORIGHET", "enhet", "Behörighet saknas för enheten.")]
    ),
}
"""What is answered instead of the register's own answer; kinds that are not here leave it as it is."""


async def play(
    register: Part, fault: Fault | None, reading: Reading, scope: Scope, receive: Receive, send: Send
) -> None:
    """Let the call take effect or not, and answer it, or not."""
    arrival = register.arrive(reading)
    if fault is None:
        await _send(register.handle(reading, arrival), arrival, send)
        return
    arrival.fault = fault.kind.value
    if fault.seconds and fault.kind not in SILENT:
        await asyncio.sleep(fault.seconds)
    takes_effect = fault.kind not in WITHOUT_EFFECT if fault.effect is None else fault.effect
    answer = register.handle(reading, arrival) if takes_effect else Reply(200, b"{}")
    if fault.kind is Kind.DUPLICATE:
        arrival = register.arrive(reading)
        arrival.fault = fault.kind.value
        answer = register.handle(reading, arrival)
    if fault.kind in SILENT:
        await _stay_silent(fault.seconds or _AN_HOUR, scope, receive)
    elif fault.kind in RESETS:
        await _break(scope, receive, reset)
    elif fault.kind is Kind.MALFORMED_HTTP:
        await _break(scope, receive, _write_no_http)
    elif fault.kind is Kind.MALFORMED_TRUNCATED:
        await _break_off(answer, scope, receive, send)
    else:
        change = ANSWERS.get(fault.kind)
        await _send(change(fault, answer) if change else answer, arrival, send)


async def _send(answer: Reply, arrival: Arrival, send: Send) -> None:
    arrival.status = answer.status
    await send(_start(answer))
    await send({"type": "http.response.body", "body": answer.body})


def _start(answer: Reply) -> dict[str, Any]:
    headers = [
        (b"content-type", answer.content_type.encode("latin-1")),
        (b"content-length", str(len(answer.body)).encode("ascii")),
    ]
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


async def _stay_silent(seconds: float, scope: Scope, receive: Receive) -> None:
    try:
        await asyncio.wait_for(_gone(receive), seconds)
    except TimeoutError:
        await _break(scope, receive, lambda transport: transport.close())


async def _break(scope: Scope, receive: Receive, act: Callable[[asyncio.Transport], None]) -> None:
    act(transport_of(scope))
    # uvicorn would answer 500 for a call that ends without an answer before it knows that the line is cut.
    await _gone(receive)


async def _break_off(answer: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    await send(_start(answer))
    await send(
        {"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True}
    )
    await _break(scope, receive, lambda transport: transport.close())


def _write_no_http(transport: asyncio.Transport) -> None:
    transport.write(_NO_HTTP)
    transport.close()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
