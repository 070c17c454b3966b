"""Whether the care guarantee of primary care covers a contact, and how many days it took (SKR-FAQ). Pure.

Each answer is a rule of mappings/rules/common/vardgaranti.yaml, and what is not known stays None: only facts
that the sender gave, or that the codes show, decide. docs/reference/vardgaranti has the order of the rules.
"""

from datetime import date

import msgspec

from adapter.domain.event import Vardgaranti, Vardhandelse

LIMIT = 3
"""Day 3 is inside, day 4 outside; day 0 is the day of contact."""

_WITHOUT_PATIENT = frozenset(("kontakt-om-patient", "kommentar"))
_NOT_QUALIFIED = frozenset(("video-ersatter-ej-besok", "text-ersatter-ej-besok"))
_NEVER = {
    "vaccination": "VG-VACCINATION",
    "intyg": "VG-INTYG",
    "reseprofylax": "VG-RESEPROFYLAX",
    "preventivmedel": "VG-PREVENTIVMEDEL",
}
"""What never is a matter of the guarantee, by group of codes."""
_UNLESS_NEW = {"suturtagning": "VG-SUTURTAGNING", "recept": "VG-RECEPT", "efterkontroll": "VG-ATERBESOK"}
"""What is a return visit, unless the sender says that the problem is a new one or has become worse."""
_NEW = {"hudforandring": "VG-HUDFORANDRING", "komplikation": "VG-KOMPLIKATION"}
"""What counts as a new problem or a worsening although the sender does not say so."""
_Paths = tuple[str, ...]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the mapping knows beside the event.

    `group` is the group of codes (code system vardgarantigrupp) of what the contact was about.
    `by_physician`: the referral is a physician's; `elsewhere`: it is known to come from another unit.
    `could_assess` is the kompetens of the earlier contact that this one follows on, `first_contact` that
    contact's day. The paths are the leaves that say so, `group_by` the maps and the rule that gave the group.
    """

    group: str | None = None
    group_paths: _Paths = ()
    group_by: _Paths = ()
    by_physician: bool = False
    elsewhere: bool = False
    referral_paths: _Paths = ()
    could_assess: bool | None = None
    first_contact: str | None = None
    earlier_paths: _Paths = ()


class Answer(msgspec.Struct, frozen=True):
    """One answer: the rule that gave it, the members of the event and the leaves that it stands on."""

    value: bool | str | None
    rule: str
    members: _Paths = ()
    paths: _Paths = ()
    by: _Paths = ()


class Judgement(msgspec.Struct, frozen=True):
    """Covered or not, and day 0, each with its reason; `late` when day 0 comes after the contact."""

    covered: Answer
    start: Answer | None = None
    days: int | None = None
    late: bool = False

    @property
    def guarantee(self) -> Vardgaranti:
        """As the event's member."""
        covered = self.covered.value
        start = self.start.value if self.start is not None else None
        return Vardgaranti(
            omfattas=covered if isinstance(covered, bool) else None,
            start=start if isinstance(start, str) else None,
            dagar=self.days,
            inom=None if self.days is None else self.days <= LIMIT,
            regel=self.covered.rule,
        )


def judge(event: Vardhandelse, known: Known) -> Judgement | None:
    """What the guarantee says of a vårdkontakt; None for what is none. No days where it does not apply."""
    if event.kind != "vardkontakt":
        return None
    covered = _covered(event, known)
    start = _start(event, known) if covered.value is not False else None
    if start is None or not isinstance(start.value, str) or event.tid.startdatum is None:
        return Judgement(covered)
    days = days_between(start.value, event.tid.startdatum)
    return Judgement(covered, late=True) if days < 0 else Judgement(covered, start, days)


def days_between(start: str, end: str) -> int:
    """Calendar days from one local day (``YYYY-MM-DD``) to another; the same day is 0."""
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def _covered(event: Vardhandelse, known: Known) -> Answer:
    return _by_type(event) or _by_matter(event, known) or _by_staff(event) or _by_problem(event, known)


