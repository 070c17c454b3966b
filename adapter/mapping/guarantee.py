"""The care guarantee of a contact: asks for the judgement, and says why the event says what it says."""

from msgspec.structs import replace

from adapter.domain.event import Tillgang, Vardhandelse
from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.guarantee_facts import day_of, known, paths_of
from adapter.mapping.vardgaranti import LIMIT, Answer, days_between, judge

_RETURN_VISITS = frozenset(("VG-BEDOMD", "VG-SUTURTAGNING", "VG-RECEPT", "VG-ATERBESOK"))
_Paths = tuple[str, ...]


def with_guarantee(draft: Draft, event: Vardhandelse, encounter: Node) -> Vardhandelse:
    """The event with its member `vardgaranti`, traced; may leave out a deviation that is not to be stated."""
    judgement = judge(event, known(draft, event, encounter))
    if judgement is None:
        return event
    found = judgement.guarantee
    _trace(draft, ("omfattas", "regel") if found.omfattas is not None else ("regel",), judgement.covered)
    if judgement.late:
        draft.findings.add("VG-START-SENARE", *paths_of(draft, ("tid.startdatum",)))
    if judgement.start is not None:
        _trace(draft, ("start",), judgement.start)
        _trace(draft, ("dagar", "inom"), Answer(None, "VG-DAGAR", ("vardgaranti.start", "tid.startdatum")))
    if found.omfattas is False and event.tillgang.nytt_halsoproblem is True:
        draft.findings.add(
            "VG-NYTT-MOTSAGT", *paths_of(draft, ("tillgang.nytt_halsoproblem", "vardgaranti.regel"))
        )
    event = replace(event, vardgaranti=found, tillgang=_first_or_return(draft, event, judgement.covered))
    return _without_vain_deviation(draft, event, encounter)


def _first_or_return(draft: Draft, event: Vardhandelse, covered: Answer) -> Tillgang:
    """What the judgement says of first and return visits, where neither the sender nor a code does.

    A contact that is covered is a first visit, and some rules say that it is a return visit.
    """
    access = event.tillgang
    first = True if covered.value is True else False if covered.rule in _RETURN_VISITS else None
    if access.nybesok is not None or first is None:
        return access
    origin = draft.provenance["vardgaranti.regel"]
    draft.trace("tillgang.nybesok", origin.paths, ("TG-NYBESOK-GARANTI", *origin.by))
    return replace(access, nybesok=first)


def _trace(draft: Draft, names: _Paths, answer: Answer) -> None:
    paths = (*paths_of(draft, answer.members), *answer.paths)
    members = tuple(f"vardgaranti.{name}" for name in names)
    draft.trace_alike(members, tuple(dict.fromkeys(paths)), (answer.rule, *answer.by))


def _without_vain_deviation(draft: Draft, event: Vardhandelse, encounter: Node) -> Vardhandelse:
    """No deviation is stated when the patient asked for a time within the guarantee and got a later one."""
    found = event.vardgaranti
    if found.omfattas is not True or found.inom is not False or found.start is None:
        return event
    wish, paths = _wish(draft, encounter)
    if wish is None:
        return event
    within = 0 <= days_between(found.start, wish) <= LIMIT
    if within and event.tillgang.avvikelseorsak is not None:
        draft.findings.add("VG-AVVIKELSE", *paths_of(draft, ("tillgang.avvikelseorsak",)), *paths)
        draft.provenance.pop("tillgang.avvikelseorsak", None)
        return replace(event, tillgang=replace(event.tillgang, avvikelseorsak=None))
    if not within and event.tillgang.avvikelseorsak is None:
        draft.findings.add("VG-PATIENTVALD", *paths)
    return event


def _wish(draft: Draft, encounter: Node) -> tuple[str | None, _Paths]:
    """The first day that the patient asked for: Appointment.requestedPeriod."""
    for index, reference in enumerate(encounter.resource.get("appointment", ())):
        booking = draft.bundle.resolve(reference, encounter)
        if booking is None or booking.type != "Appointment":
            continue
        wishes = [
            (day, f"{booking.path}.requestedPeriod[{number}].start")
            for number, period in enumerate(booking.resource.get("requestedPeriod", ()))
            if (day := day_of(period.get("start"))) is not None
        ]
        if wishes:
            day, path = min(wishes)
            return day, (path, *reference_paths(reference, f"{encounter.path}.appointment[{index}]"))
    return None, ()
