"""Bodies of two systems about one event: which belong together, and in what they differ.

The other system's bodies come with its own event ids, so that events are found by what they are: patient,
unit, date, service and time. What is told of a difference holds no patient data: codes, and names of members.
"""

from collections.abc import Iterator
from typing import Any

from adapter.domain.kombika import parse_kombika
from adapter.domain.message import RegisterMessage
from adapter.registers.equality import is_given, same
from adapter.registers.gvr.members import CODED, CONTENT, SHAPE, TIMES, UNITS
from adapter.registers.gvr.parts import IDENTIFICATION
from adapter.registers.gvr.render import REGISTER, fingerprint
from adapter.registers.gvr.services import SAID, service_of
from adapter.registers.protocol import Difference, NaturalKey
from adapter.registers.spelling import codes, digits, letters

_PARTS = ("inr", "klin", "avd")
_KNOWN = frozenset((*IDENTIFICATION, *CONTENT, SAID))
OTHER_MEMBERS = "(other members)"
"""Stands for members that we do not know: their names come from elsewhere and might say anything."""


def natural_key(service: str, body: dict[str, Any]) -> NaturalKey | None:
    """Patient, kombika, date, service and time, values as letters and digits; the time is empty where it is
    not known. An empty `service` is read off the body."""
    patient, datum = letters(body.get("patientId")), digits(body.get("datum"))[:8]
    unit = kombika_of(body.get("enhet"))
    if not patient or parse_kombika(unit) is None or len(datum) != len("YYYYMMDD"):
        return None
    return patient, unit, datum, service or service_of(body), digits(body.get("tid"))[:4]


def reported(body: dict[str, Any], event_id: str) -> RegisterMessage:
    """The message that another system's body stands for, as the report of our event, under its id.

    Raises ValueError when the body does not name an event.
    """
    key = natural_key("", body)
    if key is None:
        raise ValueError("patientId, enhet and datum are needed to name a contact")
    patient, unit, datum, service, _ = key
    said = {name: value for name, value in body.items() if name != SAID}
    return RegisterMessage(
        register=REGISTER,
        service=service,
        slot=event_id,
        event_id=event_id,
        intent="report",
        body={**said, "handelseId": event_id},
        identity=fingerprint(event_id, patient, unit),
        unit=unit,
        edition="",
        care_date=f"{datum[:4]}-{datum[4:6]}-{datum[6:]}",
    )


def known_as(body: dict[str, Any]) -> dict[str, Any]:
    """The id that the other system has given to the event."""
    given = body.get("handelseId")
    return {"handelseId": given} if isinstance(given, str) and given else {}


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
    """In which members beside the event's id two bodies of one event differ."""
    for name in (*IDENTIFICATION[1:], *CONTENT):
        if not _same(name, ours.get(name), theirs.get(name)):
            coded = name in CODED
            yield Difference(
                name, codes(ours.get(name)) if coded else None, codes(theirs.get(name)) if coded else None
            )
    if any(is_given(value) for name, value in theirs.items() if name not in _KNOWN):
        yield Difference(OTHER_MEMBERS)


def kombika_of(enhet: Any) -> str:
    """A kombika as one text: from its parts, or as it is written."""
    if isinstance(enhet, dict):
        return "".join(letters(enhet.get(part)) for part in _PARTS)
    return letters(enhet)


def _same(name: str, ours: Any, theirs: Any) -> bool:
    if name in UNITS:
        return kombika_of(ours) == kombika_of(theirs)
    if name in TIMES:
        return digits(ours)[:4] == digits(theirs)[:4]
    return same(ours, theirs, SHAPE.inner)
