"""When the care took place: Encounter.period by the clock on the Swedish wall."""

from adapter.domain.event import Tid
from adapter.domain.localtime import LocalTime, TimeProblem, is_before, to_local
from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft

_START = ("tid.startdatum", "tid.starttid")
_END = ("tid.slutdatum", "tid.sluttid")
_BY = ("TIME-LOCAL",)


def map_time(draft: Draft, encounter: Node) -> Tid:
    """Start and end of the contact; sets the draft's date of care.

    Without a start there is no date of care, and nothing else in the bundle may stand in for it.
    """
    period = encounter.resource.get("period", {})
    path = encounter.path + ".period"
    start = _local(draft, period.get("start"), path + ".start")
    end = _local(draft, period.get("end"), path + ".end")
    if start is None:
        if "start" not in period:
            draft.findings.add("TIME-NO-DATE", encounter.path)
    else:
        draft.date = start.datum
        draft.date_paths = (path + ".start",)
        draft.trace_alike(_START if start.tid is not None else _START[:1], draft.date_paths, _BY)
    if end is not None:
        draft.trace_alike(_END if end.tid is not None else _END[:1], (path + ".end",), _BY)
        if start is not None and is_before(period["end"], period["start"]):
            draft.findings.add("TIME-ORDER", path + ".end", path + ".start")
    return Tid(
        startdatum=start.datum if start else None,
        starttid=start.tid if start else None,
        slutdatum=end.datum if end else None,
        sluttid=end.tid if end else None,
    )


def tell_ahead(draft: Draft, encounter: Node) -> None:
    """Say of a contact that has happened that it lies ahead, by more than clocks and zones can differ."""
    period = encounter.resource.get("period", {})
    for name in ("start", "end"):
        if is_ahead(draft, period.get(name)):
            draft.findings.add("TIME-AHEAD", f"{encounter.path}.period.{name}")
            return


def tell_before_birth(draft: Draft, encounter: Node, tid: Tid, born: str | None) -> None:
    """Say of a contact that it begins before the day on which the patient was born."""
    if born and tid.startdatum and tid.startdatum < born:
        draft.findings.add("TIME-BEFORE-BIRTH", f"{encounter.path}.period.start")


def is_ahead(draft: Draft, moment: str | None) -> bool:
    """Whether a moment lies after the bundle's arrival, by more than clocks and zones can differ."""
    latest = draft.context.latest
    return latest is not None and bool(moment) and is_before(latest, moment or "")


def _local(draft: Draft, value: str | None, path: str) -> LocalTime | None:
    if not value:
        return None
    found = to_local(value)
    if isinstance(found, TimeProblem):
        draft.findings.add("TIME-INCOMPLETE" if found is TimeProblem.PARTIAL else "TIME-INVALID", path)
        return None
    return found
