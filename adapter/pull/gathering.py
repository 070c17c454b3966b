"""From the ids of Encounters to whole contacts: what points at them, and what all of that refers to."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

import orjson

from adapter.pull.source import NotOffered, Resource, Source
from adapter.registers.masking import mask_text
from adapter.submission.ndjson import Key, collection, contacts, key_of, links_of
from adapter.submission.sources import Submission

POINTING = {
    "Condition": "encounter",
    "Procedure": "encounter",
    "ServiceRequest": "encounter",
    "MedicationRequest": "encounter",
    "Observation": "encounter",
    "ClinicalImpression": "encounter",
    "CarePlan": "encounter",
    "Communication": "encounter",
    "DeviceRequest": "encounter",
    "NutritionOrder": "encounter",
    "MedicationAdministration": "context",
}
"""What says what was done at a contact, and the search parameter that finds it."""

REFERRED = frozenset(
    {
        "Patient", "Practitioner", "PractitionerRole", "Organization", "Location", "Appointment", "CareTeam",
        "EpisodeOfCare", "Group", "Medication", "Slot", "Encounter", *POINTING,
    }
)  # fmt: skip
"""What is fetched when a resource of the contact refers to it. Others say nothing of the contact."""

_SHARED = frozenset({"Practitioner", "PractitionerRole", "Organization", "Location", "Medication"})
_MOST_KEPT = 20_000
_AT_ONCE = 25
"""Encounters in one search: longer addresses are refused by some servers."""


class Gathering:
    """Gathers contacts from one source. `not_offered` names the types for which it knows no such search.

    Units and staff are kept from contact to contact (the last 20,000 of them), patients are not.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._kept: OrderedDict[Key, Resource | None] = OrderedDict()
        self.not_offered: set[str] = set()

    def submissions(self, encounters: Iterable[Resource], seen: set[str]) -> Iterator[Submission]:
        """One collection bundle for each contact that these Encounters belong to; the ids of all that came
        with them are added to `seen`. Raises SourceError."""
        found = {key: one for one in encounters if (key := key_of(one)) is not None}
        self._complete_encounters(found)
        seen.update(number for kind, number in found if kind == "Encounter")
        self._add_pointing(found)
        self._add_referred(found)
        for members in contacts({key: links_of(resource) for key, resource in found.items()}):
            bundle = collection((key, found[key]) for key in members)
            yield Submission(mask_text("/".join(members[0])), orjson.dumps(bundle))

    def by_ids(self, ids: Iterable[str]) -> list[Resource]:
        """These Encounters, as far as the server gives them."""
        read = (self._source.read("Encounter", number) for number in ids)
        return [resource for resource in read if resource is not None]

    def _complete_encounters(self, found: dict[Key, Resource]) -> None:
        """Add the Encounters that these are part of, and the other parts of those."""
        queue = list(found)
        while queue:
            outer = {target for key in queue for target in links_of(found[key]).owners}
            queue = []
            for target in outer:
                if isinstance(target, tuple) and target[0] == "Encounter" and target not in found:
                    resource = self._source.read(*target)
                    if resource is not None:
                        found[target] = resource
                        queue.append(target)
        for batch in _batches([number for _, number in list(found)]):
            self._search(found, "Encounter", {"part-of": _references(batch)})

    def _add_pointing(self, found: dict[Key, Resource]) -> None:
        for batch in _batches([number for kind, number in list(found) if kind == "Encounter"]):
            for kind, parameter in POINTING.items():
                self._search(found, kind, {parameter: _references(batch)})

    def _add_referred(self, found: dict[Key, Resource]) -> None:
        queue, asked = list(found), set[Key]()
        while queue:
            targets = dict.fromkeys(target for key in queue for target in links_of(found[key]).targets)
            queue = []
            for target in targets:
                if not isinstance(target, tuple) or target[0] not in REFERRED or target in asked:
                    continue
                asked.add(target)
                if target not in found and (resource := self._read(target)) is not None:
                    found[target] = resource
                    queue.append(target)
                if target[0] == "Practitioner":
                    queue += self._roles(found, target)

    def _roles(self, found: dict[Key, Resource], practitioner: Key) -> list[Key]:
        """Add the roles of a practitioner: its profession and unit stand there."""
        before = set(found)
        self._search(found, "PractitionerRole", {"practitioner": "/".join(practitioner)})
        return [key for key in found if key not in before]

    def _search(self, found: dict[Key, Resource], kind: str, parameters: dict[str, str]) -> None:
        if kind in self.not_offered:
            return
        try:
            for page in self._source.pages(kind, parameters):
                for resource in page:
                    key = key_of(resource)
                    if key is not None:
                        found.setdefault(key, resource)
        except NotOffered:
            if kind != "Encounter":
                self.not_offered.add(kind)

    def _read(self, key: Key) -> Resource | None:
        if key[0] not in _SHARED:
            return self._source.read(*key)
        if key not in self._kept:
            self._kept[key] = self._source.read(*key)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _references(ids: Iterable[str]) -> str:
    return ",".join(f"Encounter/{number}" for number in ids)
