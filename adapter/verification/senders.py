"""The senders: they report contacts at the same time, and send again what was not acknowledged."""

import asyncio
import random
from collections import deque
from collections.abc import Iterator

import httpx
import orjson

from adapter.submission.answer import event_ids
from adapter.verification.contacts import Version, bundle, key_of, life
from adapter.verification.notes import Notes

AGAIN = frozenset({408, 429, 503})
"""Answers after which the same bundle is sent again."""

_PAUSE = 0.02
_REMEMBERED = 20
_TWICE, _LATE = 0.03, 0.06
_ANSWER_WITHIN = 10.0


class Sender:
    """One sending system. It has a number of contacts under way; each of them it reports in order.

    Now and then it sends a version twice at once, or one that newer ones have followed, as networks do.
    """

    def __init__(self, name: str, contacts: int, notes: Notes, url: str, chance: random.Random) -> None:
        self._name = name
        self._notes = notes
        self._chance = chance
        self._begun = 0
        self._under_way = [self._begin() for _ in range(contacts)]
        self._newest: dict[int, Version] = {}
        self._earlier: deque[Version] = deque(maxlen=_REMEMBERED)
        self._stopping = asyncio.Event()
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Content-Type": "application/fhir+json"},
            timeout=_ANSWER_WITHIN,
            trust_env=False,
        )

    async def run(self) -> None:
        """Report until stopped; what was begun then is sent until it is acknowledged."""
        async with self._http:
            while not self._stopping.is_set():
                await self._report_one()
                await asyncio.sleep(self._chance.random() * _PAUSE)

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping.set()

    def _begin(self) -> Iterator[Version]:
        self._begun += 1
        return life(f"{self._name}-{self._begun}", self._chance)

    def _end(self, place: int) -> None:
        """Let a new contact take the place of one that there is no more to say of."""
        self._under_way[place] = self._begin()
        self._newest.pop(place, None)

    async def _report_one(self) -> None:
        place = self._chance.randrange(len(self._under_way))
        version = next(self._under_way[place], None)
        if version is None:
            self._end(place)
            return
        self._notes.send(version)
        twice = self._chance.random() < _TWICE
        taken = await asyncio.gather(*(self._deliver(version) for _ in range(2 if twice else 1)))
        if not all(taken):
            self._end(place)
            return
        if self._earlier and self._chance.random() < _LATE:
            self._notes.resend()
            await self._post(self._chance.choice(self._earlier))
        if place in self._newest:
            self._earlier.append(self._newest[place])
        self._newest[place] = version

    async def _deliver(self, version: Version) -> bool:
        """Send one version until it is acknowledged; False when it was refused for good."""
        while True:
            answer = await self._post(version)
            if answer is not None and answer.status_code == 200:
                return self._taken(version, answer)
            if answer is not None and answer.status_code not in AGAIN:
                self._notes.refuse(version, f"answer {answer.status_code}")
                return False
            self._notes.resend()
            await asyncio.sleep(_PAUSE)

    def _taken(self, version: Version, answer: httpx.Response) -> bool:
        """Note a 200, if it names the event that it is the receipt of."""
        events = event_ids(orjson.loads(answer.content))
        if len(events) != 1:
            self._notes.refuse(version, f"answer 200 that names {len(events)} events")
            return False
        self._notes.acknowledge(version, events[0])
        return True

    async def _post(self, version: Version) -> httpx.Response | None:
        """Send once; None when no answer came."""
        try:
            return await self._http.post(
                "/fhir", content=bundle(version), headers={"Idempotency-Key": key_of(version)}
            )
        except httpx.TransportError:
            return None
