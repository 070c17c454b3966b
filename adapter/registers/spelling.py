"""Values of a register's body reduced to what two systems spell alike, and to what may be shown of them."""

import re
from typing import Any

from adapter.registers.equality import is_given

_CODE = re.compile(r"[A-ZÅÄÖ0-9.+-]{1,7}", re.IGNORECASE)


def letters(value: Any) -> str:
    """The letters and digits, in capitals; empty for what is not given."""
    return "".join(sign for sign in str(value).upper() if sign.isalnum()) if is_given(value) else ""


def digits(value: Any) -> str:
    """The digits; empty for what is not given."""
    return "".join(sign for sign in str(value) if sign in "0123456789") if is_given(value) else ""


def codes(value: Any) -> str:
    """The codes of a member, in order; what does not look like a code is not repeated."""
    if isinstance(value, list):
        return ", ".join(codes(item.get("kod") if isinstance(item, dict) else item) for item in value) or "-"
    if not is_given(value):
        return "-"
    text = str(value).strip()
    return text if _CODE.fullmatch(text) else "(no code)"
