"""What a trial found, counted as it is read: memory does not grow with the contacts."""

from collections import Counter, defaultdict
from typing import Any

Json = dict[str, Any]

MOST_EXAMPLES = 5
MOST_PAIRS = 20


class Tally:
    """Counts by register, unit, rule and member, with a few event ids as examples."""

    def __init__(self) -> None:
        self._compared = 0
        self._not_kept = 0
        self._changes = 0
        self._kinds: Counter[tuple[str, str, str]] = Counter()
        self._examples: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        self._units: Counter[tuple[str, str, str]] = Counter()
        self._rules: Counter[tuple[str, str]] = Counter()
        self._fields: Counter[tuple[str, str]] = Counter()
        self._pairs: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)

    def add(self, page: Json) -> None:
        """A page of a comparison, as the API gives it."""
        self._compared += page["compared"]
        self._not_kept += page["not_kept"]
        for change in page["changes"]:
            self._add(change)

    def _add(self, change: Json) -> None:
        self._changes += 1
        kind = (change["register"], change["service"], change["kind"])
        self._kinds[kind] += 1
        if len(self._examples[kind]) < MOST_EXAMPLES:
            self._examples[kind].append(change["event"])
        self._units[change["unit"], change["register"], change["kind"]] += 1
        for rule in change["rules"]:
            self._rules[rule, change["kind"]] += 1
        for field in change["fields"]:
            where = (change["register"], field["field"])
            self._fields[where] += 1
            if field["before"] is not None or field["after"] is not None:
                self._pairs[where][str(field["before"]), str(field["after"])] += 1

    def document(self) -> Json:
        """The counts, the largest first."""
        return {
            "compared": self._compared,
            "not_kept": self._not_kept,
            "changes": self._changes,
            "kinds": [
                {
                    **_named(("register", "service", "kind"), key),
                    "contacts": n,
                    "examples": self._examples[key],
                }
                for key, n in self._kinds.most_common()
            ],
            "units": [
                {**_named(("unit", "register", "kind"), key), "contacts": n}
                for key, n in self._units.most_common()
            ],
            "rules": [
                {**_named(("rule", "kind"), key), "contacts": n} for key, n in self._rules.most_common()
            ],
            "fields": [
                {
                    **_named(("register", "field"), key),
                    "contacts": n,
                    "pairs": [
                        {"before": before, "after": after, "contacts": pairs}
                        for (before, after), pairs in self._pairs[key].most_common(MOST_PAIRS)
                    ],
                }
                for key, n in self._fields.most_common()
            ],
        }


def _named(names: tuple[str, ...], values: tuple[str, ...]) -> Json:
    return dict(zip(names, values, strict=True))
