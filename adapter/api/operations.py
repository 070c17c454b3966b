"""/api: what operators and their scripts see and do. Answers hold states and causes, no patient data."""

import time
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from adapter.api.filters import lane_filter
from adapter.api.services import OperationsLedger
from adapter.config.model import REGISTERS
from adapter.domain.message import Found
from adapter.errors import EditConflict, LedgerBusy, LedgerError, LedgerUnavailable
from adapter.ledger.model import LaneState, MessageState

_JSON = "application/json"


class Reason(BaseModel):
    """Why an operator does it; kept in the audit trail. Must not hold patient data."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=3, max_length=500)


class Settlement(Reason):
    """What an operator found out about an unknown outcome: the register has the effect, or has it not."""

    outcome: Literal["accepted", "absent"]


class Listing:
    """The query parameters that lists share."""

    def __init__(
        self,
        state: str | None = None,
        register: str | None = None,
        lane: Annotated[str | None, Query(description="slot of the lane")] = None,
        since: Annotated[str | None, Query(description="date, date-time, or a duration ago: 2h")] = None,
        limit: int = 100,
        after: Annotated[int, Query(description="`next` of the page before")] = 0,
    ) -> None:
        self.given = {
            "state": state,
            "register": register,
            "lane": lane,
            "since": since,
            "limit": limit,
            "after": after,
        }
