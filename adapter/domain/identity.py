"""Patients' identity numbers: which kind, whether it holds, and what it says of birth date and sex.

Forms and checksums (Skatteverket's rules as the Swedish base profiles carry them; the regions' rules as
docs/reference/identity tells):

- personnummer: twelve digits ``YYYYMMDDNNNC``; samordningsnummer: the same with 60 added to the day. The
  last digit is a Luhn check over the last ten, the eleventh is odd for men. A hyphen or plus sign before
  the last four is stripped. Ten digits are refused: the century would be a guess that depends on today.
- Region Stockholm's reservnummer: ``99``, year, five digits, Luhn check digit over positions 5-11.
- Västra Götaland's reservnummer: ``YYYYMMDDGggC``, G one of K (woman), M (man), X (unknown), checked as a
  personnummer with K=5, M=7, X=8 in G's place.
- national reservnummer: twelve letters and digits, no published checksum. Under another system it is
  recognised only in the form of the base profiles' example (``98240301AA06``), for want of a checksum.
- LMA number (asylum seekers): eight to ten digits, often written ``50-123456/7``; no published checksum.

Nothing here raises, and no result carries a refused number: refusals are told by the id of the rule.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Literal

import msgspec
from stdnum import luhn

from adapter.domain.event import IdentityKind

IdentitySystem = IdentityKind
"""The alias table's short names of the systems of patients' identity numbers: one for each kind."""

KINDS: tuple[IdentityKind, ...] = (
    "personnummer",
    "samordningsnummer",
    "nationellt-reservnummer",
    "reservnummer-stockholm",
    "reservnummer-vgr",
    "lma-nummer",
)
"""All kinds, the weightiest first: which one is used when a patient has several."""

ProblemRule = Literal["ID-FORM", "ID-CENTURY", "ID-CHECKSUM", "ID-DATE", "ID-UNKNOWN-KIND"]
Remark = Literal["ID-WRONG-SYSTEM", "ID-NO-SYSTEM"]


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A number that holds. `id` is without separators and in upper case.

    `fodelsedatum` (``YYYY-MM-DD``) and `kon` are None where the kind does not tell. `remark` is the rule to
    report when the number did not stand under its own system.
    """

    id: str
    kind: IdentityKind
    fodelsedatum: str | None = None
    kon: Literal["M", "K"] | None = None
    remark: Remark | None = None