def _by_type(event: Vardhandelse) -> Answer | None:
    """What the type of contact alone decides: need assessment and unqualified contacts are not covered."""
    typ = event.kontakt.typ
    if typ is None:
        return Answer(None, "VG-OKANT")
    if typ in _WITHOUT_PATIENT:
        return Answer(False, "VG-UTAN-PATIENT", ("kontakt.typ",))
    if typ == "telefonsamtal" or (typ == "triage" and event.kontakt.kanal == "telefon"):
        return Answer(False, "VG-BEHOVSBEDOMNING", ("kontakt.typ",))
    if typ == "triage":
        return Answer(False, "VG-TRIAGE", ("kontakt.typ",))
    if typ in _NOT_QUALIFIED:
        return Answer(False, "VG-EJ-KVALIFICERAD", ("kontakt.typ",))
    return None


def _by_matter(event: Vardhandelse, known: Known) -> Answer | None:
    """What the contact was about, as far as codes, referral and the sender's word on the problem tell."""
    new = event.tillgang.nytt_halsoproblem
    if known.group in _NEVER:
        return Answer(False, _NEVER[known.group], (), known.group_paths, known.group_by)
    if known.group in _UNLESS_NEW and new is not True:
        return Answer(False, _UNLESS_NEW[known.group], (), known.group_paths, known.group_by)
    if _assessed_by_physician(event, known):
        return Answer(False, "VG-LAKARREMISS", (), known.referral_paths)
    if new is None and known.could_assess is True:
        return Answer(False, "VG-BEDOMD", (), known.earlier_paths)
    if event.tillgang.nybesok is False:
        return Answer(False, "VG-ATERBESOK", ("tillgang.nybesok",))
    return None


def _assessed_by_physician(event: Vardhandelse, known: Known) -> bool:
    """A physician's referral to another profession; not a new problem that another unit refers."""
    to_physician = any(person.lakare for person in event.personal)
    new_from_elsewhere = known.elsewhere and event.tillgang.nytt_halsoproblem is True
    return known.by_physician and bool(event.personal) and not to_physician and not new_from_elsewhere


def _by_staff(event: Vardhandelse) -> Answer | None:
    """The guarantee concerns licensed professions; None when one of the staff has such a profession."""
    licences = [person.legitimerad for person in event.personal]
    if True in licences:
        return None
    if not licences or None in licences:
        return Answer(None, "VG-OKANT")
    members = tuple(f"personal[{index}].legitimerad" for index in range(len(licences)))
    return Answer(False, "VG-EJ-LEGITIMERAD", members)


def _by_problem(event: Vardhandelse, known: Known) -> Answer:
    """Why it is covered: by now the staff is licensed and the matter is one that can be."""
    access = event.tillgang
    staff = tuple(
        f"personal[{index}].legitimerad" for index, one in enumerate(event.personal) if one.legitimerad
    )
    if access.kompetens is False:
        return Answer(True, "VG-KOMPETENS-NEJ", ("tillgang.kompetens", *staff))
    if access.nytt_halsoproblem is True:
        return Answer(True, "VG-NYTT", ("tillgang.nytt_halsoproblem", *staff))
    if known.could_assess is False:
        return Answer(True, "VG-KOMPETENS-NEJ", staff, known.earlier_paths)
    if known.group in _NEW:
        return Answer(True, _NEW[known.group], staff, known.group_paths, known.group_by)
    if access.egenanmalan is True:
        return Answer(True, "VG-EGENANMALAN", ("tillgang.egenanmalan", *staff))
    return Answer(None, "VG-OKANT")


def _start(event: Vardhandelse, known: Known) -> Answer | None:
    """Day 0, None where no fact tells it."""
    access = event.tillgang
    if access.egenanmalan is True and access.remissdatum is not None:
        return Answer(
            access.remissdatum, "VG-START-EGENANMALAN", ("tillgang.remissdatum", "tillgang.egenanmalan")
        )
    if access.beslutsdatum is not None:
        return Answer(access.beslutsdatum, "VG-START-BESLUT", ("tillgang.beslutsdatum",))
    if known.could_assess is False and known.first_contact is not None:
        return Answer(known.first_contact, "VG-START-FORSTA-KONTAKT", (), known.earlier_paths)
    if access.remissdatum is not None:
        return None  # a referral counts from its assessment, which nobody has told
    if access.bokad is not None:
        return Answer(access.bokad, "VG-START-KONTAKT", ("tillgang.bokad",))
    if event.kontakt.planerad is False:
        return Answer(event.tid.startdatum, "VG-START-DROPIN", ("tid.startdatum", "kontakt.planerad"))
    return None
