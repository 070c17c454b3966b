"""The request's number, by which a sender and an operator can speak of the same request."""

import re
from itertools import count
from uuid import uuid4

from adapter.registers.masking import mask_text

_PROCESS = uuid4().hex[:12]
_numbers = count(1)
_FORM = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(given: str | None) -> str:
    """`given`, if it is a harmless token, else a fresh one: which start of the service, which request.

    It is echoed and logged, so a token with anything in it that looks like an identity number is replaced.
    """
    if given is not None and _FORM.fullmatch(given) and mask_text(given) == given:
        return given
    return f"{_PROCESS}-{next(_numbers)}"
