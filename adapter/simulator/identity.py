"""Patient identities as the registers take them: twelve characters, no hyphen, a check digit for some kinds.

Taken: personnummer, samordningsnummer (day + 60), Region Stockholm's reservnummer (``99`` + year + five
digits + check digit), VGR's reservnummer (``yyyymmddGggC``), national reservnummer (twelve letters and
digits, at least one of them a letter; no checksum that we know of).
"""

import re
from datetime import date

_VGR = re.compile(r"\d{8}[KMX]\d{3}")
_VGR_DIGIT = {"K": "5", "M": "7", "X": "8"}
_SAMORDNING = 60


def well_formed(identity: str) -> bool:
    """Twelve digits and capital letters of A-Z."""
    return len(identity) == 12 and identity.isascii() and identity.isalnum() and identity == identity.upper()


def check_digit_holds(identity: str) -> bool:
    """Whether the last digit is the one that the others give; True for kinds without a checksum."""
    if _VGR.fullmatch(identity):
        return _luhn(identity[2:8] + _VGR_DIGIT[identity[8]] + identity[9:])
    if not identity.isdigit():
        return True
    return _luhn(identity[4:] if identity.startswith("99") else identity[2:])


def birth_date_real(identity: str, today: date) -> bool:
    """Whether the first eight digits are a day up to today; True for numbers that hold no birth date."""
    if identity.startswith("99") and identity.isdigit():
        return True
    if not identity.isdigit() and not _VGR.fullmatch(identity):
        return True
    day = int(identity[6:8])
    if identity.isdigit() and day > _SAMORDNING:
        day -= _SAMORDNING
    try:
        return date(int(identity[:4]), int(identity[4:6]), day) <= today
    except ValueError:
        return False


def _luhn(digits: str) -> bool:
    """Weights 2, 1, 2, ... from the left over all but the last digit, which makes the sum end in 0."""
    total = 0
    for place, digit in enumerate(digits):
        value = int(digit) * (2 - place % 2)
        total += value if value < 10 else value - 9
    return total % 10 == 0
