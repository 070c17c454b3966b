"""Kombika, Region Stockholm's unit code: inrättning (5 digits), klinik (3), avdelning (1-3 characters)."""

import re

import msgspec

from adapter.domain.event import Kombika
from adapter.domain.hsa import parse_hsa_id

_FORM = re.compile(r"([0-9]{5})([0-9]{3})([0-9A-Z]{1,3})")


class UnitCode(msgspec.Struct, frozen=True):
    """A kombika, with the HSA-id that was written before it where the sender did so (else None)."""

    kombika: Kombika
    hsa_id: str | None = None


def parse_kombika(value: str) -> Kombika | None:
    """The kombika `value` (9-11 characters, either case, no separators) in its parts; None if it is none."""
    match = _FORM.fullmatch(value.strip().upper())
    return Kombika(inr=match[1], klin=match[2], avd=match[3]) if match else None


def parse_unit_code(value: str) -> UnitCode | None:
    """Read what stands in an identifier of the kombika's systems: a kombika, or ``<HSA-id>+<kombika>``.

    None when either part has the wrong form.
    """
    before, plus, after = value.partition("+")
    kombika = parse_kombika(after if plus else before)
    if kombika is None:
        return None
    if not plus:
        return UnitCode(kombika)
    hsa_id = parse_hsa_id(before)
    return UnitCode(kombika, hsa_id) if hsa_id else None


def written(kombika: Kombika) -> str:
    """The kombika as one string, the way tables and identifiers write it."""
    return kombika.inr + kombika.klin + kombika.avd
