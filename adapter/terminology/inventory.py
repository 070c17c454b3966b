"""Which editions of which tables are loaded."""

from collections.abc import Iterator

import msgspec

from adapter.mapping.editions import TableHead, merged
from adapter.mapping.table_files import code_files, kombika_files
from adapter.resources import Folders


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One edition. `gives_way`: it ships with the program, and a complete one is loaded in its place."""

    head: TableHead
    codes: int
    gives_way: bool = False


def listed(folders: Folders) -> Iterator[Listed]:
    """Every edition in the folders of tables, by system. Raises PackError with file and line."""
    for _, editions in sorted(code_files(folders).items()):
        merged(editions)
        complete = any(one.head.complete for one in editions)
        for code_edition in sorted(editions, key=lambda one: one.head.start):
            head = code_edition.head
            yield Listed(
                head=head,
                codes=len(code_edition.rows),
                gives_way=complete and head.shipped and not head.complete,
            )
    units = kombika_files(folders)
    merged(units)
    complete = any(one.head.complete for one in units)
    for unit_edition in sorted(units, key=lambda one: one.head.start):
        head = unit_edition.head
        yield Listed(
            head=head, codes=len(unit_edition.rows), gives_way=complete and head.shipped and not head.complete
        )
