"""The diagnoses of the contact: linked either way, the main one first, each with where it comes from."""

from operator import attrgetter
from typing import Any, Literal, NamedTuple, cast

import msgspec

from adapter.domain.event import Diagnos
from adapter.fhir.bundle import Node
from adapter.mapping.codes import Coded, report_codes
from adapter.mapping.codings import Coding, codings_in, codings_of, leaves_that_decide
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.links import Links
from adapter.mapping.subject import Subjects

_LEFT_OUT = frozenset(("refuted", "entered-in-error"))
_WANTED = ("icd-10-se", "ksh97-p")
_HD = "HD"
_KV_DIAGNOSTYP = ("kv_diagnostyp",)
_USES = {"DD": 0, "billing": 1, "CC": 2}
_WITHOUT_USE = 3
_OTHER_USE = 4
_UNRANKED = (9, 9, 9)
_BY_RANK = "DIAGNOS-RANK"
_BY_LOWEST = "DIAGNOS-LOWEST-RANK"
_Rank = tuple[int, int, int]
_Paths = tuple[str, ...]
_System = Literal["icd-10-se", "ksh97-p"]
_NO_CODE = Coded("", "", (), ())


class Ranking(msgspec.Struct, frozen=True):
    """One rank of Encounter.diagnosis: number of the encounter, priority of the use, rank; low is first."""

    place: _Rank
    path: str
    use_paths: _Paths

    @property
    def names_main(self) -> bool:
        """Whether the use can name a main diagnosis; admission and other uses cannot."""
        return self.place[1] != _OTHER_USE

    def paths(self, best: _Rank, rule: str, *, group: bool, alone: bool) -> _Paths:
        """The leaves on which it depends whether it names the main diagnosis, now that `best` does by `rule`.

        Outside a group rank 1 of the weightiest use does; in a group, or without any rank 1, any rank. The
        rank does not matter where no rank could outweigh `best`, or (in a group) where it is `alone` in its
        use; the use does not where not even the weightiest would help.
        """
        number, use, rank = self.place
        any_rank = group or rule == _BY_LOWEST
        of_use = self.use_paths if (any_rank or rank == 1) and (number, 0, rank) <= best else ()
        if rule == _BY_LOWEST:
            matters = self.names_main
        elif group:
            matters = (number, use) == best[:2] and not alone
        else:
            matters = (number, use, 1) <= best
        return (self.path, *of_use) if matters else of_use


class Candidate(msgspec.Struct):
    """A Condition of the contact, in the making.

    `rank` is the weightiest of its `rankings`, `rank_paths` are the leaves of all of them. `mark_paths` are
    the leaves that mark it as the main one or not, `selected` those of its status, links and subject,
    `order_paths` those that gave it its place.
    """

    node: Node
    link: _Paths = ()
    rankings: list[Ranking] = msgspec.field(default_factory=list)
    rank: _Rank = _UNRANKED
    rank_paths: _Paths = ()
    mark_paths: _Paths = ()
    main: bool = False
    selected: _Paths = ()
    order_paths: _Paths = ()
    coded: Coded = _NO_CODE

    def add_ranking(self, ranking: Ranking) -> None:
        """Take in one of its ranks; the weightiest counts for the order."""
        self.rank = min(self.rank, ranking.place) if self.rankings else ranking.place
        self.rank_paths += (ranking.path, *ranking.use_paths)
        self.rankings.append(ranking)

    def naming_rank(self, *, group: bool) -> _Rank:
        """The weightiest rank that can name it the main diagnosis: rank 1, in a group any."""
        if not self.rankings:
            return _UNRANKED
        places = [one.place for one in self.rankings if one.names_main and (group or one.place[2] == 1)]
        return min(places) if places else _UNRANKED

    def naming_paths(self, best: _Rank, rule: str, *, group: bool, alone: bool) -> _Paths:
        """The leaves of its ranks on which it depends whether one of them names it the main diagnosis."""
        found: _Paths = ()
        for ranking in self.rankings:
            found += ranking.paths(best, rule, group=group, alone=alone)
        return found

    def absorb(self, same: "Candidate") -> None:
        """Take in another Condition with the same code: the two are one diagnosis."""
        own, other = self.coded, same.coded
        self.coded = Coded(own.code, own.system, own.paths + other.paths, own.by + other.by)
        self.selected += same.selected
        self.order_paths += same.order_paths


