"""R4's primitive types: one test for each, on values as a JSON parser gives them.

The common form is told with cheap string methods; only what those do not recognise meets the definition's
regex.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable

from adapter.fhir.structure.dates import in_calendar, is_usual_time
from adapter.fhir.structure.narrative import flaw

Test = Callable[[object], bool]

MAX_STRING = 1024 * 1024
_INT_MAX = 2**31 - 1
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
BLANKS = " \t\r\n"
_NO_SPACES = str.maketrans("", "", BLANKS)
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)

JSON_TYPE = {"boolean": "true/false", "integer": "number", "positiveInt": "number", "unsignedInt": "number"}
JSON_TYPE["decimal"] = "number"


class Lexical(str):
    """A value of XML that has not the form of its type, which in JSON would not be a text."""

    __slots__ = ()


def is_boolean(value: object) -> bool:
    """true or false."""
    return value is True or value is False


def is_integer(value: object) -> bool:
    """A JSON number without fraction in 32 bits."""
    return type(value) is int and -_INT_MAX - 1 <= value <= _INT_MAX


def is_positive(value: object) -> bool:
    """An integer from 1."""
    return type(value) is int and 0 < value <= _INT_MAX


def is_unsigned(value: object) -> bool:
    """An integer from 0."""
    return type(value) is int and 0 <= value <= _INT_MAX


def is_decimal(value: object) -> bool:
    """Any JSON number."""
    kind = type(value)
    return kind is float or kind is int


def is_string(value: object) -> bool:
    """Text with something in it, at most 1 MB, no control characters but tab, CR and LF."""
    if type(value) is not str or not 0 < len(value) <= MAX_STRING:
        return False
    return (value.isprintable() or CONTROL.search(value) is None) and value.strip(BLANKS) != ""


def is_uri(value: object) -> bool:
    """Text without white space."""
    if type(value) is not str or not 0 < len(value) <= MAX_STRING or " " in value:
        return False
    return value.isprintable() or (CONTROL.search(value) is None and value.translate(_NO_SPACES) == value)


def is_id(value: object) -> bool:
    """1 to 64 of A-Z a-z 0-9 - and full stop."""
    return type(value) is str and _ID.fullmatch(value) is not None


def is_base64(value: object) -> bool:
    """Base 64 with padding; white space between is allowed."""
    if type(value) is not str:
        return False
    packed = value.translate(_NO_SPACES)
    if not packed or len(packed) % 4 or not packed.isascii():
        return False
    try:
        a2b_base64(packed, strict_mode=True)
    except Base64Error:
        return False
    return True


def is_xhtml(value: object) -> bool:
    """A narrative's div; see `narrative`."""
    return type(value) is str and flaw(value) == ""


def _by_regex(regex: str) -> Test:
    match = re.compile(regex, re.ASCII).fullmatch

    def matches(value: object) -> bool:
        return type(value) is str and match(value) is not None

    return matches


def _code(regex: str) -> Test:
    match = re.compile(regex, re.ASCII).fullmatch

    def is_code(value: object) -> bool:
        if type(value) is not str or not value or len(value) > MAX_STRING:
            return False
        if value.isprintable() and " " not in value:
            return True
        return CONTROL.search(value) is None and match(value) is not None

    return is_code


def _date(regex: str) -> Test:
    match = re.compile(regex, re.ASCII).fullmatch

    def is_date(value: object) -> bool:
        return type(value) is str and match(value) is not None and in_calendar(value)

    return is_date


def _date_time(regex: str) -> Test:
    match = re.compile(regex, re.ASCII).fullmatch

    def is_date_time(value: object) -> bool:
        if type(value) is not str:
            return False
        return is_usual_time(value) or (match(value) is not None and in_calendar(value))

    return is_date_time


_FIXED: dict[str, Test] = {
    "boolean": is_boolean,
    "integer": is_integer,
    "positiveInt": is_positive,
    "unsignedInt": is_unsigned,
    "decimal": is_decimal,
    "string": is_string,
    "markdown": is_string,
    "uri": is_uri,
    "url": is_uri,
    "canonical": is_uri,
    "id": is_id,
    "base64Binary": is_base64,
    "xhtml": is_xhtml,
}
_MADE: dict[str, Callable[[str], Test]] = {
    "code": _code,
    "date": _date,
    "dateTime": _date_time,
    "instant": _date_time,
}


def primitive_tests(regexes: dict[str, str]) -> dict[str, Test]:
    """The test of each primitive type, by name."""
    return {name: _FIXED.get(name) or _MADE.get(name, _by_regex)(regex) for name, regex in regexes.items()}


def has_form(regex: str, value: str) -> bool:
    """Whether a text matches the definition's regex (and may still be no day of the calendar)."""
    return re.fullmatch(regex, value, re.ASCII) is not None
