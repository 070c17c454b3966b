"""PASiS, as the pipeline and the delivery see it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import orjson

from adapter.domain.event import Kind, Vardhandelse
from adapter.domain.message import Found, Operation, Outcome, RegisterMessage
from adapter.domain.trace import Provenance
from adapter.errors import ConfigurationError
from adapter.registers.answers import AnswerProfile
from adapter.registers.confirmations import BEFORE_EFFECT, read_answer
from adapter.registers.holdings import read_lookup
from adapter.registers.names import MemberNames
from adapter.registers.pasis import comparison
from adapter.registers.pasis.members import LISTS, MEMBERS, SHAPE
from adapter.registers.pasis.render import REGISTER, VARDKONTAKT, render
from adapter.registers.protocol import Answer, Difference, NaturalKey, Receiver, RegisterSettings, Request

PATHS = {VARDKONTAKT: "/vardkontakter"}
"""Where the contacts are below the register's url (assumed); a contact is at its id below that."""


class PasisReceiver(Receiver):
    """Region Skåne's PASiS over REST; the interface is not public, so that all of it is assumed.

    Bodies are kept under our names; a register's own (`rename`, `paths` of the settings) are applied when a
    request is made and taken back when an answer is read. Raises ConfigurationError for a rename or path of
    something that does not exist.
    """

    name = REGISTER
    kinds: frozenset[Kind] = frozenset({"vardkontakt"})

    def __init__(self, settings: RegisterSettings) -> None:
        unknown = settings.paths.keys() - PATHS.keys()
        if unknown:
            raise ConfigurationError(f"registers.pasis.paths: there is no service {min(unknown)!r}")
        self._paths = PATHS | settings.paths
        self._lookup = settings.lookup
        self._names = MemberNames(MEMBERS, settings.rename, "registers.pasis.rename")
        self._names.check_lists(LISTS)
        before_effect = settings.before_effect
        self._profile = AnswerProfile(
            register=REGISTER,
            before_effect=BEFORE_EFFECT if before_effect is None else frozenset(before_effect),
        )

    def services(self, event: Vardhandelse) -> Sequence[str]:  # noqa: ARG002 - one service takes all
        """One service; its rules say which kinds of event are not for PASiS."""
        return (VARDKONTAKT,)

    def render(
        self,
        event: Vardhandelse,
        provenance: Provenance,
        edition: str,
        service: str,  # noqa: ARG002
    ) -> Sequence[RegisterMessage]:
        """One message for a vårdkontakt, none for anything else."""
        return render(event, provenance, edition)

    def request(self, operation: Operation, service: str, body: dict[str, Any], key: str | None) -> Request:
        """POST creates, PUT corrects, DELETE withdraws, all at the contact's own address."""
        path = _at(self._paths[service], body)
        if operation is Operation.CANCEL:
            return Request(method="DELETE", path=path, key=key)
        content = orjson.dumps(self._names.to_register(body))
        return Request(
            method="POST" if operation is Operation.CREATE else "PUT", path=path, body=content, key=key
        )

    def lookup(self, service: str, body: dict[str, Any]) -> Request | None:  # noqa: ARG002
        """GET of the contact's address below the setting `lookup`, None when there is none."""
        return None if self._lookup is None else Request(method="GET", path=_at(self._lookup, body))

    def read(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Outcome:
        """What the answer to an attempt means."""
        return read_answer(self._profile, SHAPE, self._names, operation, body, answer)

    def read_lookup(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Found | Outcome:
        """What the answer to a look-up says about an attempt at `operation` with `body`."""
        return read_lookup(self._profile, SHAPE, self._names, operation, body, answer)

    def adopt(self, record: dict[str, Any]) -> dict[str, Any]:
        """A body as another system has sent it to the register, under our names."""
        return self._names.to_ours(record)

    def natural_key(self, service: str, body: dict[str, Any]) -> NaturalKey | None:  # noqa: ARG002
        """Patient, unit, date and time."""
        return comparison.natural_key(body)

    def reported(self, body: dict[str, Any], event_id: str) -> RegisterMessage:
        """The message that another system's body stands for."""
        return comparison.reported(body, event_id)

    def known_as(self, body: dict[str, Any]) -> dict[str, Any]:
        """The contact id of another system's body."""
        return comparison.known_as(body)

    def differences(
        self,
        service: str,  # noqa: ARG002
        ours: dict[str, Any],
        theirs: dict[str, Any],
    ) -> Sequence[Difference]:
        """In which members two bodies of one contact differ."""
        return tuple(comparison.differences(ours, theirs))


def _at(path: str, body: dict[str, Any]) -> str:
    """The address of a body's contact; an id of another system may hold anything."""
    return f"{path.rstrip('/')}/{quote(str(body['kontaktId']), safe='')}"
