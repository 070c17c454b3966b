"""Builds that are broken on purpose: each function breaks the service in whose process it is called."""

import asyncio
from typing import Any

from msgspec.structs import replace

from adapter import intake as taking
from adapter.delivery.sending import Sender
from adapter.domain.message import OutcomeClass
from adapter.ledger import claiming, intake, settlement
from adapter.ledger import lane as machine
from adapter.ledger.audit import GENESIS
from adapter.ledger.lane import effects, leasing, planning, resolving, settling
from adapter.ledger.ledger import Ledger
from adapter.ledger.model import Committed, MessageState
from adapter.ledger.sql import lanes as lane_tables
from adapter.ledger.sql.tally import Tally
from adapter.ledger.sql.trail import Trail


def sends_before_the_attempt_is_committed() -> None:
    """What such a service has sent, it does not find after a crash, and sends again."""
    claiming.machine.take_over = lambda before, attempt, abilities, now: (  # type: ignore[attr-defined]
        machine.withdraw(before, attempt, now)
    )


def answers_before_the_commit() -> None:
    commit = Ledger.commit

    async def answer_first(self: Ledger, receipt: Any, events: Any, answer: Any) -> Committed:
        committed = Committed(receipt_id=0, dispositions={event.event_id: "stored" for event in events})
        answer(committed)

        async def later() -> None:
            await asyncio.sleep(0.2)
            await commit(self, receipt, events, answer)

        self.__dict__.setdefault("later", []).append(asyncio.create_task(later()))
        return committed

    Ledger.commit = answer_first  # type: ignore[method-assign]


def resends_blindly_what_is_unknown() -> None:
    doubt = leasing.doubt

    def not_in_doubt(turn: Any, message: Any, cause: str) -> Any:
        return turn.move(doubt(turn, message, cause), MessageState.WAITING)

    settling.doubt = not_in_doubt  # type: ignore[attr-defined]


def takes_silence_for_success() -> None:
    deliver = Sender.deliver

    async def hopeful(self: Sender, work: Any, lease_ends: float) -> Any:
        answer, outcome = await deliver(self, work, lease_ends)
        if outcome.kind is OutcomeClass.UNKNOWN:
            outcome = replace(outcome, kind=OutcomeClass.ACCEPTED)
        return answer, outcome

    Sender.deliver = hopeful  # type: ignore[method-assign]


def sends_the_newest_first() -> None:
    lane_tables._OPEN = lane_tables._OPEN.replace("ORDER BY seq", "ORDER BY seq DESC")


def forgets_what_was_accepted() -> None:
    takes_effect = effects.takes_effect

    def forgetful(turn: Any, message: Any, attempt: Any) -> None:
        takes_effect(turn, message, attempt)
        turn.change(accepted=None)

    settling.takes_effect = forgetful  # type: ignore[attr-defined]
    resolving.takes_effect = forgetful  # type: ignore[attr-defined]


def lets_old_versions_in() -> None:
    intake.disposition_of = lambda event, known: "stored"


def takes_lanes_from_living_workers() -> None:
    """Leases run out while requests are under way, and what is not there yet is believed never to come."""
    _shorten_leases()
    planning.quiet_at = lambda attempt, abilities: 0.0
    resolving.quiet_at = lambda attempt, abilities: 0.0  # type: ignore[attr-defined]


def settles_without_the_token() -> None:
    """Leases run out early here too: only then somebody settles who does not hold the lane."""
    _shorten_leases()
    settlement.holds = lambda standing, work: bool(standing.open)


def keeps_bad_books() -> None:
    """Forgets the end of the audit trail, counts lanes wrong, and does not know what it has taken."""
    reload = Trail.reload

    def forgetful(self: Trail) -> None:
        reload(self)
        self._head = self._undo = (self._head[0], GENESIS)

    Trail.reload = forgetful  # type: ignore[method-assign]
    Tally.move = lambda *_: None  # type: ignore[method-assign, assignment]
    taking._same_body = lambda *_: False


def _shorten_leases() -> None:
    Sender.lease = property(lambda _: 0.2)  # type: ignore[method-assign, assignment]
    Sender.may_send = lambda *_: True  # type: ignore[method-assign, assignment]
