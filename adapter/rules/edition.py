"""One edition of one register's rules for one service."""

import msgspec

from adapter.domain.rule import Catalogue
from adapter.rules.problem import Problem
from adapter.rules.reading import Pack


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that judge contacts of a period. `name` is the pack's, and names the edition in messages."""

    name: str
    register: str
    service: str | None
    edition: str
    valid_from: str
    valid_to: str
    catalogue: Catalogue

    def covers(self, care_date: str) -> bool:
        """Whether contacts of this day (``YYYY-MM-DD``) are judged by this edition."""
        return self.valid_from <= care_date <= self.valid_to


def compile_edition(pack: Pack, catalogue: Catalogue, problems: list[Problem]) -> Edition:
    """The edition that a register's pack holds."""
    head = pack.head
    return Edition(
        name=head.pack,
        register=head.register or "",
        service=head.service,
        edition=head.edition,
        valid_from=head.valid_from.isoformat() if head.valid_from else "0000-00-00",
        valid_to=head.valid_to.isoformat() if head.valid_to else "9999-99-99",
        catalogue={**catalogue, **{rule.face.id: rule.face for rule in pack.rules}},
    )
