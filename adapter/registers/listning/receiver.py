"""The region's listing service, as the pipeline and the delivery see it: a file with one row per patient."""

from collections.abc import Sequence
from typing import Any

from adapter.domain.event import Kind, Vardhandelse
from adapter.domain.message import Operation, RegisterMessage
from adapter.domain.trace import Provenance
from adapter.errors import ConfigurationError
from adapter.registers.files.receiver import FileReceiver
from adapter.registers.listning.layout import ListningLayout
from adapter.registers.listning.render import FAST_LAKARKONTAKT, REGISTER, render, slot
from adapter.registers.protocol import NaturalKey, RegisterSettings


class ListningReceiver(FileReceiver):
    """Fast läkarkontakt (VGR). Raises ConfigurationError for a rename or path that does not exist."""

    name = REGISTER
    kinds: frozenset[Kind] = frozenset({"fast_lakarkontakt"})
    hidden_member = "patientId"

    def __init__(self, settings: RegisterSettings) -> None:
        if settings.paths:
            raise ConfigurationError("registers.listning.paths: there are no paths, it gets files")
        ListningLayout(settings.rename)
        self._naming = settings.naming

    def services(self, event: Vardhandelse) -> Sequence[str]:  # noqa: ARG002 - one service for all events
        """One service; its rules tell which events are for nobody."""
        return (FAST_LAKARKONTAKT,)

    def render(
        self,
        event: Vardhandelse,
        provenance: Provenance,
        edition: str,
        service: str,  # noqa: ARG002
    ) -> Sequence[RegisterMessage]:
        """One message for a fast läkarkontakt, none for anything else."""
        return render(event, provenance, edition, self._naming)

    def record(self, body: dict[str, Any]) -> str:
        """The patient's lane: the record is the patient's one link."""
        return slot(self._naming, str(body.get("patientId", "")))

    def line(self, operation: Operation, body: dict[str, Any]) -> dict[str, Any]:
        """The row's members; a link that is withdrawn is a row without a physician (assumed)."""
        if operation is Operation.CANCEL:
            return {name: body[name] for name in ("patientId", "fran") if name in body}
        return body

    def natural_key(self, service: str, body: dict[str, Any]) -> NaturalKey | None:  # noqa: ARG002
        """The patient and the day from which; a link has no unit and no time of day."""
        patient, since = body.get("patientId"), body.get("fran")
        return (str(patient), "", str(since).replace("-", ""), "") if patient and since else None
