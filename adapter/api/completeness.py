"""POST /api/completeness: what a sender says it had, against what is here."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from adapter.api.guard import OperationsGuard
from adapter.api.operations import RegisterName
from adapter.api.services import Services
from adapter.api.shadow import Day
from adapter.domain.hsa import parse_hsa_id
from adapter.domain.kombika import parse_kombika, written
from adapter.ledger.completeness import Question

MOST_IDENTIFIERS = 200_000


def _unit(text: str) -> str:
    """A unit as events name it."""
    kombika = parse_kombika(text)
    unit = parse_hsa_id(text) or (None if kombika is None else written(kombika))
    if unit is None:
        raise ValueError("a unit is an HSA-id or a kombika")
    return unit


class Statement(BaseModel):
    """What a sender had at a unit on some dates of care: the contacts' identifiers, or how many they were."""

    model_config = ConfigDict(extra="forbid")
    sender: str = Field(min_length=1, max_length=200)
    unit: Annotated[str, AfterValidator(_unit)] = Field(
        description="HSA-id of the care unit, or its kombika where senders give no HSA-id"
    )
    since: Day = Field(alias="from", description="first date of care")
    until: Day = Field(alias="to", description="last date of care")
    register_name: RegisterName = Field(default="gvr", alias="register")
    identifiers: list[Annotated[str, StringConstraints(min_length=1, max_length=1000)]] | None = Field(
        default=None, max_length=MOST_IDENTIFIERS, description="SYSTEM|VALUE, or VALUE alone"
    )
    count: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _sound(self) -> "Statement":
        if (self.identifiers is None) == (self.count is None):
            raise ValueError("give identifiers or count")
        if self.since > self.until:
            raise ValueError("from is after to")
        return self


def completeness_router(services: Services, guard: OperationsGuard) -> APIRouter:
    """The route of the completeness."""
    router = APIRouter(prefix="/api", tags=["go live"], dependencies=[Depends(guard)])

    @router.post("/completeness")
    async def ask(said: Statement) -> dict[str, Any]:
        """How each contact that the sender had stands at the register.

        `counts` by class, `classes` names the contacts of each class but the accepted ones. *accepted*,
        *not-reported* (by a rule: `rules`) and *cancelled* are complete, all else are gaps. `elsewhere`
        were received as of another unit or day, `unlisted` are received ones that the sender does not name,
        `missing` is how many a count lacks.
        """
        question = Question(
            sender=said.sender,
            register=said.register_name,
            unit=said.unit,
            since=said.since,
            until=said.until,
            identifiers=tuple(said.identifiers or ()),
            count=said.count,
        )
        found = await services.completeness.ask(question)
        answer: dict[str, Any] = msgspec.to_builtins(found)
        return {"complete": found.complete, **answer}

    return router
