"""A message with some of its members changed."""

import copy
from typing import Any


def changed(message: dict[str, Any], changes: dict[str, Any] | None) -> dict[str, Any]:
    """A copy with changes by path (``diagnoser.0.kod``); None takes a member out."""
    made = copy.deepcopy(message)
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        place: Any = made
        for step in parents:
            place = place[int(step) if isinstance(place, list) else step]
        key: Any = int(last) if isinstance(place, list) else last
        if value is None:
            del place[key]
        else:
            place[key] = value
    return made
