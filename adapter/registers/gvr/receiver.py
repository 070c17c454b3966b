"""GVR with its services, as the pipeline and the delivery see it."""

from collections.abc import Sequence
from typing import Any

import orjson

from adapter.domain.event import ENCOUNTER_KINDS, Kind, Vardhandelse
from adapter.domain.message import Found, Operation, Outcome, RegisterMessage
from adapter.domain.trace import Provenance
from adapter.errors import ConfigurationError
from adapter.registers.answers import AnswerProfile
from adapter.registers.confirmations import BEFORE_EFFECT, read_answer
from adapter.registers.gvr import comparison, vardkontakt
from adapter.registers.gvr.members import LISTS, MEMBERS, SHAPE
from adapter.registers.gvr.parts import IDENTIFICATION
from adapter.registers.gvr.render import REGISTER, render
from adapter.registers.gvr.services import SERVICES, services_of
from adapter.registers.gvr.stays import other_call_first
from adapter.registers.holdings import read_lookup
from adapter.registers.names import MemberNames
from adapter.registers.protocol import (
    Answer,
    Difference,
    NaturalKey,
    Receiver,
    RegisterSettings,
    Request,
)

PATHS = {name: service.path for name, service in SERVICES.items()}
"""Where each service is reached below the register's url (assumed, from a tester's notes)."""


class GvrReceiver(Receiver):
    """Region Stockholm's Gemensamt Vårdregister over REST.

    Bodies are kept under our names; a register's own (`rename`, `paths` of the settings) are applied when a
    request is made and taken back when an answer is read. A name is renamed in all services alike. Raises
    ConfigurationError for a rename, path or service of something that does not exist.
    """

    name = REGISTER
    kinds: frozenset[Kind] = ENCOUNTER_KINDS

    def __init__(self, settings: RegisterSettings) -> None:
        unknown = settings.paths.keys() - PATHS.keys()
        if unknown:
            raise ConfigurationError(f"registers.gvr.paths: there is no service {min(unknown)!r}")
        unknown = set(settings.services or ()) - PATHS.keys()
        if unknown:
            raise ConfigurationError(f"registers.gvr.services: there is no service {min(unknown)!r}")
        self._settings = settings
        self._paths = PATHS | settings.paths
        self._names = MemberNames(MEMBERS, settings.rename, "registers.gvr.rename")
        self._names.check_lists(LISTS)
        before_effect = settings.before_effect
        self._profile = AnswerProfile(
            register=REGISTER,
            before_effect=BEFORE_EFFECT if before_effect is None else frozenset(before_effect),
        )

    def services(self, event: Vardhandelse) -> Sequence[str]:
        """The services that an event of this kind belongs to; see services.services_of."""
        return services_of(event, self._settings)

    def render(
        self, event: Vardhandelse, provenance: Provenance, edition: str, service: str
    ) -> Sequence[RegisterMessage]:
        """One message for an event of the service's kind, none for anything else."""
        return render(event, provenance, edition, self._settings, service)

    def request(self, operation: Operation, service: str, body: dict[str, Any], key: str | None) -> Request:
        """POST creates, PUT corrects, DELETE marks as makulerad, with its input in the query."""
        path = self._paths[service]
        if operation is Operation.CANCEL:
            query = tuple(_dotted(self._identification(body)))
            return Request(method="DELETE", path=path, query=query, key=key)
        content = orjson.dumps(self._names.to_register(body))
        return Request(
            method="POST" if operation is Operation.CREATE else "PUT", path=path, body=content, key=key
        )

    def lookup(self, service: str, body: dict[str, Any]) -> Request | None:
        """GET with the same query as DELETE, None when the settings name no look-up.

        The settings' path is that of the vårdkontakt; other services are asked at their own (assumed).
        """
        path = self._settings.lookup
        if path is None:
            return None
        own = path if service == vardkontakt.NAME else self._paths[service]
        return Request(method="GET", path=own, query=tuple(_dotted(self._identification(body))))

    def read(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Outcome:
        """What the answer to an attempt means."""
        waits = other_call_first(operation, body, answer)
        if waits is not None:
            return waits
        return read_answer(self._profile, SHAPE, self._names, operation, body, answer)

    def read_lookup(self, operation: Operation, body: dict[str, Any], answer: Answer) -> Found | Outcome:
        """What the answer to a look-up says about an attempt at `operation` with `body`."""
        return read_lookup(self._profile, SHAPE, self._names, operation, body, answer)

    def adopt(self, record: dict[str, Any]) -> dict[str, Any]:
        """A body as another system has sent it to the register, under our names."""
        return self._names.to_ours(record)

    def natural_key(self, service: str, body: dict[str, Any]) -> NaturalKey | None:
        """Patient, unit, date, service and time."""
        return comparison.natural_key(service, body)

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

    def _identification(self, body: dict[str, Any]) -> dict[str, Any]:
        """What names the event, under the register's names. In a query groups are in dot notation
        (published): ``enhet.inr=30216``."""
        return self._names.to_register({name: body[name] for name in IDENTIFICATION if name in body})


def _dotted(members: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in members.items():
        if isinstance(value, dict):
            pairs.extend(_dotted(value, f"{prefix}{name}."))
        else:
            pairs.append((prefix + name, str(value)))
    return pairs
