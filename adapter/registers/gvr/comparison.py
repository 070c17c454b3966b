"""Bodies of two systems about one contact: which belong together, and in what they differ.

The other system's bodies come with its own event ids, so that contacts are found by what they are: patient,
unit, date and time. What is told of a difference holds no patient data: codes, and names of members.
"""

import re
from collections.abc import Iterator
from typing import Any

from adapter.domain.kombika import parse_kombika
from adapter.domain.message import RegisterMessage
from adapter.registers.gvr.equality import is_given, same
from adapter.registers.gvr.members import CONTENT, IDENTIFICATION
from adapter.registers.gvr.render import REGISTER, VARDKONTAKT, fingerprint
from adapter.registers.protocol import Difference, NaturalKey

_PARTS = ("inr", "klin", "avd")
_CODED = ("besokTyp", "taxa", "akut", "vardgivare", "diagnoser", "atgarder")
_CODE = re.compile(r"[A-ZÅÄÖ0-9.+-]{1,7}", re.IGNORECASE)
_KNOWN = frozenset((*IDENTIFICATION, *CONTENT))
OTHER_MEMBERS = "(other members)"
"""Stands for members that we do not know: their names come from elsewhere and might say anything."""


def natural_key(body: dict[str, Any]) -> NaturalKey | None:
    """Patient, kombika, date and time as letters and digits; the time is empty where it is not known."""
    patient, datum = _letters(body.get("patientId")), _digits(body.get("datum"))[:8]
    unit = kombika_of(body.get("enhet"))
    if not patient or parse_kombika(unit) is None or len(datum) != len("YYYYMMDD"):
        return None
    return patient, unit, datum, _digits(body.get("tid"))[:4]


def reported(body: dict[str, Any], event_id: str) -> RegisterMessage:
    """The message that another system's body stands for, as the report of our event, under its id.

    Raises ValueError when the body does not name a contact.
    """
    key = natural_key(body)
    if key is None:
        raise ValueError("patientId, enhet and datum are needed to name a contact")
    patient, unit, datum, _ = key
    return RegisterMessage(
        register=REGISTER,
        service=VARDKONTAKT,
        slot=event_id,
        event_id=event_id,
        intent="report",
        body={**body, "handelseId": event_id},
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
    """In which members beside the event's id two bodies of one contact differ."""
    for name in (*IDENTIFICATION[1:], *CONTENT):
        if not _same(name, ours.get(name), theirs.get(name)):
            coded = name in _CODED
            yield Difference(
                name, _codes(ours.get(name)) if coded else None, _codes(theirs.get(name)) if coded else None
            )
    if any(is_given(value) for name, value in theirs.items() if name not in _KNOWN):
        yield Difference(OTHER_MEMBERS)


def kombika_of(enhet: Any) -> str:
    """A kombika as one text: from its parts, or as it is written."""
    if isinstance(enhet, dict):
        return "".join(_letters(enhet.get(part)) for part in _PARTS)
    return _letters(enhet)


def _same(name: str, ours: Any, theirs: Any) -> bool:
    if name in ("enhet", "remittent"):
        return kombika_of(ours) == kombika_of(theirs)
    if name == "tid":
        return _digits(ours)[:4] == _digits(theirs)[:4]
    return same(ours, theirs)


def _codes(value: Any) -> str:
    """The codes of a member, in order; what does not look like a code is not repeated."""
    if isinstance(value, list):
        return ", ".join(_codes(item.get("kod") if isinstance(item, dict) else item) for item in value) or "-"
    if not is_given(value):
        return "-"
    text = str(value).strip()
    return text if _CODE.fullmatch(text) else "(no code)"


def _letters(value: Any) -> str:
    return "".join(sign for sign in str(value).upper() if sign.isalnum()) if is_given(value) else ""


def _digits(value: Any) -> str:
    return "".join(sign for sign in str(value) if sign in "0123456789") if is_given(value) else ""
