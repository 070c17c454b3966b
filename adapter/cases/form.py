"""The short form of a case: what an expert writes in YAML, as Structs. Every member has a usual value."""

from typing import Any

import msgspec

TEST_PERSON = "191212121212"
"""A public test person (Skatteverket)."""

UNIT = "SE2321000016-1HZ3"
KOMBIKA = "30216311002"
"""The unit of the shipped test table."""

_Words = tuple[str, ...]


class Staff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of the staff: profession (``lakare``, or ``system|code``; None: not told), HSA-id, and whether
    the person is marked as the main responsible."""

    profession: str | None = "lakare"
    hsa_id: str | None = ""
    main: bool = False


class Diagnosis(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A diagnosis with more than a code: another code system, a status, a patient of the group."""

    code: str
    system: str = "icd-10-se"
    status: str = "confirmed"
    patient: int = 1


class Kva(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An action with more than a code: its day, its status, the number of its diagnosis, whose it is."""

    code: str
    system: str = "kva"
    status: str = "completed"
    date: str | None = None
    diagnosis: int | None = None
    patient: int = 1


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The patient with more than a number; `more` is raw FHIR that is put into the Patient."""

    id: str | None = TEST_PERSON
    system: str | None = None
    protected: bool = False
    more: dict[str, Any] = {}


class Contact(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"class_": "class"}
):
    """One Encounter. `class_` is FHIR's class, `type` our contact types or ``system|code``; `patient` is a
    number or a Person, several make a group; `staff`, `diagnoses` and `kva` are words and codes in order.

    `start` and `end` are a time of day (``10:15``, local), a local date and time (``2025-03-03 10:15``) or
    FHIR's own form with a zone; without them the contact begins at 10:15 on the case's date. `extensions`
    are ours by name (``boendeform: sarskilt-boende``). `encounter` is raw FHIR put into the Encounter.
    """

    id: str = "kontakt"
    status: str = "finished"
    class_: str = "AMB"
    type: _Words = ()
    patient: str | Person | tuple[str | Person, ...] | None = TEST_PERSON
    unit: str | None = UNIT
    kombika: str | None = KOMBIKA
    start: str | None = None
    end: str | None = None
    staff: tuple[str | Staff, ...] = ("lakare",)
    diagnoses: tuple[str | Diagnosis, ...] = ()
    kva: tuple[str | Kva, ...] = ()
    besokstyp: str | None = "1"
    taxa: str | None = "01"
    extensions: dict[str, Any] = {}
    encounter: dict[str, Any] = {}


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What becomes of the case at one register. What is left out (None) is not looked at.

    `messages` are some members of each body, in order; a message's `service`, `operation` and absent members
    can be asked for with ``_service``, ``_operation`` and the value null. `findings` are all rules that
    concern this register alone, `errors` those of them that stop it, `not_reported` the rules by which it is
    not told.
    """

    messages: tuple[dict[str, Any], ...] | None = None
    findings: _Words | None = None
    errors: _Words | None = None
    not_reported: _Words | None = None


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One case. `date` is the day of care, or several: then the case holds on each of them; without it the
    file's days count.

    The contacts are `contact` (null: none), or `contacts` (several Encounters of one bundle), or the file
    `bundle` beside the case's file; what a contact leaves out is the file's `usual`. `also` are more
    resources, raw FHIR.
    `triggers` are rules that come up in it, whichever the register, `spares` rules that narrowly do not.
    `settings` are settings of registers (``{gvr: {default_taxa: "01"}}``). `at` is the day whose edition of
    the rules judges, where it is another than the day of care (as `vardbro map --at`).
    """

    name: str
    date: str | tuple[str, ...] | None = None
    contact: dict[str, Any] | None = {}
    contacts: tuple[dict[str, Any], ...] = ()
    bundle: str | None = None
    also: tuple[dict[str, Any], ...] = ()
    settings: dict[str, dict[str, Any]] = {}
    at: str | None = None
    triggers: _Words = ()
    spares: _Words = ()
    expect: dict[str, Expected] = {}


class CaseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of cases. `usual` is the contact that every case of the file begins with."""

    cases: tuple[Case, ...]
    about: str = ""
    usual: dict[str, Any] = {}
    dates: tuple[str, ...] = ("2025-03-03",)
    """The days of the cases that name none."""


def dates_of(file: CaseFile, case: Case) -> tuple[str, ...]:
    """Each day on which the case holds."""
    if case.date is None:
        return file.dates
    return (case.date,) if isinstance(case.date, str) else case.date


def contacts_of(file: CaseFile, case: Case) -> tuple[Contact, ...]:
    """The case's contacts with the file's usual members filled in.

    Raises msgspec.ValidationError that names the member which does not fit.
    """
    given = case.contacts or (() if case.contact is None else (case.contact,))
    return tuple(msgspec.convert({**file.usual, **one}, Contact) for one in given)
