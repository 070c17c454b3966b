"""Whether two submissions have the same content, however each is written."""

from typing import Any

import orjson

from adapter.fhir.parse import parsed_again
from adapter.fhir.xml.narrative import normal_form


def canonical(raw: bytes, *, narratives: bool) -> bytes:
    """The content of bytes that were read before, as JSON with sorted properties.

    With `narratives` their XHTML is brought to one form, so that JSON, which keeps its letters, can be
    compared with XML, which keeps its meaning. Raises ValueError for bytes that cannot be read.
    """
    found = parsed_again(raw)
    if narratives:
        _normalise(found)
    try:
        return orjson.dumps(found, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # nested deeper than can be written: then only the same bytes are the same
        return raw


def _normalise(found: Any) -> None:
    waiting = [found]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            if isinstance(item.get("div"), str):
                item["div"] = normal_form(item["div"])
            waiting += item.values()
