"""One round: what has changed since the checkpoint is gathered, sent on, and only then ticked off."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from adapter.pull.checkpoint import Checkpoint, last_updated
from adapter.pull.gathering import Gathering
from adapter.pull.source import Resource, Source
from adapter.submission.client import Client
from adapter.submission.journal import Outcome
from adapter.submission.ndjson import links_of
from adapter.submission.run import send_all

CHANGING = ("Encounter", "Condition", "Procedure")
"""The types whose changes are looked for: a diagnosis may be added while its Encounter stays as it is."""


class Round:
    """Fetches what is new and sends it. Iterate over it once; `complete` says afterwards if all was sent."""

    def __init__(
        self, source: Source, client: Client, checkpoint: Checkpoint, path: Path, count: int = 50
    ) -> None:
        self._source = source
        self._client = client
        self._checkpoint = checkpoint
        self._path = path
        self._count = count
        self._gathering = Gathering(source)
        self._sent: set[str] = set()
        self.complete = False

    @property
    def not_offered(self) -> set[str]:
        """Types that the source offers no search for."""
        return self._gathering.not_offered

    def __iter__(self) -> Iterator[Outcome]:
        """The outcome of each contact. Raises SourceError; what was done by then is ticked off."""
        for kind in CHANGING:
            for outcome in self._changes(kind):
                yield outcome
                if not outcome.is_settled:
                    return
        self.complete = True

    def _changes(self, kind: str) -> Iterator[Outcome]:
        """Contacts in which something of this type has changed, page by page.

        A page is ticked off when its contacts are answered for good, as long as the server sorts by change;
        for one that does not, the mark moves at the end.
        """
        parameters = {
            "_lastUpdated": f"ge{self._checkpoint.searched_from(kind)}",
            "_sort": "_lastUpdated",
            "_count": str(self._count),
        }
        newest: datetime | None = None
        is_sorted = True
        for page in self._source.pages(kind, parameters):
            resources = [one for one in page if one.get("resourceType") == kind]
            contacts = self._gathering.submissions(self._encounters(resources), self._sent)
            for outcome in send_all(self._client, contacts):
                yield outcome
                if not outcome.is_settled:
                    return
            for moment in filter(None, map(last_updated, resources)):
                is_sorted = is_sorted and (newest is None or moment >= newest)
                newest = moment if newest is None else max(newest, moment)
            if is_sorted and newest is not None:
                self._checkpoint.advance(kind, newest, self._path)
        if newest is not None:
            self._checkpoint.advance(kind, newest, self._path)

    def _encounters(self, resources: list[Resource]) -> list[Resource]:
        """The Encounters of a page, or those that its resources belong to; each once in a round."""
        if resources and resources[0].get("resourceType") == "Encounter":
            return [one for one in resources if str(one.get("id")) not in self._sent]
        owners = dict.fromkeys(owner for one in resources for owner in links_of(one).owners)
        ids = [owner[1] for owner in owners if isinstance(owner, tuple) and owner[0] == "Encounter"]
        return self._gathering.by_ids(number for number in ids if number not in self._sent)
