"""SIGN-e, as the pipeline and the delivery see it: records in files, with a pseudonym for a name."""

from collections.abc import Sequence
from typing import Any

from adapter.domain.event import Kind, Vardhandelse
from adapter.domain.message import Operation, RegisterMessage
from adapter.domain.trace import Provenance
from adapter.errors import ConfigurationError
from adapter.registers.files.receiver import FileReceiver
from adapter.registers.names import MemberNames
from adapter.registers.protocol import RegisterSettings
from adapter.registers.signe.members import LISTS, MEMBERS, NAMING
from adapter.registers.signe.pseudonym import fresh_key
from adapter.registers.signe.render import REGISTER, VARDKONTAKT, render


class SigneReceiver(FileReceiver):
    """SKR's follow-up of access. Bodies are kept under our names; `rename` is applied when a file is written.

    Without a key in the settings pseudonyms are made with a fresh one. Raises ConfigurationError for a rename
    of something that does not exist, and for paths or a transport that it does not have.
    """

    name = REGISTER
    kinds: frozenset[Kind] = frozenset({"vardkontakt"})
    needs_identity = False

    def __init__(self, settings: RegisterSettings) -> None:
        if settings.paths:
            raise ConfigurationError("registers.signe.paths: there are no paths, it gets files")
        self._key = settings.pseudonym_key or fresh_key()
        self._names = MemberNames(MEMBERS, settings.rename, "registers.signe.rename")
        self._names.check_lists(LISTS)

    def services(self, event: Vardhandelse) -> Sequence[str]:  # noqa: ARG002 - one service for all events
        """One service; its rules tell which events are for nobody."""
        return (VARDKONTAKT,)

    def render(
        self,
        event: Vardhandelse,
        provenance: Provenance,
        edition: str,
        service: str,  # noqa: ARG002
    ) -> Sequence[RegisterMessage]:
        """One record for each of the staff of a vårdkontakt."""
        return render(event, provenance, edition, self._key)

    def record(self, body: dict[str, Any]) -> str:
        """The pseudonym is the record's key."""
        return str(body.get("kontaktId", ""))

    def line(self, operation: Operation, body: dict[str, Any]) -> dict[str, Any]:
        """What stands in the file; of a record that is withdrawn only what names it (assumed)."""
        if operation is Operation.CANCEL:
            body = {name: body[name] for name in NAMING if name in body}
        return self._names.to_register(body)
