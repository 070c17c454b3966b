"""The simulator as an ASGI application: the registers under their own paths, the controls under /_control."""

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from adapter.simulator.arrivals import ArrivalLog
from adapter.simulator.call import Call
from adapter.simulator.control import router
from adapter.simulator.faults import FaultTable
from adapter.simulator.files.control import router as files
from adapter.simulator.files.watch import Inboxes
from adapter.simulator.gvr.register import Gvr
from adapter.simulator.part import Part
from adapter.simulator.pasis.register import Pasis
from adapter.simulator.play import play
from adapter.simulator.reading import MAX_BODY
from adapter.simulator.settings import Settings
from adapter.simulator.wire import Wire


class Simulator:
    """The registers with what they share: the log of arrivals, the faults, the open connections."""

    def __init__(self, settings: Settings) -> None:
        self.log = ArrivalLog(settings.clock)
        self.faults = FaultTable()
        self.wire = Wire(self.faults)
        self.gvr = Gvr(settings, self.log)
        self.pasis = Pasis(settings, self.log)
        self.inboxes = Inboxes(settings.inboxes)
        self.registers: tuple[Part, ...] = (self.gvr, self.pasis)

    def reset(self) -> None:
        """Forget events, keys, log and faults."""
        for register in self.registers:
            register.clear()
        self.inboxes.clear()
        self.log.clear()
        self.faults.clear()


class RegisterDoor:
    """Carries requests to one register, as bare ASGI: this is the path that benchmarks load."""

    def __init__(self, simulator: Simulator, register: Part) -> None:
        self._faults = simulator.faults
        self._register = register

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if body is None:
            return
        headers = dict(scope["headers"])
        key = headers.get(b"idempotency-key")
        call = Call(
            method=scope["method"],
            path=scope["path"].removeprefix(scope.get("root_path", "")),
            query=scope["query_string"],
            body=body,
            content_type=headers.get(b"content-type", b"").decode("latin-1"),
            key=key.decode("latin-1") if key else None,
        )
        reading = self._register.read(call)
        fault = None
        if self._faults:
            fault = self._faults.for_call(self._register.name, call.method, reading.handelse_id, reading.unit)
        await play(self._register, fault, reading, scope, receive, send)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Faults that cut connections need the server of `adapter.simulator.server`."""
    simulator = Simulator(settings or Settings())
    app = FastAPI(title="vardbro register simulator", docs_url="/_control/docs", redoc_url=None)
    app.state.simulator = simulator
    app.include_router(router)
    app.include_router(files)
    simulator.inboxes.start()
    for register in simulator.registers:
        app.mount(f"/{register.name}", RegisterDoor(simulator, register))
    return app


async def _body(receive: Receive) -> bytes | None:
    """The request's body, one byte over the limit at most; None when the caller has gone before its end."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        if size <= MAX_BODY:
            chunks.append(chunk)
            size += len(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)[: MAX_BODY + 1]
