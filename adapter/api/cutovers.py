"""/api/cutovers: contacts that another system has reported, so that they are not sent once more."""

import json
from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from adapter.api.guard import OperationsGuard
from adapter.api.operations import Actor, RegisterName
from adapter.api.services import Services
from adapter.ledger.cutover import Effect
from adapter.offline import OPEN_DOOR
from adapter.shadow.cutover import Contact, fault

MOST_CONTACTS = 5000
"""Contacts of one request; a longer list comes in several."""

_FIRST = ("", "", "")


class ListedContact(BaseModel):
    """One contact; `body` is what the other system has sent of it, or a part that holds the register's id."""

    model_config = ConfigDict(extra="forbid")
    identifier: str = Field(min_length=1, max_length=1000, description="Encounter.identifier: SYSTEM|VALUE")
    body: dict[str, Any] | None = None


class NewList(Actor):
    """Contacts of one sender that another system has reported to one register."""

    register_name: RegisterName = Field(alias="register")
    sender: str = Field(min_length=1, max_length=200)
    contacts: list[ListedContact] = Field(max_length=MOST_CONTACTS)
    dry_run: bool = Field(default=False, description="say what it would do, and change nothing")


def cutovers_router(services: Services, guard: OperationsGuard) -> APIRouter:
    """The routes of the cut-over."""
    router = APIRouter(prefix="/api", tags=["go live"], dependencies=[Depends(guard)])

    @router.post("/cutovers")
    async def load(new: NewList) -> dict[str, Any]:
        """Let contacts count as accepted without sending them. Safe to repeat.

        `counts` by what it did: *accepted* (stored here, never sent: accepted now), *listed* (the first
        message that comes will count as accepted), *already*, *under-way* (the register has been asked for
        it: nothing was done), *cancelled* (the sender has cancelled it here: let it cancel once more).
        `named` names those that need somebody, `differs` the accepted ones of which the list says something
        else than we would have sent, `bad` the places of contacts that cannot be used, with why. `own_ids`
        counts those of which the list does not say by which id the register knows them: ours is assumed.
        """
        _require_sender(services, new.sender)
        contacts = [Contact(one.identifier, one.body) for one in new.contacts]
        bad = {place: why for place, one in enumerate(contacts) if (why := fault(one)) is not None}
        usable = {one.identifier: one for place, one in enumerate(contacts) if place not in bad}
        loaded = await services.cutovers.load(
            new.sender, new.register_name, list(usable.values()), new.actor, rehearse=new.dry_run
        )
        ours = [services.cutovers.assumes_our_id(new.register_name, one) for one in usable.values()]
        counts = Counter(effect.value for effect in loaded.effects.values())
        return {
            "counts": {effect.value: counts[effect.value] for effect in Effect},
            "named": {
                kind.value: [name for name, effect in loaded.effects.items() if effect is kind]
                for kind in (Effect.UNDER_WAY, Effect.CANCELLED)
            },
            "differs": list(loaded.differs),
            "duplicates": len(contacts) - len(bad) - len(usable),
            "own_ids": sum(ours),
            "bad": [{"place": place, "why": why} for place, why in bad.items()],
        }

    @router.get("/cutovers")
    async def listed(
        sender: str | None = None,
        register: RegisterName | None = None,
        used: bool | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        after: Annotated[str | None, Query(description="`next` of the page before")] = None,
    ) -> dict[str, Any]:
        """Listed contacts, with when they were loaded and when they found their message (`used`).

        `totals` counts them for each sender and register.
        """
        stored = services.cutovers.stored
        found = await stored.page(sender, register, used=used, after=_place(after), limit=limit)
        last = found[-1] if len(found) == limit else None
        following = None if last is None else [last["sender"], last["identifier"], last["register"]]
        return {
            "contacts": found,
            "next": None if following is None else json.dumps(following, ensure_ascii=False),
            "totals": await stored.counts(),
        }

    return router


def _require_sender(services: Services, sender: str) -> None:
    known = set(services.config.senders) or {OPEN_DOOR}
    if sender not in known:
        raise HTTPException(422, f"no sender of that name is configured; known: {', '.join(sorted(known))}")


def _place(after: str | None) -> tuple[str, str, str]:
    if after is None:
        return _FIRST
    try:
        sender, identifier, register = json.loads(after)
    except (ValueError, TypeError):
        raise HTTPException(422, "after is `next` of the page before") from None
    return str(sender), str(identifier), str(register)