class Ordered(NamedTuple):
    """The diagnoses in their order, and the rule that found the main one."""

    candidates: list[Candidate]
    rule: str


class Diagnoses(msgspec.Struct, frozen=True):
    """The diagnoses, and the number of each Condition (by its path) for the actions that name it."""

    members: tuple[Diagnos, ...] = ()
    numbers: dict[str, int] = {}


def map_diagnoses(draft: Draft, links: Links, encounters: tuple[Node, ...], subjects: Subjects) -> Diagnoses:
    """The diagnoses of all encounters of the contact that belong to its patient and stand."""
    listed = [
        candidate
        for candidate in _candidates(draft, links, encounters)
        if _counts(draft, candidate, subjects) and _read(draft, candidate)
    ]
    return _number(draft, _order(draft, listed, group=subjects.is_group))


def _candidates(draft: Draft, links: Links, encounters: tuple[Node, ...]) -> list[Candidate]:
    """The Conditions as listed: those that Encounter.diagnosis names, then those that name the Encounter."""
    found: dict[str, Candidate] = {}
    for number, encounter in enumerate(encounters):
        for index, item in enumerate(encounter.resource.get("diagnosis", ())):
            _take_listed(draft, found, encounter, item, number, f"{encounter.path}.diagnosis[{index}]")
    for encounter in encounters:
        for linked in links.conditions(encounter):
            _candidate(found, linked.node).link += linked.paths
    return list(found.values())


def _candidate(found: dict[str, Candidate], node: Node) -> Candidate:
    candidate = found.get(node.path)
    if candidate is None:
        candidate = found[node.path] = Candidate(node)
    return candidate


def _take_listed(
    draft: Draft, found: dict[str, Candidate], encounter: Node, item: dict[str, Any], number: int, path: str
) -> None:
    reference = item.get("condition", {})
    node = draft.bundle.resolve(reference, encounter)
    if node is None:
        if not draft.tell_ambiguous(reference, encounter, path + ".condition"):
            draft.findings.add("DIAGNOS-NOT-FOUND", path + ".condition")
        return
    if node.type != "Condition":
        return
    candidate = _candidate(found, node)
    candidate.link += reference_paths(reference, path + ".condition")
    uses = codings_of(item.get("use"), path + ".use", draft.context.aliases)
    if uses:
        _mark(candidate, uses)
    rank = item.get("rank")
    if rank is not None:
        use_priority = min([_USES.get(use.code, _OTHER_USE) for use in uses]) if uses else _WITHOUT_USE
        use_paths = tuple([use.paths[0] for use in uses])
        candidate.add_ranking(Ranking((number, use_priority, int(rank)), path + ".rank", use_paths))


def _mark(candidate: Candidate, codings: list[Coding]) -> None:
    """Whether one of the codings marks the main diagnosis: HD of kv_diagnostyp."""
    candidate.mark_paths += leaves_that_decide(codings, _HD, _KV_DIAGNOSTYP)
    candidate.main = candidate.main or any(
        coding.code == _HD and coding.system in _KV_DIAGNOSTYP for coding in codings
    )


def _counts(draft: Draft, candidate: Candidate, subjects: Subjects) -> bool:
    """Whether the Condition stands and is this patient's; those of a group's other members are theirs."""
    node = candidate.node
    if not subjects.owns(draft, node):
        if not subjects.is_others(draft, node):
            draft.findings.add("DIAGNOS-OTHER-PATIENT", *subjects.paths(node))
        return False
    draft.entries.add(node.entry)
    stands: _Paths = ()
    status = node.resource.get("verificationStatus", {})
    for index, coding in enumerate(status.get("coding", ())):
        path = f"{node.path}.verificationStatus.coding[{index}].code"
        if coding.get("code") in _LEFT_OUT:
            draft.findings.add("DIAGNOS-STATUS", path)
            return False
        stands += (path,)
    candidate.selected = stands + candidate.link + subjects.paths(node)
    return True


def _read(draft: Draft, candidate: Candidate) -> bool:
    """Code and category of a Condition; whether it has a code to report."""
    node = candidate.node
    codes = report_codes(draft, node.resource.get("code"), node.path + ".code", _WANTED)
    if not codes:
        return False
    candidate.coded = codes[0]
    if len(codes) > 1:
        draft.findings.add("CODE-SEVERAL", *(one.paths[0] for one in codes), system=codes[0].system)
    categories = node.resource.get("category")
    if categories:
        _mark(candidate, codings_in(categories, node.path + ".category", draft.context.aliases))
    return True


