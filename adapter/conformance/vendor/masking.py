"""What a file is called in a report: without identity numbers and names of persons. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from adapter.registers.masking import MASK, mask_text

_PERSONS = frozenset({"Patient", "RelatedPerson", "Practitioner", "Person"})
_LETTERS = re.compile(r"[^\W\d_]+")
_SHORTEST = 2
_SHORTEST_NUMBER = 4


def masked_name(name: str, bundle: Any, number: int) -> str:
    """`name` with what in it is an identity number, or the number or name of a person in the bundle, masked.

    `bundle` is the parsed content; None: it cannot be read, and nobody can tell what the name holds. What is
    masked is called by its `number` in the order of the files, too.
    """
    if bundle is None:
        suffix = name.rpartition(".")[2] if "." in name else ""
        return f"{MASK}.{mask_text(suffix)} (#{number})" if suffix.isalnum() else f"{MASK} (#{number})"
    shown = unicodedata.normalize("NFC", name)
    persons = list(_persons(bundle))
    for value in sorted({value for one in persons for value in _numbers(one)}, key=len, reverse=True):
        shown = re.sub(re.escape(value), MASK, shown, flags=re.IGNORECASE)
    words = {_folded(word) for one in persons for text in _names(one) for word in _LETTERS.findall(text)}
    long_enough = {word for word in words if len(word) >= _SHORTEST}
    masked = mask_text(_LETTERS.sub(lambda at: MASK if _folded(at[0]) in long_enough else at[0], shown))
    return masked if masked == unicodedata.normalize("NFC", name) else f"{masked} (#{number})"


def _persons(value: Any) -> Iterator[dict[str, Any]]:
    """The resources about persons at any depth."""
    if isinstance(value, dict):
        if value.get("resourceType") in _PERSONS:
            yield value
        for inner in value.values():
            yield from _persons(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _persons(inner)


def _numbers(person: dict[str, Any]) -> Iterator[str]:
    """The person's id and identifiers, where they are more than a serial number."""
    identifiers = person.get("identifier")
    listed = identifiers if isinstance(identifiers, list) else []
    for text in (person.get("id"), *(one.get("value") for one in listed if isinstance(one, dict))):
        if isinstance(text, str) and len(text) >= _SHORTEST_NUMBER:
            yield text


def _names(person: dict[str, Any]) -> Iterator[str]:
    """Every part of the person's names."""
    names = person.get("name")
    for name in names if isinstance(names, list) else ():
        if isinstance(name, dict):
            for part in ("family", "given", "text"):
                given = name.get(part)
                yield from (
                    one for one in (given if isinstance(given, list) else [given]) if isinstance(one, str)
                )


def _folded(word: str) -> str:
    """Without case and accents: file names often have neither."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
