"""Values of XML's attributes as JSON has them: true and false, numbers, texts."""

import re
from typing import Any

import orjson

from adapter.fhir.structure.primitives import Lexical

_BOOLEANS = {"true": True, "false": False}
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,30})", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_LONGEST = 100

OTHER_THAN_TEXT = frozenset({"boolean", "integer", "positiveInt", "unsignedInt", "decimal"})
"""The primitive types that JSON does not write as texts."""


def json_value(kind: str, text: str) -> Any:
    """The value of a primitive type. What has not the type's form stays a text, marked as `Lexical`: there is
    nothing in XML that says what it was meant to be."""
    if kind == "boolean":
        return _BOOLEANS.get(text, Lexical(text))
    if kind == "decimal":
        return _decimal(text)
    return int(text) if _INTEGER.fullmatch(text) else Lexical(text)


def _decimal(text: str) -> Any:
    """As the JSON parser would read the same digits."""
    if len(text) > _LONGEST or not _DECIMAL.fullmatch(text):
        return Lexical(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return Lexical(text)
