"""What today's rules, maps and tables make of a lane's front message. Pure but for a memory of one bundle."""

from collections.abc import Callable

import msgspec

from adapter.ledger.envelope import EnvelopeError, open_envelope
from adapter.ledger.model import MessageState, NewEvent, NewMessage
from adapter.ledger.remapping import Remapping, rendering
from adapter.ledger.sql.renderings import Origin
from adapter.mapping.context import MappingContext
from adapter.recording import Followed, Recorder, fingerprint
from adapter.referrals.matching import names, translate
from adapter.translation import Contact, Translation, Translator


class Remade(msgspec.Struct, frozen=True, kw_only=True):
    """A front message made anew: what it would say, and what is to be written for that."""

    made: NewMessage
    asked: Remapping

    @property
    def event(self) -> NewEvent:
        """The event as today's translation gives it."""
        return self.asked.event

    @property
    def fingerprint(self) -> str:
        """Equal for equal results: whether a plan still holds when it is run."""
        made = self.made
        return fingerprint([made.intent, made.content, made.identity, made.held, made.service, made.slot])


class Obstacle(msgspec.Struct, frozen=True):
    """Why a front message is left as it is; `why` is a key of adapter.replay.texts."""

    why: str


class Remaker:
    """Translates received bytes again. `contexts` gives the mapping context of a sender by its name."""

    def __init__(
        self, translator: Translator, recorder: Recorder, contexts: Callable[[str], MappingContext]
    ) -> None:
        self._translator = translator
        self._recorder = recorder
        self._contexts = contexts
        self._newest: tuple[tuple[str, int, Followed], Translation | None] = (("", 0, {}), None)

    def remake(self, origin: Origin) -> Remade | Obstacle:
        """Make the message anew; an obstacle where that is not possible, or changes nothing."""
        front = origin.message
        if front.state in (MessageState.SENDING, MessageState.UNKNOWN):
            return Obstacle("in-doubt")
        found = self._contact(origin)
        if isinstance(found, Obstacle):
            return found
        event = self._recorder.version(
            found, origin.sender, origin.revision, followed_by=names(origin.visits)
        )
        made = rendering(origin.standing.lane, front, event)
        if made is None:
            return Obstacle("not-decided")
        return Remade(
            made=made,
            asked=Remapping(
                lane_id=origin.standing.lane.id,
                message_id=front.id,
                event=event,
                receipt_id=origin.receipt_id,
            ),
        )

    def _contact(self, origin: Origin) -> Contact | Obstacle:
        if origin.payload is None:
            return Obstacle("not-kept")
        try:
            translation = self._translation(origin, origin.payload)
        except EnvelopeError:
            return Obstacle("damaged")
        if translation is None:
            return Obstacle("refused")
        event_id = origin.message.event_id
        for contact in translation.contacts:
            if contact.mapped.event.event_id == event_id:
                return contact
        return Obstacle("not-in-bundle" if translation.contacts else "refused")

    def _translation(self, origin: Origin, payload: bytes) -> Translation | None:
        """The bundle's translation; the lanes of one bundle mostly come one after the other."""
        known, newest = self._newest
        followed = {origin.identifier: origin.visits} if origin.visits else {}
        asked = (self._translator.version, origin.receipt_id, followed)
        if known == asked:
            return newest
        reading = self._translator.read(open_envelope(payload))
        translation = None
        if reading.bundle is not None:
            translation = translate(self._translator, reading, self._contexts(origin.sender), followed)
        self._newest = (asked, translation)
        return translation
