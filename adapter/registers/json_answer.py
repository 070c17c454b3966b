"""JSON from a register, read with suspicion: it can be anything, and as deep as somebody likes."""

from typing import Any, Final

import orjson

UNREADABLE: Final = object()
"""What `read_json` returns for bytes that are no JSON, or JSON that nests too deep to be an answer."""

_DEEPEST = 16


def read_json(body: bytes) -> Any:
    """The document in `body`, or UNREADABLE."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return UNREADABLE
    return document if _is_shallow(document) else UNREADABLE


def _is_shallow(document: Any) -> bool:
    level = [document]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return True
    return False


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
