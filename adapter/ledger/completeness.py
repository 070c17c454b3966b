"""Completeness: what a sender says it had at a unit in a period, against what is here; the gaps are named."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from adapter.ledger.ledger import Ledger
from adapter.ledger.sql import completeness
from adapter.ledger.sql.completeness import Received
from adapter.ledger.sql.database import Database

Class = Literal[
    "accepted",
    "not-reported",
    "cancelled",
    "waiting",
    "held",
    "parked",
    "unknown",
    "refused",
    "pending",
    "shadow",
    "skipped",
    "discarded",
    "not-told",
    "never-received",
]
"""How a contact stands at a register. *pending*: it has not ended yet. *not-told*: nothing was made of it for
this register, which was not enabled when it came."""

DONE: tuple[Class, ...] = ("accepted", "not-reported", "cancelled")
"""Nothing is missing of these; the others are gaps."""

_BY_STATE: dict[str, Class] = {
    "waiting": "waiting",
    "leased": "waiting",
    "unknown": "unknown",
    "parked": "parked",
    "held": "held",
    "accepted": "accepted",
    "unchanged": "accepted",
    "closed": "cancelled",
    "skipped": "skipped",
    "discarded": "discarded",
    "shadow": "shadow",
}
_OPEN = frozenset({"waiting", "leased", "unknown", "parked", "held"})


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender says: of a unit (HSA-id) and dates of care (inclusive), which contacts or how many.

    `identifiers` are ``system|value``, or values alone where the unit's contacts share no value.
    """

    sender: str
    register: str
    unit: str
    since: str
    until: str
    identifiers: tuple[str, ...] = ()
    count: int | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How complete it is. `classes` names the contacts of each class, but for the accepted ones; `rules` says
    for those that are not reported by which rule.

    `elsewhere` are listed contacts that were received as of another unit or day, `unlisted` received ones
    that the sender does not name, `missing` how many a count lacks (negative: there are more).
    """

    counts: dict[str, int]
    classes: dict[str, tuple[str, ...]]
    rules: dict[str, int]
    elsewhere: tuple[str, ...]
    unlisted: tuple[str, ...]
    received: int
    said: int
    missing: int

    @property
    def complete(self) -> bool:
        """Whether the register has, or is not to have, everything that the sender says it had."""
        return self.missing <= 0 and not any(n for name, n in self.counts.items() if name not in DONE)


class Completeness:
    """Answers questions from a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def ask(self, question: Question) -> Answer:
        """Compare what the sender says with what is here."""
        return await self._ledger.read(lambda db: answered(db, question))


def answered(db: Database, question: Question) -> Answer:
    """The answer, from one reading of the ledger."""
    here = list(
        completeness.of_unit(
            db, question.sender, question.unit, question.since, question.until, question.register
        )
    )
    if question.count is not None:
        return _counted(question.count, here)
    said = tuple(dict.fromkeys(question.identifiers))
    spelt = _spellings(here)
    found = {name: spelt[name] for name in said if name in spelt}
    others = defaultdict(list)
    left = [name for name in said if name not in found]
    for one in completeness.of_identifiers(
        db, question.sender, [name if "|" in name else f"|{name}" for name in left], question.register
    ):
        others[one.identifier].append(one)
        others[one.identifier.removeprefix("|")].append(one)
    elsewhere = {name: others[name] for name in left if name in others}
    named = {one.identifier for received in found.values() for one in received}
    return _answer(said, found, elsewhere, [one for one in here if one.identifier not in named])


def class_of(received: Received) -> Class:
    """How a contact stands. What is open in its lane comes first: it is still to be settled."""
    if received.state in _OPEN:
        return _BY_STATE[received.state]
    if received.status == "cancelled":
        return "cancelled"
    if received.fate == "not-reported":
        return "not-reported"
    if received.fate == "pending" or received.status == "pending":
        return "pending"
    if received.state is not None:
        return _BY_STATE.get(received.state, "not-told")
    return "refused" if received.fate == "refused" else "not-told"


def _spellings(here: Iterable[Received]) -> dict[str, list[Received]]:
    """Contacts by identifier, and by its value alone where that is one contact's only."""
    whole: dict[str, list[Received]] = defaultdict(list)
    short: dict[str, set[str]] = defaultdict(set)
    for one in here:
        whole[one.identifier].append(one)
        short[one.identifier.rpartition("|")[2]].add(one.identifier)
    alone = {value: whole[next(iter(names))] for value, names in short.items() if len(names) == 1}
    return {**alone, **whole}


def _counted(count: int, here: Sequence[Received]) -> Answer:
    by_identifier = defaultdict(list)
    for one in here:
        by_identifier[one.identifier].append(one)
    answer = _answer(tuple(by_identifier), by_identifier, {}, [])
    return msgspec.structs.replace(answer, said=count, missing=count - len(by_identifier))


def _answer(
    said: tuple[str, ...],
    found: dict[str, list[Received]],
    elsewhere: dict[str, list[Received]],
    unlisted: Iterable[Received],
) -> Answer:
    classes: dict[str, list[str]] = defaultdict(list)
    rules: Counter[str] = Counter()
    for name in said:
        received = found.get(name) or elsewhere.get(name, [])
        kind = _worst(received)
        classes[kind].append(name)
        if kind == "not-reported":
            rules[next((one.rule for one in received if one.rule), "")] += 1
    return Answer(
        counts={kind: len(names) for kind, names in sorted(classes.items())},
        classes={kind: tuple(names) for kind, names in sorted(classes.items()) if kind != "accepted"},
        rules=dict(rules),
        elsewhere=tuple(elsewhere),
        unlisted=tuple(dict.fromkeys(one.identifier for one in unlisted)),
        received=len(found) + len(elsewhere),
        said=len(said),
        missing=0,
    )


def _worst(received: Sequence[Received]) -> Class:
    """The class of a contact: of a group's members that of the one which is furthest from its end."""
    classes = [class_of(one) for one in received]
    gaps = [kind for kind in classes if kind not in DONE]
    if gaps:
        return gaps[0]
    return next((kind for kind in DONE if kind in classes), "never-received")
