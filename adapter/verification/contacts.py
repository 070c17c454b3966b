"""The contacts that are reported under load: what a version says, as a bundle and as the judge sees it. Pure.

A version's *mark* goes into the contact's starting time, so that the register's side can tell versions apart
by what it got. Contacts are of public test persons and of no real visit.
"""

import random
from collections.abc import Iterator
from hashlib import blake2b
from itertools import count
from typing import Any, Literal

import msgspec
import orjson

from adapter.domain.canonical import code_system, extension

SYSTEM = "https://verify.example/vardkontakt"
PATIENTS = ("191212121212", "195009072553")
"""Skatteverket's public test persons."""

REJECTED_TAXA = "99"
"""The register's stand-in takes no contact with this taxa: it rejects it until the contact is corrected."""

_TAXA = "01"
_LONGEST_LIFE = 30
_FIRST_MINUTE = 8 * 60
_URN = "urn:uuid:5f0c6d1e-0000-4000-8000-00000000000"
_IDENTITIES = {
    "patient": "http://electronichealth.se/identifier/personnummer",
    "hsa": "urn:oid:1.2.752.29.4.19",
    "kombika": "https://uid.regionstockholm.se/kombika",
}

Intent = Literal["report", "cancel"]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a contact, numbered from 1 by its sender. `patient` indexes PATIENTS.

    `mark` is what tells its content from that of other versions; a version that repeats the one before has
    the same. `rejected`: the register will not take it.
    """

    contact: str
    n: int
    intent: Intent
    mark: int
    patient: int = 0
    rejected: bool = False


def time_of(mark: int) -> str:
    """The starting time that carries a mark (HH:MM)."""
    minutes = _FIRST_MINUTE + mark
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def mark_of(time: str) -> int:
    """The mark that a starting time carries."""
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes) - _FIRST_MINUTE


def patient_of(identity: str) -> int:
    """Which of our patients an identity number is, -1 when it is none of them."""
    return PATIENTS.index(identity) if identity in PATIENTS else -1


def key_of(version: Version) -> str:
    """The deduplication key under which a version is sent, however often."""
    return blake2b(f"{version.contact}/{version.n}".encode(), digest_size=12).hexdigest()


def life(contact: str, chance: random.Random) -> Iterator[Version]:
    """The versions of one contact, one after the other, until its sender has no more to say of it."""
    version = _first(contact, chance)
    for n in count(2):
        yield version
        following = _next(version, n, chance)
        if following is None or n > _LONGEST_LIFE:
            return
        version = following


def _first(contact: str, chance: random.Random) -> Version:
    return Version(contact=contact, n=1, intent="report", mark=1, rejected=chance.random() < 0.05)


def _next(last: Version, n: int, chance: random.Random) -> Version | None:
    """What becomes of a contact: mostly corrections; cancellations, and contacts that come back after one."""
    draw = chance.random()
    correction = msgspec.structs.replace(last, n=n, intent="report", mark=last.mark + 1, rejected=False)
    if last.intent == "cancel":
        return correction if draw < 0.4 else None
    if last.rejected:
        return _one_of(draw, (0.10, None), (0.15, _cancelled(last, n)), (1.0, correction))
    return _one_of(
        draw,
        (0.15, None),
        (0.12, _cancelled(last, n)),
        (0.08, msgspec.structs.replace(last, n=n)),
        (0.07, msgspec.structs.replace(correction, patient=1 - last.patient)),
        (0.05, msgspec.structs.replace(correction, rejected=True)),
        (1.0, correction),
    )


def _cancelled(last: Version, n: int) -> Version:
    return msgspec.structs.replace(last, n=n, intent="cancel", rejected=False)


def _one_of(draw: float, *shares: tuple[float, Version | None]) -> Version | None:
    for share, version in shares:
        if draw < share:
            return version
        draw -= share
    return shares[-1][1]


def bundle(version: Version) -> bytes:
    """A version as its sender posts it: a transaction of Patient, Organization and Encounter."""
    resources = (_patient(version), _organization(), _encounter(version))
    entries = [
        {
            "fullUrl": f"{_URN}{number}",
            "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"]},
        }
        for number, resource in enumerate(resources, start=1)
    ]
    return orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def _patient(version: Version) -> dict[str, Any]:
    identifier = {"system": _IDENTITIES["patient"], "value": PATIENTS[version.patient]}
    return {"resourceType": "Patient", "identifier": [identifier]}


def _organization() -> dict[str, Any]:
    identifiers = [
        {"system": _IDENTITIES["hsa"], "value": "SE2321000016-1HZ3"},
        {"system": _IDENTITIES["kombika"], "value": "30216311002"},
    ]
    return {"resourceType": "Organization", "name": "Vårdcentralen", "identifier": identifiers}


def _encounter(version: Version) -> dict[str, Any]:
    taxa = REJECTED_TAXA if version.rejected else _TAXA
    return {
        "resourceType": "Encounter",
        "meta": {"versionId": str(version.n)},
        "identifier": [{"system": SYSTEM, "value": version.contact}],
        "status": "entered-in-error" if version.intent == "cancel" else "finished",
        "extension": [
            {"url": extension("taxa"), "valueCoding": {"system": code_system("gvr-taxa"), "code": taxa}}
        ],
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [{"coding": [{"system": code_system("gvr-btyp"), "code": "1"}]}],
        "subject": {"reference": f"{_URN}1"},
        "period": {
            "start": f"2025-03-03T{time_of(version.mark)}:00+01:00",
            "end": "2025-03-03T20:00:00+01:00",
        },
        "serviceProvider": {"reference": f"{_URN}2"},
    }
