"""From the short form to the FHIR bundle that a sender would have posted."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from adapter.cases.form import Contact, Diagnosis, Kva, Person, Staff
from adapter.cases.names import (
    ACT_CODE,
    HSA_ID,
    KOMBIKA,
    PARTICIPATION,
    SECURITY_LABEL,
    coding,
    identity_system,
    own_extension,
    profession_codes,
    system,
)
from adapter.domain.localtime import STOCKHOLM

_SERVER = "https://journal.example/fhir/"
_BEGINS, _ENDS = "10:15", "10:35"
_CLOCK = 5

Resource = dict[str, Any]


def build_bundle(contacts: Sequence[Contact], date: str, also: Sequence[Resource] = ()) -> Resource:
    """A collection with the contacts of a day (``YYYY-MM-DD``) and all that they refer to.

    Resources are at ``Type/id`` of one server: `also` can refer to a contact as ``Encounter/kontakt``, to the
    patients as ``Patient/1``... and to the staff as ``Practitioner/1``...
    """
    found: dict[str, Resource] = {}
    for contact in contacts:
        for resource in _resources(contact, date):
            found.setdefault(f"{resource['resourceType']}/{resource['id']}", resource)
    for resource in also:
        found[f"{resource['resourceType']}/{resource['id']}"] = resource
    entries = [{"fullUrl": _SERVER + place, "resource": resource} for place, resource in found.items()]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _resources(contact: Contact, date: str) -> Iterator[Resource]:
    patients = _patients(contact)
    yield from (_patient(person, number) for number, person in enumerate(patients, 1))
    if len(patients) > 1:
        yield _group(contact, len(patients))
    if contact.unit or contact.kombika:
        yield _unit(contact)
    staff = [one if isinstance(one, Staff) else Staff(profession=one) for one in contact.staff]
    for number, person in enumerate(staff, 1):
        yield from _staff(contact, person, number)
    yield _encounter(contact, date, len(patients), staff)
    for number, diagnosis in enumerate(contact.diagnoses, 1):
        yield _condition(contact, diagnosis, number)
    for number, kva in enumerate(contact.kva, 1):
        yield _procedure(contact, kva, number)


def _patients(contact: Contact) -> list[Person]:
    given = contact.patient
    if given is None:
        return []
    listed = given if isinstance(given, tuple) else (given,)
    return [one if isinstance(one, Person) else Person(id=one) for one in listed]


def _patient(person: Person, number: int) -> Resource:
    resource: Resource = {"resourceType": "Patient", "id": str(number)}
    if person.id is not None:
        resource["identifier"] = [
            {
                "system": system(person.system) if person.system else identity_system(person.id),
                "value": person.id,
            }
        ]
    if person.protected:
        resource["meta"] = {"security": [{"system": SECURITY_LABEL, "code": "sekretessmarkering"}]}
    return {**resource, **person.more}


def _group(contact: Contact, size: int) -> Resource:
    members = [{"entity": {"reference": f"Patient/{number}"}} for number in range(1, size + 1)]
    return {"resourceType": "Group", "id": contact.id, "type": "person", "actual": True, "member": members}


def _unit(contact: Contact) -> Resource:
    """The unit, of whose names each contact may know another one."""
    identifiers = []
    if contact.unit:
        identifiers.append({"system": HSA_ID, "value": contact.unit})
    if contact.kombika:
        identifiers.append({"system": KOMBIKA, "value": contact.kombika})
    return {
        "resourceType": "Organization",
        "id": _unit_id(contact),
        "identifier": identifiers,
        "name": "Vården",
    }


def _unit_id(contact: Contact) -> str:
    return contact.unit or contact.kombika or "enhet"


def _staff(contact: Contact, person: Staff, number: int) -> Iterator[Resource]:
    hsa_id = f"SE2321000016-P{_staff_id(contact, number)}".upper() if person.hsa_id == "" else person.hsa_id
    own = _staff_id(contact, number)
    practitioner: Resource = {"resourceType": "Practitioner", "id": own}
    if hsa_id is not None:
        practitioner["identifier"] = [{"system": HSA_ID, "value": hsa_id}]
    yield practitioner
    role: Resource = {
        "resourceType": "PractitionerRole",
        "id": own,
        "practitioner": {"reference": f"Practitioner/{own}"},
    }
    if person.profession is not None:
        role["code"] = [{"coding": profession_codes(person.profession)}]
    yield role


def _staff_id(contact: Contact, number: int) -> str:
    """Staff of the first contact are 1, 2...; those of another contact are other people."""
    return str(number) if contact.id == "kontakt" else f"{contact.id}{number}"


def _encounter(contact: Contact, date: str, patients: int, staff: Sequence[Staff]) -> Resource:
    resource: Resource = {
        "resourceType": "Encounter",
        "id": contact.id,
        "identifier": [{"system": "https://journal.example/vardkontakt", "value": contact.id}],
        "status": contact.status,
        "class": coding(contact.class_, ACT_CODE),
    }
    types = [{"coding": [coding(one, "vardkontakttyp")]} for one in contact.type]
    if contact.besokstyp is not None:
        types.append({"coding": [coding(contact.besokstyp, "gvr-btyp")]})
    extensions = {**({"taxa": contact.taxa} if contact.taxa else {}), **contact.extensions}
    resource |= {
        "type": types,
        "subject": {"reference": f"Group/{contact.id}" if patients > 1 else "Patient/1"},
        "period": _period(contact, date),
        "participant": _participants(contact, staff),
        "extension": [own_extension(name, value) for name, value in extensions.items()],
        "diagnosis": [
            {"condition": {"reference": f"Condition/{contact.id}-{number}"}, "rank": number}
            for number in range(1, len(contact.diagnoses) + 1)
        ],
    }
    if contact.unit or contact.kombika:
        resource["serviceProvider"] = {"reference": f"Organization/{_unit_id(contact)}"}
    if patients == 0:
        del resource["subject"]
    resource |= contact.encounter
    return {name: value for name, value in resource.items() if value not in ([], None)}


def _participants(contact: Contact, staff: Sequence[Staff]) -> list[Resource]:
    """Everybody with the main responsible marked: whoever is said to be, else the first."""
    main = next((number for number, person in enumerate(staff) if person.main), 0)
    listed = []
    for number in range(len(staff)):
        item: Resource = {"individual": {"reference": f"PractitionerRole/{_staff_id(contact, number + 1)}"}}
        if number == main:
            item["type"] = [{"coding": [{"system": PARTICIPATION, "code": "PPRF"}]}]
        listed.append(item)
    return listed


def _condition(contact: Contact, given: str | Diagnosis, number: int) -> Resource:
    one = given if isinstance(given, Diagnosis) else Diagnosis(code=given)
    status = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    resource: Resource = {
        "resourceType": "Condition",
        "id": f"{contact.id}-{number}",
        "verificationStatus": {"coding": [{"system": status, "code": one.status}]},
        "code": {"coding": [coding(one.code, one.system)]},
        "subject": {"reference": f"Patient/{one.patient}"},
        "encounter": {"reference": f"Encounter/{contact.id}"},
    }
    if one.status != "entered-in-error":
        clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
        resource["clinicalStatus"] = {"coding": [{"system": clinical, "code": "active"}]}
    return resource


def _procedure(contact: Contact, given: str | Kva, number: int) -> Resource:
    one = given if isinstance(given, Kva) else Kva(code=given)
    resource: Resource = {
        "resourceType": "Procedure",
        "id": f"{contact.id}-{number}",
        "status": one.status,
        "code": {"coding": [coding(one.code, one.system)]},
        "subject": {"reference": f"Patient/{one.patient}"},
        "encounter": {"reference": f"Encounter/{contact.id}"},
    }
    if one.date is not None:
        resource["performedDateTime"] = one.date
    if one.diagnosis is not None:
        resource["reasonReference"] = [{"reference": f"Condition/{contact.id}-{one.diagnosis}"}]
    return resource


def _period(contact: Contact, date: str) -> Resource:
    start = _instant(contact.start or _BEGINS, date)
    if contact.end is not None:
        return {"start": start, "end": _instant(contact.end, date)}
    usual = contact.start is None
    return {"start": start, "end": _instant(_ENDS, date)} if usual else {"start": start}


def _instant(text: str, date: str) -> str:
    """A time of day, a local date and time, or what FHIR takes as it stands (a date, an instant)."""
    local = f"{date} {text}" if len(text) == _CLOCK and text[2] == ":" else text
    if " " not in local:
        return local
    moment = datetime.fromisoformat(local).replace(tzinfo=STOCKHOLM)
    return moment.isoformat()