class IdentityProblem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a number is refused: the rule, and the kind that it was taken for (None: no kind at all)."""

    rule: ProblemRule
    kind: IdentityKind | None = None


_Parsed = Identity | IdentityProblem

_DIGITS_12 = re.compile(r"([0-9]{8})[-+]?([0-9]{4})")
_DIGITS_10 = re.compile(r"[0-9]{6}[-+]?[0-9]{4}")
_VGR = re.compile(r"([0-9]{8})-?([KMX])([0-9]{3})")
_ALPHANUMERIC_12 = re.compile(r"[0-9A-Z]{12}")
_NATIONAL_BY_FORM = re.compile(r"98[0-9]{6}[A-Z]{2}[0-9]{2}")
_LMA = re.compile(r"[0-9]{8,10}")
_LMA_SEPARATORS = str.maketrans("", "", "-/ ")

_CENTURIES = frozenset(("18", "19", "20"))
_VGR_DIGIT = {"K": "5", "M": "7", "X": "8"}
_VGR_SEX: dict[str, Literal["M", "K"]] = {"K": "K", "M": "M"}
_ODD = frozenset("13579")
_RESERV_PREFIX = "99"
_SAMORDNING_DAY = 60


def parse_identity(value: str, system: IdentitySystem | None) -> Identity | IdentityProblem:
    """Read the number `value`, found under `system` (None: no system, or one that the alias table lacks).

    A number that holds as another kind than its system's is taken for what it is, and remarked upon. One
    that holds as none is refused for what is wrong with it as its system's kind or, where its form belongs
    to one other kind only (a samordningsnummer's day), as that kind.
    """
    text = value.strip().upper()
    if system is None:
        found = _by_form(text)
        return _remarked(found, "ID-NO-SYSTEM") if isinstance(found, Identity) else found
    own = _PARSERS[system](text)
    if isinstance(own, Identity) and not _stands_in_for_digits(own):
        return own
    other = _by_form(text)
    if isinstance(other, Identity) and other.kind != system:
        return _remarked(other, "ID-WRONG-SYSTEM")
    if isinstance(own, IdentityProblem) and own.rule in ("ID-FORM", "ID-DATE") and _closer(other):
        return other
    return own


def contradictions(
    identity: Identity, birth_date: str | None, gender: str | None
) -> tuple[Literal["ID-BIRTHDATE", "ID-GENDER"], ...]:
    """What Patient.birthDate (also ``YYYY`` or ``YYYY-MM``) and Patient.gender say against the number.

    The genders *other* and *unknown* contradict nothing; nor does a number that does not tell.
    """
    found: list[Literal["ID-BIRTHDATE", "ID-GENDER"]] = []
    if birth_date and identity.fodelsedatum and not identity.fodelsedatum.startswith(birth_date):
        found.append("ID-BIRTHDATE")
    if identity.kon and gender == ("female" if identity.kon == "M" else "male"):
        found.append("ID-GENDER")
    return tuple(found)


def choose_identity(found: Sequence[Identity | IdentityProblem]) -> int | None:
    """The index of the number to use: the weightiest kind that holds, the first of equals.

    Among refused numbers only, the first: its problem is the one to tell. None when there is no number.
    """
    best: int | None = None
    for index, candidate in enumerate(found):
        if isinstance(candidate, Identity) and (best is None or _weight(candidate) < _weight(found[best])):
            best = index
    return best if best is not None or not found else 0


def _weight(candidate: Identity | IdentityProblem) -> int:
    return KINDS.index(candidate.kind) if isinstance(candidate, Identity) else len(KINDS)


def _remarked(identity: Identity, remark: Remark) -> Identity:
    return msgspec.structs.replace(identity, remark=remark)


def _stands_in_for_digits(own: Identity) -> bool:
    """Twelve digits fit the national reservnummer's form, but are more likely a personnummer gone astray."""
    return own.kind == "nationellt-reservnummer" and own.id.isdigit()


def _closer(other: _Parsed) -> bool:
    """Whether the form pointed at another kind clearly enough to say what is wrong with it as that."""
    return isinstance(other, IdentityProblem) and other.rule in ("ID-CENTURY", "ID-CHECKSUM")


def _by_form(text: str) -> _Parsed:
    """Read a number by its form alone; the LMA number's says too little."""
    digits = _twelve_digits(text)
    if digits is not None:
        if digits.startswith(_RESERV_PREFIX):
            return _stockholm(text)
        return _samordningsnummer(text) if int(digits[6:8]) > _SAMORDNING_DAY else _personnummer(text)
    if _DIGITS_10.fullmatch(text):
        return _ten_digits(text) or IdentityProblem(rule="ID-UNKNOWN-KIND")
    vgr = _vgr(text)
    if isinstance(vgr, Identity):
        return vgr
    if _NATIONAL_BY_FORM.fullmatch(text):
        return _nationellt(text)
    return IdentityProblem(rule="ID-UNKNOWN-KIND")


def _twelve_digits(text: str) -> str | None:
    match = _DIGITS_12.fullmatch(text)
    return match[1] + match[2] if match else None


def _ten_digits(text: str) -> IdentityProblem | None:
    digits = text[:6] + text[-4:]
    if not _checks(digits):
        return None
    samordning = int(digits[4:6]) > _SAMORDNING_DAY
    return IdentityProblem(rule="ID-CENTURY", kind="samordningsnummer" if samordning else "personnummer")


def _real_date(year: str, month: str, day: int) -> str | None:
    """``YYYY-MM-DD``, or None when the calendar has no such day or the century is none of those in use."""
    if year[:2] not in _CENTURIES:
        return None
    try:
        return date(int(year), int(month), day).isoformat()
    except ValueError:
        return None


def _checks(digits: str) -> bool:
    return luhn.checksum(digits) == 0


def _personnummer(text: str) -> _Parsed:
    return _dated(text, "personnummer", 0)


def _samordningsnummer(text: str) -> _Parsed:
    return _dated(text, "samordningsnummer", _SAMORDNING_DAY)


def _dated(text: str, kind: IdentityKind, added_to_day: int) -> _Parsed:
    digits = _twelve_digits(text)
    if digits is None:
        return IdentityProblem(rule="ID-CENTURY" if _DIGITS_10.fullmatch(text) else "ID-FORM", kind=kind)
    born = _real_date(digits[:4], digits[4:6], int(digits[6:8]) - added_to_day)
    if born is None:
        return IdentityProblem(rule="ID-DATE", kind=kind)
    if not _checks(digits[2:]):
        return IdentityProblem(rule="ID-CHECKSUM", kind=kind)
    return Identity(id=digits, kind=kind, fodelsedatum=born, kon="M" if digits[10] in _ODD else "K")


def _stockholm(text: str) -> _Parsed:
    kind: IdentityKind = "reservnummer-stockholm"
    digits = _twelve_digits(text)
    if digits is None or not digits.startswith(_RESERV_PREFIX):
        return IdentityProblem(rule="ID-FORM", kind=kind)
    if digits[2:4] not in _CENTURIES:
        return IdentityProblem(rule="ID-DATE", kind=kind)
    if not _checks(digits[4:]):
        return IdentityProblem(rule="ID-CHECKSUM", kind=kind)
    return Identity(id=digits, kind=kind)


def _vgr(text: str) -> _Parsed:
    kind: IdentityKind = "reservnummer-vgr"
    match = _VGR.fullmatch(text)
    if match is None:
        return IdentityProblem(rule="ID-FORM", kind=kind)
    day, letter, rest = match.groups()
    born = _real_date(day[:4], day[4:6], int(day[6:8]))
    if born is None:
        return IdentityProblem(rule="ID-DATE", kind=kind)
    if not _checks(day[2:] + _VGR_DIGIT[letter] + rest):
        return IdentityProblem(rule="ID-CHECKSUM", kind=kind)
    return Identity(id=day + letter + rest, kind=kind, fodelsedatum=born, kon=_VGR_SEX.get(letter))


def _nationellt(text: str) -> _Parsed:
    kind: IdentityKind = "nationellt-reservnummer"
    number = text.replace("-", "", 1)
    if not _ALPHANUMERIC_12.fullmatch(number):
        return IdentityProblem(rule="ID-FORM", kind=kind)
    return Identity(id=number, kind=kind)


def _lma(text: str) -> _Parsed:
    kind: IdentityKind = "lma-nummer"
    digits = text.translate(_LMA_SEPARATORS)
    if not _LMA.fullmatch(digits):
        return IdentityProblem(rule="ID-FORM", kind=kind)
    return Identity(id=digits, kind=kind)


_PARSERS: dict[IdentityKind, Callable[[str], _Parsed]] = {
    "personnummer": _personnummer,
    "samordningsnummer": _samordningsnummer,
    "nationellt-reservnummer": _nationellt,
    "reservnummer-stockholm": _stockholm,
    "reservnummer-vgr": _vgr,
    "lma-nummer": _lma,
}
