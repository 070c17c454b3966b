"""HSA-ids: how units, care providers and staff are named in Sweden's HSA directory."""

import re

_FORM = re.compile(r"SE[0-9]{10}(?:[0-9]{2})?-[0-9A-Z]+")
_LONGEST = 31


def parse_hsa_id(value: str) -> str | None:
    """The HSA-id `value` in upper case, the form in which two of them compare; None if it is none.

    Form: ``SE``, the organisation number (ten digits, twelve occur), a hyphen, letters and digits; at most
    31 characters, in either case (Inera, HSA-schema; docs/reference/identity).
    """
    text = value.strip().upper()
    return text if len(text) <= _LONGEST and _FORM.fullmatch(text) else None


def same_hsa_id(one: str, other: str) -> bool:
    """Whether two HSA-ids name the same thing: case does not count."""
    return one.strip().upper() == other.strip().upper()
