"""The controls under /_control: faults, the log of arrivals, the state, reset. For tests."""

from collections.abc import Iterable
from typing import Any, Literal

import orjson
from fastapi import APIRouter, HTTPException, Request, Response

from adapter.simulator.faults import Fault, Kind

router = APIRouter(prefix="/_control", tags=["control"])
Format = Literal["json", "ndjson"]


@router.get("/health")
async def health() -> dict[str, str]:
    """Whether the simulator is up."""
    return {"status": "up"}


@router.get("/log")
async def log(request: Request, since: int = 0, full: bool = False, format: Format = "json") -> Response:
    """The calls in order of arrival, after number `since`; identity numbers only with `full`."""
    lines = request.app.state.simulator.log.lines(max(since, 0), full)
    return _listed("log", lines, format)


@router.get("/state")
async def state(request: Request, full: bool = False, format: Format = "json") -> Response:
    """What each register holds, with the history of each event; bodies only with `full`."""
    registers = request.app.state.simulator.registers
    events = [line for register in registers for line in register.state(full)]
    counts = {register.name: register.counts() for register in registers}
    return _listed("events", events, format, registers=counts)


@router.get("/faults")
async def faults(request: Request) -> dict[str, Any]:
    """The faults that are set, with how many calls each met and struck."""
    return {"faults": request.app.state.simulator.faults.shown()}


@router.post("/faults", status_code=201)
async def set_fault(request: Request, fault: Fault) -> dict[str, int]:
    """Set a fault; gives its number."""
    simulator = request.app.state.simulator
    if fault.target not in {register.name for register in simulator.registers}:
        raise HTTPException(404, "no such register")
    number = simulator.faults.add(fault)
    if fault.kind is Kind.TLS_FAILURE:
        simulator.wire.drop_kept_alive()
    return {"id": number}


@router.delete("/faults", status_code=204)
async def clear_faults(request: Request) -> None:
    """Remove all faults."""
    request.app.state.simulator.faults.clear()


@router.delete("/faults/{number}", status_code=204)
async def remove_fault(request: Request, number: int) -> None:
    """Remove one fault."""
    if not request.app.state.simulator.faults.remove(number):
        raise HTTPException(404, "no such fault")


@router.post("/reset", status_code=204)
async def reset(request: Request) -> None:
    """Forget events, keys, log and faults."""
    request.app.state.simulator.reset()


def _listed(name: str, lines: Iterable[dict[str, Any]], format: Format, **beside: Any) -> Response:
    if format == "ndjson":
        return Response(
            b"".join(orjson.dumps(line) + b"\n" for line in lines), media_type="application/x-ndjson"
        )
    return Response(orjson.dumps({**beside, name: list(lines)}), media_type="application/json")
