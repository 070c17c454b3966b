"""Test persons: identity numbers that no patient has, so that their contacts are no care.

Skatteverket publishes numbers for tests (open data, *Testpersonnummer* and *Testsamordningsnummer*). They are
taken from series of birth numbers, the three digits before the check digit: 980-999 for persons born before
1987, 238-239 for those born later, and 238-239 for every samordningsnummer. Single numbers beside the series
are in use too: those that the profiles and regions publish, and those of a user's own list.

Some people who moved to Sweden before 1990 have birth numbers above 929, so a series says *probably*: a real
person's number can be excepted, and the series can be switched off.
"""

import msgspec

from adapter.domain.event import Patient

PUBLISHED = frozenset(
    {
        "191212121212",
        "195009072553",
        "196101182803",
        "200001252386",
        "196109732393",
        "991981000010",
        "991993000032",
        "19810829M071",
        "19450829K088",
    }
)
"""Numbers that HL7 Sweden's base profiles and the regions publish for tests."""

_OLD_SERIES = range(980, 1000)
_NEW_SERIES = range(238, 240)
_NEW_SERIES_FROM = "1987"


class TestPersons(msgspec.Struct, frozen=True, kw_only=True):
    """Who counts as a test person. Numbers have 12 characters, without a hyphen.

    `numbers` are test persons beside those that everybody knows, `real` are people whose numbers only look
    like a test person's. `series`: whether numbers of Skatteverket's series count.
    """

    __test__ = False

    numbers: frozenset[str] = frozenset()
    real: frozenset[str] = frozenset()
    series: bool = True

    def knows(self, patient: Patient) -> bool:
        """Whether a patient is a test person."""
        number = patient.id
        if number is None or number in self.real:
            return False
        return number in PUBLISHED or number in self.numbers or (self.series and _of_series(patient))


def _of_series(patient: Patient) -> bool:
    number = patient.id or ""
    if patient.kind == "samordningsnummer":
        return int(number[8:11]) in _NEW_SERIES
    if patient.kind != "personnummer":
        return False
    return int(number[8:11]) in (_OLD_SERIES if number < _NEW_SERIES_FROM else _NEW_SERIES)
