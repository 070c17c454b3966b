"""GVR, service vårdkontakt, as the pipeline and the delivery see it."""

from collections.abc import Sequence
from typing import Any

import orjson

from adapter.domain.event import Vardhandelse
from adapter.domain.message import Found, Operation, Outcome, RegisterMessage
from adapter.domain.trace import Provenance
from adapter.errors import ConfigurationError
from adapter.registers.answers import AnswerProfile
from adapter.registers.gvr import comparison
from adapter.registers.gvr.answers import BEFORE_EFFECT, read_answer
from adapter.registers.gvr.lookup import read_lookup
from adapter.registers.gvr.members import IDENTIFICATION, LISTS, MEMBERS
from adapter.registers.gvr.render import REGISTER, VARDKONTAKT, render
from adapter.registers.names import MemberNames
from adapter.registers.protocol import (
    Answer,
    Difference,
    NaturalKey,
    Receiver,
    RegisterSettings,
    Request,
)

PATHS = {VARDKONTAKT: "/vardhandelse/besok"}
"""Where each service is reached below the register's url (assumed, from a tester's notes)."""


class GvrReceiver(Receiver):
    """Region Stockholm's Gemensamt Vårdregister over REST.

    Bodies are kept under our names; a register's own (`rename`, `paths` of the settings) are applied when a
    request is made and taken back when an answer is read. Raises ConfigurationError for a rename or path of
    something that does not exist.
    """

    name = REGISTER

    def __init__(self, settings: RegisterSettings) -> None:
        unknown = settings.paths.keys() - PATHS.keys()
        if unknown:
            raise ConfigurationError(f"registers.gvr.paths: there is no service {min(unknown)!r}")
        self._settings = settings
        self._paths = PATHS | settings.paths
        self._names = MemberNames(MEMBERS, settings.rename, "registers.gvr.rename")
        self._names.check_lists(LISTS)
        before_effect = settings.before_effect
        self._profile = AnswerProfile(
            register=REGISTER,
            before_effect=BEFORE_EFFECT if before_effect is None else frozenset(before_effect),
        )

    def services(self, event: Vardhandelse) -> Sequence[str]:  # noqa: ARG002 - the next services depend on it
        """One service in this version: its rules hold the kinds that belong to the others."""
        return (VARDKONTAKT,)

    def render(
        self,
        event: Vardhandelse,
        provenance: Provenance,
        edition: str,
        service: str,  # noqa: ARG002
    ) -> Sequence[RegisterMessage]:
        """One message for a vårdkontakt, none for anything else."""
        return render(event, provenance, edition, self._settings)

    def request(self, operation: Operation, service: str, body: dict[str, Any], key: str | None) -> Request:
        """POST creates, PUT corrects, DELETE marks as makulerad, with its input in the query."""
        path = self._paths[service]
        if operation is Operation.CANCEL:
            return Request(method="DELETE", path=path, query=self._query(body), key=key)
        content = orjson.dumps(self._names.to_register(body))
        return Request(
            method="POST" if operation is Operation.CREATE else "PUT", path=path, body=content, key=key
        )

    def lookup(self, service: str, body: dict[str, Any]) -> Request | None:
        """GET with the same query as DELETE, None when the settings name no look-up."""
        if self._settings.lookup is None or service != VARDKONTAKT:
            return None
        return Request(method="GET", path=self._settings.lookup, query=self._query(body))

    def read(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Outcome:
        """What the answer to an attempt means."""
        return read_answer(self._profile, self._names, operation, body, answer)

    def read_lookup(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Found | Outcome:
        """What the answer to a look-up says about an attempt at `operation` with `body`."""
        return read_lookup(self._profile, self._names, operation, body, answer)

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
        """The event id of another system's body."""
        return comparison.known_as(body)

    def differences(
        self,
        service: str,  # noqa: ARG002
        ours: dict[str, Any],
        theirs: dict[str, Any],
    ) -> Sequence[Difference]:
        """In which members two bodies of one contact differ."""
        return tuple(comparison.differences(ours, theirs))

    def _query(self, body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        """What names the event, groups in dot notation (published): ``enhet.inr=30216``."""
        named = {name: body[name] for name in IDENTIFICATION if name in body}
        return tuple(_dotted(self._names.to_register(named)))


def _dotted(members: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in members.items():
        if isinstance(value, dict):
            pairs.extend(_dotted(value, f"{prefix}{name}."))
        else:
            pairs.append((prefix + name, str(value)))
    return pairs
