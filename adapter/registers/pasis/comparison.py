"""Bodies of two systems about one contact: which belong together, and in what they differ.

What is told of a difference holds no patient data: codes, and names of members.
"""

from collections.abc import Iterator
from typing import Any

from adapter.domain.hsa import parse_hsa_id
from adapter.domain.message import RegisterMessage
from adapter.registers.equality import is_given, same
from adapter.registers.pasis.members import CONTENT, IDENTIFICATION, SHAPE
from adapter.registers.pasis.render import REGISTER, VARDKONTAKT, fingerprint
from adapter.registers.protocol import Difference, NaturalKey
from adapter.registers.spelling import codes, digits, letters

OTHER_MEMBERS = "(other members)"
"""Stands for members that we do not know: their names come from elsewhere and might say anything."""

_CODED = ("yrkeskategori", "diagnoser", "kva")
_DATE = 8


def natural_key(body: dict[str, Any]) -> NaturalKey | None:
    """Patient, the unit's HSA-id, date and time; the time is empty where it is not known."""
    patient, day = letters(body.get("patientId")), digits(body.get("datum"))[:_DATE]
    unit = parse_hsa_id(str(body.get("enhet") or ""))
    if not patient or unit is None or len(day) != _DATE:
        return None
    return patient, unit, day, digits(body.get("tid"))[:4]


def reported(body: dict[str, Any], event_id: str) -> RegisterMessage:
    """The message that another system's body stands for, as the report of our event, under its id.

    Raises ValueError when the body does not name a contact.
    """
    key = natural_key(body)
    if key is None:
        raise ValueError("patientId, enhet and datum are needed to name a contact")
    patient, unit, day, _ = key
    return RegisterMessage(
        register=REGISTER,
        service=VARDKONTAKT,
        slot=event_id,
        event_id=event_id,
        intent="report",
        body={**body, "kontaktId": event_id},
        identity=fingerprint(event_id, patient, unit),
        unit=unit,
        edition="",
        care_date=f"{day[:4]}-{day[4:6]}-{day[6:]}",
    )


def known_as(body: dict[str, Any]) -> dict[str, Any]:
    """The id that the other system has given to the contact."""
    given = body.get("kontaktId")
    return {"kontaktId": given} if isinstance(given, str) and given else {}


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
    """In which members beside the contact's id two bodies of one contact differ."""
    for name in (*IDENTIFICATION[1:], *CONTENT):
        if not same(ours.get(name), theirs.get(name), SHAPE.inner):
            coded = name in _CODED
            yield Difference(
                name, codes(ours.get(name)) if coded else None, codes(theirs.get(name)) if coded else None
            )
    if any(is_given(value) for name, value in theirs.items() if name not in SHAPE.record):
        yield Difference(OTHER_MEMBERS)
