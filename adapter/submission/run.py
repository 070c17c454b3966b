"""Sending a pile, one after the other: two versions of a contact must arrive in the order of the files."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from adapter.submission.client import Client
from adapter.submission.journal import Journal, Outcome, outcome_of, shown_name
from adapter.submission.sources import Submission

GIVES_UP = 3
"""After so many submissions in a row without an answer nothing more is sent."""

_NOT_LET_IN = frozenset({401, 403})


def send_all(client: Client, pile: Iterable[Submission], journal: Journal | None = None) -> Iterator[Outcome]:
    """The outcome of each submission as soon as it is known; ends early when going on is in vain, because the
    adapter lets us not in or does not answer.

    What `journal` knows to be answered for good is not sent again; what is sent is written there. The same
    bytes for the second time in a pile count for themselves: a contact may be changed and changed back.
    """
    times: Counter[str] = Counter()
    silent = 0
    for number, item in enumerate(pile, start=1):
        digest = hashlib.sha256(item.raw).hexdigest()
        times[digest] += 1
        key = f"{digest}:{times[digest]}"
        known = journal.settled(key) if journal is not None else None
        if known is not None:
            yield known
            continue
        outcome = outcome_of(shown_name(item.name, number), key, client.send(item))
        if journal is not None:
            journal.keep(outcome)
        yield outcome
        silent = silent + 1 if outcome.status is None else 0
        if silent == GIVES_UP or outcome.status in _NOT_LET_IN:
            return
