"""SMART scopes of systems: ``system/Encounter.c``, ``system/*.cruds``; version 1: ``system/Encounter.write``.

Source: HL7 SMART App Launch 2.2.0, "Scopes for requesting FHIR Resources". Scopes with a query (granular
ones) are not granted: what they would narrow would not be kept here.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

LETTERS = "cruds"
"""create, read, update, delete, search: in this order, as the standard has it."""

ANY = "*"
_FORM = re.compile(r"system/(\*|[A-Z][A-Za-z]{1,63})\.([a-z*]{1,5})")
_FIRST = {"read": "rs", "write": "cud", "*": LETTERS}
_MOST = 100


class Scope(msgspec.Struct, frozen=True):
    """What may be done (`letters`, in the order of LETTERS) with resources of a type, ``*`` for all types."""

    resource: str
    letters: str

    def __str__(self) -> str:
        return f"system/{self.resource}.{self.letters}"


@lru_cache(maxsize=1024)
def scope_of(text: str) -> Scope | None:
    """The scope that a text names; None for one that is not known or not for systems."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    resource, asked = match[1], match[2]
    letters = _FIRST.get(asked, asked)
    is_ordered = letters == "".join(letter for letter in LETTERS if letter in letters)
    return Scope(resource, letters) if is_ordered else None


def scopes_of(texts: Iterable[str]) -> tuple[Scope, ...]:
    """Those of the texts that are scopes."""
    return tuple(scope for scope in map(scope_of, texts) if scope is not None)


def covers(held: Iterable[Scope], right: Scope) -> bool:
    """Whether all that `right` names may be done with the `held` scopes together."""
    letters = {
        letter for scope in held if scope.resource in (right.resource, ANY) for letter in scope.letters
    }
    return letters.issuperset(right.letters)


def granted(asked: str, held: tuple[Scope, ...]) -> str:
    """What of the scopes that are asked for (parted by spaces) may be given to who holds `held`.

    A scope that is given whole is written as it was asked for; else what is left of it. Empty: nothing.
    """
    given: dict[str, None] = {}
    for text in asked.split()[:_MOST]:
        wanted = scope_of(text)
        if wanted is None:
            continue
        if covers(held, wanted):
            given[text] = None
            continue
        for scope in held:
            common = _common(wanted, scope)
            if common is not None:
                given[str(common)] = None
    return " ".join(given)


def _common(wanted: Scope, held: Scope) -> Scope | None:
    if ANY not in (wanted.resource, held.resource) and wanted.resource != held.resource:
        return None
    resource = held.resource if wanted.resource == ANY else wanted.resource
    letters = "".join(letter for letter in wanted.letters if letter in held.letters)
    return Scope(resource, letters) if letters else None
