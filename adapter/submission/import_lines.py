"""An ndjson body, taken apart into bundles: one for each contact, within bounds. Pure."""

from collections.abc import Iterator, Mapping

import msgspec
import orjson

from adapter.domain.finding import Findings
from adapter.domain.rule import Catalogue
from adapter.submission.ndjson import (
    Key,
    Links,
    Stamp,
    collection,
    contacts,
    key_of,
    links_of,
    stamp_of,
    supersedes,
)

MOST_CONTACTS = 5_000
"""Contacts of one import: each is a submission of its own, and the client waits for all of them."""

MOST_FINDINGS = 100
_GROWTH = 8
"""How many times larger than the import its bundles together may be: what contacts share is in each."""


class TooMuch(Exception):
    """The import holds too many contacts, or they share too much."""


class Import(msgspec.Struct, frozen=True):
    """`bundles` are what is to be taken, as bytes; `findings` say what is not."""

    bundles: tuple[bytes, ...]
    findings: Findings


class _Lines(msgspec.Struct):
    links: dict[Key, Links] = {}
    lines: dict[Key, bytes] = {}
    stamps: dict[Key, Stamp] = {}
    doubtful: set[Key] = set()
    bundles: list[bytes] = []


def read_import(raw: bytes, catalogue: Catalogue) -> Import:
    """The bundles of an import: lines that hold one, then a bundle for each contact. Raises TooMuch.

    Of two states of a resource the one that was updated later counts; where that cannot be told, a finding
    names the lines, and the contacts of that resource are not taken.
    """
    findings = Findings(catalogue)
    read = _Lines()
    for number, line in _numbered(raw):
        rule = _note(line, read)
        if rule is not None and len(findings) < MOST_FINDINGS:
            findings.add(rule, line=str(number))
    grouped, used = _grouped(read, len(raw))
    unused = len(read.lines) - len(used)
    if unused:
        findings.add("NDJSON-UNUSED", count=str(unused))
    return Import((*read.bundles, *grouped), findings)


def _numbered(raw: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield number, line.strip()


def _note(line: bytes, read: _Lines) -> str | None:
    """Remember a line; the rule that it breaks."""
    try:
        resource = orjson.loads(line)
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            return "NDJSON-LINE"
        if resource["resourceType"] == "Bundle":
            read.bundles.append(line)
            return None
        key = key_of(resource)
        if key is None:
            return "NDJSON-NO-ID"
        stamp = stamp_of(resource, line)
        later = supersedes(stamp, read.stamps[key]) if key in read.stamps else True
        if later is None:
            read.doubtful.add(key)
            return "NDJSON-ID-TWICE"
        if not later:
            return None
        read.links[key], read.stamps[key] = links_of(resource), stamp
    except (orjson.JSONDecodeError, RecursionError):
        return "NDJSON-LINE"
    read.lines[key] = line
    return None


def _grouped(read: _Lines, size: int) -> tuple[list[bytes], set[Key]]:
    bundles: list[bytes] = []
    used: set[Key] = set()
    left = _GROWTH * size
    for members in _within_bounds(read.links, len(read.bundles)):
        left -= sum(len(read.lines[key]) for key in members)
        if left < 0:
            raise TooMuch
        used.update(members)
        if not read.doubtful.isdisjoint(members):
            continue
        bundles.append(orjson.dumps(collection((key, orjson.Fragment(read.lines[key])) for key in members)))
    return bundles, used


def _within_bounds(links: Mapping[Key, Links], others: int) -> Iterator[list[Key]]:
    for number, members in enumerate(contacts(links), start=others + 1):
        if number > MOST_CONTACTS:
            raise TooMuch
        yield members
