"""Sending one attempt: check the lease, send, read the answer. Only what was surely not sent goes again."""

import asyncio
from collections.abc import Callable

import structlog
import tenacity

from adapter.delivery.framing import json_body, request_of
from adapter.domain.message import Found, Outcome, OutcomeClass
from adapter.ledger.protocol import Work
from adapter.registers.protocol import Answer, Receiver, Transport

MARGIN = 5.0
"""Seconds that a lease outlives the time-out of a request that was begun at the last allowed moment."""

_log = structlog.get_logger("vardbro.delivery")


class Sender:
    """Sends attempts to one register. `now` is a monotonic clock in seconds."""

    def __init__(
        self, receiver: Receiver, transport: Transport, *, timeout: float, now: Callable[[], float]
    ) -> None:
        self._receiver, self._transport = receiver, transport
        self._timeout = timeout
        self._now = now
        self._again = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(lambda got: got[1].kind is OutcomeClass.NOT_SENT),
            stop=tenacity.stop_after_attempt(3),
            wait=tenacity.wait_random_exponential(multiplier=0.05, max=0.4),
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )

    @property
    def lease(self) -> float:
        """Seconds that a lane is to be leased for."""
        return self._timeout + 2 * MARGIN

    def may_send(self, lease_ends: float) -> bool:
        """Whether a request begun now ends safely before the lease does. To be asked just before sending."""
        return lease_ends - self._now() >= self._timeout + MARGIN

    async def deliver(self, work: Work, lease_ends: float) -> tuple[Answer, Outcome]:
        """Send an attempt; inside a second again while it certainly was not sent and the lease allows it."""
        got = await self._deliver_once(work)
        if got[1].kind is not OutcomeClass.NOT_SENT:
            return got

        async def once_more() -> tuple[Answer, Outcome]:
            return await self._deliver_once(work) if self.may_send(lease_ends) else got

        again: tuple[Answer, Outcome] = await self._again(once_more)
        return again

    async def look_up(self, work: Work) -> tuple[Answer, Found | Outcome]:
        """Ask what the register holds. An Outcome: it did not answer the question, or did not get it."""
        answer = await self._send(work)
        found: Found | Outcome
        try:
            found = self._receiver.read_lookup(work.attempt.operation, json_body(work.body), answer)
        except Exception as error:  # noqa: BLE001  (an answer that our reading trips over tells nothing)
            _log.error("look-up not read", lane=work.lane.id, error=type(error).__name__)
            found = Found.UNREADABLE
        return answer, found

    async def _deliver_once(self, work: Work) -> tuple[Answer, Outcome]:
        answer = await self._send(work)
        try:
            outcome = self._receiver.read(work.attempt.operation, json_body(work.body), answer)
        except Exception as error:  # noqa: BLE001  (sent, and whatever was answered is in doubt)
            _log.error("answer not read", lane=work.lane.id, error=type(error).__name__)
            outcome = Outcome(kind=OutcomeClass.UNKNOWN, cause="answer-not-read")
        return answer, outcome

    async def _send(self, work: Work) -> Answer:
        """One request, bounded in time even if the transport's own time-outs fail to end it."""
        try:
            async with asyncio.timeout(self._timeout + MARGIN / 2):
                return await self._transport.send(request_of(work.attempt.request))
        except TimeoutError:
            return Answer(failure="read-timeout")
        except Exception as error:  # noqa: BLE001  (transports answer failures; this one may be sent)
            _log.error("transport raised", lane=work.lane.id, error=type(error).__name__)
            return Answer(failure="protocol")


Errand = tuple[Work, float]
"""A claimed attempt and the monotonic time at which its lease ends."""
