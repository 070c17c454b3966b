"""The structural validator: the fast walk for nearly everything, the slow one for what it does not know."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from adapter.domain.finding import Findings
from adapter.fhir.parse import count_keys
from adapter.fhir.structure.explain import Explainer, Explanation
from adapter.fhir.structure.fast import FastWalk
from adapter.fhir.structure.model import build_models
from adapter.fhir.structure.table import Table, load_table
from adapter.fhir.structure.visit import Visit

Json = dict[str, Any]


class Validator:
    """R4's structure, ready to be asked. One per process is enough; it keeps no data of what it has seen.

    `resources` are the names of R4's resource types, `known` those of all its JSON properties.
    """

    def __init__(self, table: Table) -> None:
        models = build_models(table)
        self._fast = FastWalk(table, models)
        self._explainer = Explainer(table, models)
        self.resources = self._explainer.resources
        self.known = self._explainer.known

    def suspects(
        self, head: Json, entries: list[Any], types: Mapping[str, str]
    ) -> tuple[bool, list[int], int]:
        """Whether a bundle without its entries is right, the indexes of the entries that need a closer look,
        and the number of properties of head and other entries.

        `types` tells the resource type behind each fullUrl.
        """
        visit = Visit(types)
        suspects = self._fast.suspects(entries, visit)
        sound = self._fast.is_right("Bundle", head, visit)
        if sound and _settled(visit):
            return True, suspects, visit.keys
        return self._one_by_one(head, entries, types)

    def _one_by_one(
        self, head: Json, entries: list[Any], types: Mapping[str, str]
    ) -> tuple[bool, list[int], int]:
        """As `suspects`, with the strings of each entry tested by themselves, to tell whose are odd."""
        suspects, keys = [], 0
        for index, entry in enumerate(entries):
            visit = Visit(types)
            if self._fast.is_right("Bundle.entry", entry, visit) and _settled(visit):
                keys += visit.keys
            else:
                suspects.append(index)
        return self.is_right("Bundle", head), suspects, keys + count_keys(head)

    def is_right(self, type_name: str, value: Any) -> bool:
        """Whether an object is beyond doubt a right one of its type."""
        visit = Visit({})
        return self._fast.is_right(type_name, value, visit) and _settled(visit)

    def explanation(self, findings: Findings, types: Mapping[str, str]) -> Explanation:
        """A closer look, which objects into `findings`."""
        return Explanation(self._explainer, findings, types)


def _settled(visit: Visit) -> bool:
    try:
        return visit.settle()
    except TypeError:
        return False


@cache
def r4_validator() -> Validator:
    """The validator made from the table that ships with the package."""
    return Validator(load_table())