def _order(draft: Draft, listed: list[Candidate], *, group: bool) -> Ordered:
    """Main first, then by rank, then as listed."""
    if not listed:
        return Ordered([], "")
    main, rule = _main(draft, listed, group)
    rest = [candidate for candidate in listed if candidate is not main]
    if len(rest) > 1:
        rest.sort(key=attrgetter("rank"))
    best = main.naming_rank(group=group or rule == _BY_LOWEST)
    alone = sum([ranking.place[:2] == best[:2] for one in listed for ranking in one.rankings]) == 1
    for one in listed:
        ranks: _Paths = ()
        if len(rest) > 1:
            ranks = one.rank_paths
        elif rule in (_BY_RANK, _BY_LOWEST):
            ranks = one.naming_paths(best, rule, group=group, alone=alone)
        one.order_paths = one.mark_paths + ranks + one.link
    return Ordered([main, *rest], rule)


def _main(draft: Draft, listed: list[Candidate], group: bool) -> tuple[Candidate, str]:
    """HD, else rank 1 in the weightiest use, else lowest rank or first listed; and which of these.

    The ranks of a group's Encounter run over all its patients: the lowest of a patient's own is the first.
    """
    stated = [candidate for candidate in listed if candidate.main]
    if stated:
        if len(stated) > 1:
            _remark(draft, "DIAGNOS-SEVERAL-MAIN", stated)
        return min(stated, key=attrgetter("rank")), "DIAGNOS-HD"
    places = [candidate.naming_rank(group=group) for candidate in listed]
    best = min(places)
    if best == _UNRANKED:
        return _unmarked(draft, listed)
    equals = [candidate for candidate, place in zip(listed, places, strict=True) if place == best]
    if len(equals) > 1:
        _remark(draft, "DIAGNOS-SEVERAL-MAIN", equals)
    return equals[0], _BY_RANK


def _unmarked(draft: Draft, listed: list[Candidate]) -> tuple[Candidate, str]:
    """The lowest rank, else the first listed; a remark where there was anything to choose among."""
    if len(listed) > 1:
        _remark(draft, "DIAGNOS-NO-MAIN", listed)
    places = [candidate.naming_rank(group=True) for candidate in listed]
    best = min(places)
    if best == _UNRANKED:
        return listed[0], "DIAGNOS-LISTED"
    return listed[places.index(best)], _BY_LOWEST


def _remark(draft: Draft, rule: str, candidates: list[Candidate]) -> None:
    paths = (one.link + one.mark_paths + one.rank_paths for one in candidates)
    draft.findings.add(rule, *(path for some in paths for path in some))


def _number(draft: Draft, ordered: Ordered) -> Diagnoses:
    """Number the diagnoses; the same code twice is one diagnosis, at the place of the first."""
    merged: dict[str, Candidate] = {}
    numbers: dict[str, int] = {}
    for candidate in ordered.candidates:
        first = merged.setdefault(candidate.coded.code, candidate)
        if first is candidate:
            numbers[candidate.node.path] = len(merged)
        else:
            draft.findings.add("DIAGNOS-DUPLICATE", candidate.coded.paths[0], first.coded.paths[0])
            numbers[candidate.node.path] = numbers[first.node.path]
            first.absorb(candidate)
    members = []
    for index, candidate in enumerate(merged.values()):
        system = cast(_System, candidate.coded.system)
        members.append(Diagnos(kod=candidate.coded.code, system=system, ordning=index + 1, huvud=index == 0))
        _trace(draft, f"diagnoser[{index}]", candidate, ordered.rule)
    return Diagnoses(tuple(members), numbers)


def _trace(draft: Draft, at: str, candidate: Candidate, rule: str) -> None:
    """The code's leaves first, then status, links and subject; rank and category for the order."""
    code, by = candidate.coded.paths, candidate.coded.by
    selected, order = candidate.selected, candidate.order_paths
    system = (code[1], code[0], *code[2:]) if len(code) > 1 else code
    draft.trace(at + ".kod", code + selected, by)
    draft.trace(at + ".system", system + selected, ("CODE-ALIAS", *by))
    draft.trace(at + ".ordning", order, ("DIAGNOS-ORDER",))
    draft.trace(at + ".huvud", order, (rule,))
