"""POST /api/patient-log: who looked at, changed and sent what of a patient's contacts.

The number stands in the body, so that it gets into no log of URLs. The answer tells of one patient: it goes
to who proves the operations token, is not to be stored on the way, and is an entry of the audit trail.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from adapter.api.guard import PatientGuard
from adapter.api.operations import Reason
from adapter.api.services import Services
from adapter.ledger.sql.patient_log import Entry
from adapter.patient_log import is_number


class Asked(Reason):
    """Whose log, and why it is asked for."""

    number: str = Field(max_length=40)


def patient_log_router(services: Services, guard: PatientGuard) -> APIRouter:
    """The route of the log."""
    router = APIRouter(prefix="/api", tags=["audit"], dependencies=[Depends(guard)])

    @router.post("/patient-log")
    async def log(asked: Asked, request: Request) -> Response:
        """The log of a patient by identity number: `entries`, the oldest first, each with `at` (UTC), `what`,
        `who`, `event`, `register`, `lane`, `message`, `receipt` and `detail`; `events` is the number of the
        patient's contacts, `unread` that of bundles that cannot be read or are kept no longer. Patient data.

        403 with code *protected-identity* for a patient whose identity is protected, without that right.
        """
        if not is_number(asked.number):
            raise HTTPException(422, "number is no identity number: give it whole, YYYYMMDDNNNN")
        found = await services.patient_logs.export(
            asked.number, asked.actor, asked.reason, protected=request.state.protected
        )
        body = {
            "events": found.events,
            "unread": found.unread,
            "entries": [_shown(entry) for entry in found.entries],
        }
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    return router


def _shown(entry: Entry) -> dict[str, Any]:
    at = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds")
    return {**msgspec.structs.asdict(entry), "at": at.replace("+00:00", "Z")}
