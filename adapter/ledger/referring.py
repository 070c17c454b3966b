"""Earlier contacts that are to be looked at again because a visit that follows on them has come or gone."""

from typing import Any

import msgspec

from adapter.errors import NotPossible
from adapter.ledger import intake
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Committed, Fact, NewEvent, NewReceipt
from adapter.ledger.sql.edits import Edits, Source
from adapter.ledger.sql.intake import Events
from adapter.ledger.sql.meetings import decide, pair, suggestions
from adapter.ledger.sql.referrals import Pending, Referrals
from adapter.ledger.sql.session import SqlSession


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """A contact's event as it is to be from now on, with the receipt of the bundle that it is read from."""

    receipt: NewReceipt
    event: NewEvent


class Referring:
    """The list of contacts to look at. Raises LedgerBusy, LedgerUnavailable."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def pending(self, limit: int) -> list[Pending]:
        """Contacts that are to be looked at again, the oldest first."""
        return await self._ledger.peek(lambda db: Referrals(db).pending(limit))

    async def sources(self, one: Pending) -> list[Source]:
        """The bundles that a contact's events (one, or a group's members) were made from."""
        return await self._ledger.read(
            lambda db: [
                source
                for event in Events(db).of_identifier(one.sender, one.contact)
                if (source := Edits(db).source(event.event_id)) is not None
            ]
        )

    async def visits(self, one: Pending) -> tuple[str, ...]:
        """The events of the visits that follow on a contact."""
        found = await self._ledger.visits(one.sender, [one.contact])
        return tuple(visit.event_id for visit in found.get(one.contact, ()))

    async def settle(self, one: Pending, visits: tuple[str, ...], again: list[Again]) -> bool:
        """Commit what has changed, and take the contact from the list, in one transaction.

        False: another visit has come or gone meanwhile, nothing was done. Raises StaleEvent when an event has
        changed since it was read.
        """
        if again:
            self._ledger.check_space()
        done = await self._ledger.write(lambda tx: _settle(tx, one, visits, again))
        registers = {register for made in again for register in made.event.decides}
        registers |= {message.register for made in again for message in made.event.messages}
        if done and registers:
            self._ledger.wake(frozenset(registers))
        return done

    async def pair_up(self, limit: int = 500) -> int:
        """Suggest what may belong together of the events that came since. Answers how many there were."""
        return await self._ledger.write(lambda tx: tx.meetings.pair_up(limit, tx.now))

    async def suggestions(self, state: str = "open", limit: int = 100) -> list[dict[str, Any]]:
        """Contacts and visits of one patient, unit and day that nothing links, the oldest first."""
        return await self._ledger.read(lambda db: suggestions(db, state, limit))

    async def link(self, contact: str, visit: str, actor: str, reason: str) -> bool:
        """Let the visit follow on the contact, as an operator says. False: there is no such suggestion.

        Raises NotPossible when it is not open.
        """
        return await self._ledger.write(lambda tx: _decide(tx, contact, visit, "linked", actor, reason))

    async def dismiss(self, contact: str, visit: str, actor: str, reason: str) -> bool:
        """Say that they do not belong together: it is not suggested again. As `link`."""
        return await self._ledger.write(lambda tx: _decide(tx, contact, visit, "dismissed", actor, reason))


def _decide(tx: SqlSession, contact: str, visit: str, state: str, actor: str, reason: str) -> bool:
    found = pair(tx.db, contact, visit)
    if found is None:
        return False
    if found.state != "open":
        raise NotPossible(f"The suggestion is not open: it is {found.state}.")
    if state == "linked":
        if found.facts is None:
            raise NotPossible("The visit has changed or was cancelled since.")
        tx.referrals.link(found.sender, found.identifier, found.facts, tx.now)
    decide(tx.db, found, state, actor, reason)
    detail = {"event": contact, "visit": visit, "actor": actor, "reason": reason}
    tx.trail.add(Fact(f"referral-{state}", detail=detail))
    return True


def _settle(tx: SqlSession, one: Pending, visits: tuple[str, ...], again: list[Again]) -> bool:
    if not tx.referrals.done(one, visits):
        return False
    for made in again:
        committed = intake.commit(tx, made.receipt, (made.event,), _no_answer)
        detail = {"event": made.event.event_id, "visits": list(visits)}
        tx.trail.add(Fact("referral", detail=detail), receipt_id=committed.receipt_id)
    return True


def _no_answer(committed: Committed) -> bytes:  # noqa: ARG001 - nobody asked
    return b""
