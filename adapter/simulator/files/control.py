"""The controls of the inboxes, under /_control/files."""

from typing import Any

from fastapi import APIRouter, Request

from adapter.simulator.files.faults import FileFault

router = APIRouter(prefix="/_control/files", tags=["files"])


@router.get("")
async def state(request: Request, full: bool = False) -> dict[str, Any]:
    """Each inbox: its batches with their problems and receipts, the records, the links.

    With `full` also what they say, identity numbers included.
    """
    found: dict[str, Any] = request.app.state.simulator.inboxes.state(full)
    return found


@router.post("/faults", status_code=201)
async def set_fault(request: Request, fault: FileFault) -> dict[str, str]:
    """Set a fault for the next batches of a register."""
    request.app.state.simulator.inboxes.faults.add(fault)
    return {"kind": fault.kind.value}


@router.delete("/faults", status_code=204)
async def clear_faults(request: Request) -> None:
    """Remove all faults."""
    request.app.state.simulator.inboxes.faults.clear()


@router.post("/release")
async def release(request: Request) -> dict[str, int]:
    """Write the receipts that were kept back."""
    return {"receipts": request.app.state.simulator.inboxes.release()}
