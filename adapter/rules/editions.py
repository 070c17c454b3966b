"""Editions of rules side by side: which one judges, and one catalogue of all rules."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise

import msgspec

from adapter.domain.rule import Catalogue, Rule
from adapter.rules.compiling import compile_edition
from adapter.rules.edition import Edition
from adapter.rules.overlaying import laid_over
from adapter.rules.problem import Problem
from adapter.rules.reading import Pack, PackRule

_Service = tuple[str, str]


class Packs(msgspec.Struct, frozen=True):
    """Every rule that was loaded.

    `catalogue` explains any rule id; where editions word a rule differently it holds the newest wording
    (`Edition.catalogue` has that of the edition). `packs` are the files as read, in order.
    """

    catalogue: Catalogue
    packs: tuple[Pack, ...]
    editions: Mapping[_Service, tuple[Edition, ...]]

    def edition(self, register: str, service: str, care_date: str) -> Edition | None:
        """The edition that judges a contact of `care_date` (``YYYY-MM-DD``), None when none is valid then."""
        for edition in self.editions.get((register, service), ()):
            if edition.covers(care_date):
                return edition
        return None


def assemble(packs: Iterable[Pack], problems: list[Problem]) -> Packs:
    """Put packs together; clashes between them (ids, names, periods) go to `problems`."""
    counting = laid_over(packs, problems)
    packs = tuple(
        sorted(counting, key=lambda pack: (pack.head.valid_from or date.min, str(pack.source.file)))
    )
    catalogue: dict[str, Rule] = {}
    owners: dict[str, Pack] = {}
    names: dict[str, Pack] = {}
    services: dict[_Service, list[Pack]] = {}
    for pack in packs:
        other = names.setdefault(pack.head.pack, pack)
        if other is not pack:
            problems.append(pack.source.problem(f"the name is taken by {other.source.file}", "pack"))
        for rule in pack.rules:
            _own(rule, pack, owners, problems)
            catalogue[rule.face.id] = rule.face
        if pack.head.register is not None:
            services.setdefault((pack.head.register, pack.head.service or ""), []).append(pack)
    editions = {}
    for service, side_by_side in services.items():
        problems.extend(_periods(side_by_side))
        editions[service] = tuple(compile_edition(pack, catalogue, problems) for pack in side_by_side)
    return Packs(catalogue=catalogue, packs=packs, editions=editions)


def _own(rule: PackRule, pack: Pack, owners: dict[str, Pack], problems: list[Problem]) -> None:
    """A rule id belongs to one pack, or to one service, whose editions may each have it once."""
    owner = owners.get(rule.face.id)
    same_service = (
        owner is not None
        and owner is not pack
        and pack.head.register is not None
        and (owner.head.register, owner.head.service) == (pack.head.register, pack.head.service)
    )
    if owner is not None and not same_service:
        problems.append(rule.problem(f"{rule.face.id}: the id is taken by {owner.source.file}"))
    owners[rule.face.id] = pack


def _periods(packs: list[Pack]) -> Iterable[Problem]:
    """Overlaps are fatal: two editions cannot judge one day. Gaps may be meant, and are said."""
    for earlier, later in pairwise(packs):
        last, first = earlier.head.valid_to, later.head.valid_from
        if last is None or first is None or first <= last:
            text = f"valid at the same time as {earlier.source.file}: one edition judges a day of care"
            yield later.source.problem(text, "valid_from")
        elif first - last > timedelta(days=1):
            text = f"no edition judges the days between {last} and {first}"
            yield Problem(
                file=later.source.file, line=later.source.line(("valid_from",)), text=text, fatal=False
            )
