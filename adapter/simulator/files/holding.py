"""What the receivers of files hold: the state of each record, and each patient's physician."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Held:
    """One record. `history` are its events in order (``ny``, ``rattad``, ``makulerad``)."""

    key: str
    stands: bool = False
    content: Any = None
    history: list[str] = field(default_factory=list)


class Records:
    """Records that say what happens to them: a first report twice, or a change of nothing, is an error."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def problem(self, key: str, handelse: str) -> str | None:
        """Why the event does not fit what is held, None when it does."""
        stands = key in self._held and self._held[key].stands
        if handelse == "ny":
            return "the record is there already" if stands else None
        return None if stands else "there is no such record"

    def take(self, key: str, handelse: str, content: Any) -> None:
        """Let the event happen."""
        held = self._held.setdefault(key, Held(key))
        held.stands = handelse != "makulerad"
        held.content = content
        held.history.append(handelse)

    def shown(self, full: bool) -> list[dict[str, Any]]:
        """The records in the order in which they first came; with `full` what they say."""
        return [
            {"record": one.key, "stands": one.stands, "history": one.history}
            | ({"content": one.content} if full else {})
            for one in self._held.values()
        ]


class Links:
    """Who is whose physician. A newer day ends the older link, an older day changes nothing."""

    def __init__(self) -> None:
        self._links: dict[str, tuple[str, str, str]] = {}
        self._told: dict[str, int] = {}

    def take(self, key: str, row: list[str]) -> None:
        """Enter a row: patient, physician (empty: none), day."""
        patient, physician, since = row
        self._told[key] = self._told.get(key, 0) + 1
        current = self._links.get(patient)
        if current is None or since >= current[2]:
            self._links[patient] = (key, physician, since)

    def shown(self, full: bool) -> list[dict[str, Any]]:
        """The links; with `full` whose they are."""
        return [
            {"record": key, "physician": physician or None, "since": since, "told": self._told[key]}
            | ({"patient": patient} if full else {})
            for patient, (key, physician, since) in self._links.items()
        ]
