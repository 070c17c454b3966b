"""Modifier extensions and implicit rules that nobody knows: they can turn what a resource says around, so
it cannot be used.

FHIR R4, *Extensibility: modifier extensions*: an application that does not understand one must not process
the element as if it were not there. *Resource.implicitRules* is a modifier element: the same holds for rules
that a resource was made under.
"""

from collections.abc import Iterator
from typing import Any

from adapter.fhir.bundle import Bundle
from adapter.mapping.draft import Draft

KNOWN: frozenset[str] = frozenset()
"""URLs of the modifier extensions that the mapping understands. It understands none."""

RULE = "FHIR-MODIFIER-EXTENSION"
IMPLICIT = "FHIR-IMPLICIT-RULES"
_NAME, _RULES = "modifierExtension", "implicitRules"


class Modifiers:
    """The unknown modifier extensions and implicit rules of a bundle, looked for once in each entry."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._known: dict[int, tuple[str, ...]] = {}

    def tell(self, draft: Draft) -> None:
        """An error for each modifier extension of an entry that the event was read from: of its resource, of
        the entry itself, or of its request; and for rules that a resource in it was made under."""
        for entry in sorted(draft.entries) if self._bundle.may_modify else ():
            for path in self._of(entry):
                draft.findings.add(IMPLICIT if path.endswith(_RULES) else RULE, path)

    def _of(self, entry: int) -> tuple[str, ...]:
        known = self._known.get(entry)
        if known is None:
            known = tuple(_unknown(self._bundle.raw["entry"][entry], f"Bundle.entry[{entry}]"))
            self._known[entry] = known
        return known


def _unknown(value: dict[str, Any], path: str) -> Iterator[str]:
    """The paths of unknown modifier extensions, and of rules, on an element and below it."""
    for name, inner in value.items():
        if type(inner) is list:
            for index, item in enumerate(inner):
                if type(item) is not dict:
                    break
                if name == _NAME:
                    if item.get("url") not in KNOWN:
                        yield f"{path}.{_NAME}[{index}]"
                else:
                    yield from _unknown(item, f"{path}.{name}[{index}]")
        elif type(inner) is dict:
            yield from _unknown(inner, f"{path}.{name}")
        elif name == _RULES:
            yield f"{path}.{name}"
