"""Keeps identity numbers out of logs: queries are cut from URLs, long numbers are masked, in every record.

An identity number travels to a register in the query of a DELETE or GET, and libraries log URLs by
themselves; so the mask stands where log records are made, before any handler sees them.
"""

import logging
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

MASK = "***"

_DIGIT = r"(?:[0-9]|%3[0-9])"
_SIGN = r"(?:[-+\u2010-\u2015 ]|%2[DBdb0])"
_OPAQUE = r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])[0-9a-f]{24,64}(?![0-9A-Za-z])"
"""A lower-case hexadecimal id or key: it may hold ten digits in a row, and masking it would hide the lane."""
_NUMBER = rf"{_DIGIT}{{6,}}{_SIGN}?{_DIGIT}{{4,}}|[0-9]{{8}}[A-Za-z][0-9]{{3}}"
_NUMBERS = re.compile(f"({_OPAQUE})|{_NUMBER}")
_QUERY = re.compile(r"""((?:https?://|/)[^\s?"'<>]*)\?[^\s"'<>]+""")

_ANY_LONG_NUMBER = re.compile(rf"{_DIGIT}{{6,}}(?:{_SIGN}?{_DIGIT}{{3,}})*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONGEST_REASON = 200
_BETWEEN = r"[^0-9]{0,6}"
"""What people write between the digits of a number: signs, spaces, dots, a short word."""


def mask_text(text: str) -> str:
    """`text` without the queries of URLs, and with identity numbers masked.

    Masked is every run of ten digits or more, also with a sign before the last four and percent-encoded, and
    the reservnummer of eight digits, a letter and three digits.
    """
    if "?" in text:
        text = _QUERY.sub(rf"\1?{MASK}", text)
    return _NUMBERS.sub(_masked, text)


def mask_reason(text: str, hidden: str | None) -> str:
    """A register's own words, fit to be shown: one line of at most 200 characters, every run of six digits or
    more masked, and `hidden` (the identity number that was sent) also where it has letters."""
    text = _CONTROL.sub(" ", text)
    if hidden:
        text = re.sub(_spellings(hidden), MASK, text, flags=re.IGNORECASE)
    text = _ANY_LONG_NUMBER.sub(MASK, mask_text(text)).strip()
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: masks every text in the event; put it after the one that writes exceptions."""
    for name, value in event.items():
        event[name] = mask_value(value)
    return event


def mask_value(value: Any) -> Any:
    """`value` masked, also inside lists and mappings; of other objects nothing changes but what would show
    an identity number."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, bool | float | None):
        return value
    if isinstance(value, int):
        return 0 if _is_identity(value) else value
    if isinstance(value, Mapping):
        return {mask_value(name): mask_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [mask_value(inner) for inner in value]
    if isinstance(value, tuple):
        return tuple(mask_value(inner) for inner in value)
    shown = str(value)
    masked = mask_text(shown)
    return value if masked == shown else masked


def install_masking() -> None:
    """Mask every log record of this process, of libraries too, when it is made. Safe to call again."""
    factory = logging.getLogRecordFactory()
    if not isinstance(factory, _MaskingFactory):
        logging.setLogRecordFactory(_MaskingFactory(factory))


class _MaskingFactory:
    """Makes log records whose message, arguments and traceback are masked.

    Arguments stay arguments where they can, since some formatters (uvicorn's access log) read them.
    """

    def __init__(self, make: Any) -> None:
        self._make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._make(*args, **kwargs)
        if isinstance(record.args, tuple):
            record.args = tuple(mask_value(arg) for arg in record.args)
        elif record.args:
            record.args = dict(mask_value(record.args))
        if isinstance(record.msg, str):
            _mask_message(record)
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = mask_text(_TRACEBACK.formatException(record.exc_info))
        return record


_TRACEBACK = logging.Formatter()


def _mask_message(record: logging.LogRecord) -> None:
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):
        return
    masked = mask_text(message)
    if masked != message:
        record.msg, record.args = masked, ()


def _masked(match: re.Match[str]) -> str:
    return match[1] or MASK


def _is_identity(number: int) -> bool:
    """Whether an integer reads as a personnummer or samordningsnummer of ten or twelve digits."""
    if not 10**9 <= number < 10**12 or 10**10 <= number < 10**11:
        return False
    month, day = number // 10**6 % 100, number // 10**4 % 100
    return 1 <= month <= 12 and (1 <= day <= 31 or 61 <= day <= 91)


def _spellings(identity: str) -> str:
    """A pattern for the number with or without its century, whatever stands between its digits."""
    short = identity[2:] if len(identity) == 12 else identity
    return "|".join(_BETWEEN.join(map(re.escape, form)) for form in dict.fromkeys((identity, short)))
