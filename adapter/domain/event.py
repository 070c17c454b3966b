"""The canonical event (vårdhändelse): what happened, in no register's words.

Everything from FHIR is mapped to this model first, and every register message is rendered from it. Members
that the sender did not give are None or empty and are left out of `as_facts`, so that a condition can ask
``has(event.enhet.kombika)``. Dates are ``YYYY-MM-DD`` and times ``HH:MM``, local in Europe/Stockholm.
"""

from typing import Any, Literal

import msgspec

Kind = Literal["vardkontakt", "koordineringsinsats", "fast_lakarkontakt", "vardtillfalle"]
ENCOUNTER_KINDS: frozenset[Kind] = frozenset({"vardkontakt", "koordineringsinsats", "vardtillfalle"})
"""The kinds that an Encounter can turn out to be."""

Status = Literal["final", "corrected", "cancelled", "pending"]
Kanal = Literal["fysisk", "video", "telefon", "text"]
IdentityKind = Literal[
    "personnummer",
    "samordningsnummer",
    "nationellt-reservnummer",
    "reservnummer-stockholm",
    "reservnummer-vgr",
    "lma-nummer",
]


class Kod(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code as it was sent: `system` is the alias table's short name, or the sender's URI if it has none."""

    system: str
    kod: str


class Kombika(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Region Stockholm's unit code: inrättning (5), klinik (3), avdelning (1-3)."""

    inr: str
    klin: str
    avd: str


class Patient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who the care was for. `id` is normalised (12 characters, no hyphen); `kon` is M or K; `alder` in whole
    years on the date of care."""

    id: str | None = None
    kind: IdentityKind | None = None
    fodelsedatum: str | None = None
    kon: Literal["M", "K"] | None = None
    alder: int | None = None
    skyddad: bool = False
    lkf: str | None = None
    kategori: str | None = None


class Enhet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where: HSA-ids of vårdenhet and vårdgivare (upper case), and the kombika on the date of care."""

    vardenhet: str | None = None
    vardgivare: str | None = None
    kombika: Kombika | None = None


class Tid(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When, in local time. `starttid` and `sluttid` are None when the source gives a date only."""

    startdatum: str | None = None
    starttid: str | None = None
    slutdatum: str | None = None
    sluttid: str | None = None


class Personal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of the staff.

    `yrken`: every profession coding that was sent; `yrkeskategori`: GVR's VDG code; `yrkesgrupp`: our group
    of professions (code system yrkesgrupp); `yrkeskod`: KVÅ's code of the profession (XS915); `legitimerad`:
    whether the profession is a licensed one, None where that is not known.
    """

    hsa_id: str | None = None
    yrken: tuple[Kod, ...] = ()
    yrkeskategori: str | None = None
    yrkesgrupp: str | None = None
    yrkeskod: str | None = None
    legitimerad: bool | None = None
    lakare: bool = False
    huvudansvarig: bool = False


class Diagnos(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A diagnosis: code without dot; `ordning` from 1, the main diagnosis first."""

    kod: str
    system: Literal["icd-10-se", "ksh97-p"] = "icd-10-se"
    ordning: int
    huvud: bool = False


class Atgard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An action (KVÅ): local date; `diagnos` is the `ordning` of the diagnosis it belongs to, when known."""

    kod: str
    ordning: int
    datum: str | None = None
    diagnos: int | None = None


class Lakemedel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A drug that was given: ATC code, local date; `diagnos` is its diagnosis' `ordning`, when known."""

    kod: str
    datum: str | None = None
    diagnos: int | None = None


class Kontakt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the contact took place. `typ` is a code of docs/reference/contact-types (section 2 of PMO);
    `i_hemmet`: the patient was met at home, whatever the type (a team's visit at home is teambesok);
    `hemsjukvard`: the sender calls it a contact of home care (GVR's form of an event, no contact type)."""

    typ: str | None = None
    kanal: Kanal | None = None
    ersatter_besok: bool | None = None
    akut: bool = False
    planerad: bool | None = None
    besokstyp: tuple[str, ...] = ()
    taxa: str | None = None
    boendeform: str | None = None
    i_hemmet: bool = False
    remittent: Kombika | None = None
    hemsjukvard: bool = False


class Tillgang(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Access facts for the care guarantee; all optional."""

    beslutsdatum: str | None = None
    remissdatum: str | None = None
    bokad: str | None = None
    erbjuden: str | None = None
    medicinskt_maldatum: str | None = None
    avvikelseorsak: str | None = None
    nytt_halsoproblem: bool | None = None
    kompetens: bool | None = None
    delomrade: str | None = None
    nybesok: bool | None = None
    egenanmalan: bool | None = None


class Vardgaranti(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the care guarantee of primary care says of the contact (SKR-FAQ).

    `omfattas`: covered or not, None where it cannot be told. `start` is day 0, `dagar` the calendar days from
    it to the contact, `inom` whether they are within the three days. `regel` is the rule that decided.
    """

    omfattas: bool | None = None
    start: str | None = None
    dagar: int | None = None
    inom: bool | None = None
    regel: str | None = None


class Slutenvard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Inpatient care: GVR's codes of where the patient came from and went (classes 002, 003, 004), the unit
    of discharge where it is another, and whether the stay has ended."""

    viste_fore: str | None = None
    viste_efter: str | None = None
    vard_efter: str | None = None
    utskrivande: Kombika | None = None
    utskriven: bool = False


class Vardhandelse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One care event of one patient.

    `event_id` is stable over rebuilt bundles: it comes from the sender and Encounter.identifier (for a
    member of a group also from the patient), at most 33 letters, digits and hyphens. `version` is the
    sender's, in a form whose text order is its order in time; None means the order of arrival.
    """

    event_id: str
    kind: Kind
    status: Status
    version: str | None = None
    patient: Patient = Patient()
    enhet: Enhet = Enhet()
    tid: Tid = Tid()
    kontakt: Kontakt = Kontakt()
    personal: tuple[Personal, ...] = ()
    diagnoser: tuple[Diagnos, ...] = ()
    atgarder: tuple[Atgard, ...] = ()
    lakemedel: tuple[Lakemedel, ...] = ()
    tillgang: Tillgang = Tillgang()
    vardgaranti: Vardgaranti = Vardgaranti()
    slutenvard: Slutenvard = Slutenvard()


_ALWAYS: dict[str, Any] = {
    "patient": {"skyddad": False},
    "enhet": {},
    "tid": {},
    "kontakt": {"akut": False, "i_hemmet": False, "besokstyp": [], "hemsjukvard": False},
    "personal": [],
    "diagnoser": [],
    "atgarder": [],
    "lakemedel": [],
    "tillgang": {},
    "vardgaranti": {},
    "slutenvard": {"utskriven": False},
}


def as_facts(event: Vardhandelse) -> dict[str, Any]:
    """The event as plain dicts and lists for conditions.

    Groups, lists and flags are always there; an optional member that is not known is absent, never null.
    """
    facts: dict[str, Any] = msgspec.to_builtins(event)
    for member, default in _ALWAYS.items():
        given = facts.get(member)
        if given is None:
            facts[member] = dict(default) if isinstance(default, dict) else list(default)
        elif isinstance(default, dict):
            facts[member] = {**default, **given}
    for person in facts["personal"]:
        person.setdefault("yrken", [])
        person.setdefault("lakare", False)
        person.setdefault("huvudansvarig", False)
    for diagnos in facts["diagnoser"]:
        diagnos.setdefault("system", "icd-10-se")
        diagnos.setdefault("huvud", False)
    return facts
