"""What SIGN-e checks in a record, and that nothing in it tells who the patient is."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

_NAMING = frozenset({"kontaktId", "enhet", "datum", "handelse"})
_NULLABLE: dict[str, type] = {
    "legitimerad": bool,
    "nybesok": bool,
    "planerat": bool,
    "kompetens": str,
    "delomrade": str,
    "vardgaranti": dict,
    "medicinsktMaldatum": str,
    "avvikelseorsak": str,
    "kon": str,
    "alder": int,
}
_MEMBERS = _NAMING | _NULLABLE.keys() | {"kontaktform", "yrke", "diagnoser", "atgarder"}
_CODES = {
    "kontaktform": {"besok", "distansbesok", "telefonkontakt", "brevkontakt"},
    "kompetens": {"JA", "NEJ"},
    "avvikelseorsak": {"patientvald", "medicinskt-orsakad"},
    "kon": {"K", "M"},
}
_HANDELSER = {"ny", "rattad", "makulerad"}
_PSEUDONYM = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"(?<![0-9a-f])(19|20)?[0-9]{6}[-+]?[0-9]{4}(?![0-9a-f])")
"""What looks like an identity number; within a longer run of digits and letters it is none."""


def lines_of(data: bytes) -> list[Any]:
    """The records of an ndjson file. Raises ValueError."""
    return [json.loads(line) for line in data.splitlines()]


def problems_of(record: Any, key: str) -> Iterator[str]:
    """What is wrong with a record that the manifest calls `key`."""
    if not isinstance(record, dict):
        yield "record is no object"
        return
    if record.get("kontaktId") != key or not _PSEUDONYM.fullmatch(key):
        yield "kontaktId"
    if record.get("handelse") not in _HANDELSER:
        yield "handelse"
    yield from (f"unknown member {name}" for name in sorted(record.keys() - _MEMBERS))
    if not _is_date(record.get("datum")):
        yield "datum"
    if not isinstance(record.get("enhet"), str):
        yield "enhet"
    if record.get("handelse") != "makulerad":
        yield from _content(record)
    said = {name: value for name, value in record.items() if name not in ("kontaktId", "enhet")}
    if _NUMBER.search(json.dumps(said)):
        yield "something that looks like an identity number"


def _content(record: dict[str, Any]) -> Iterator[str]:
    for name, kind in _NULLABLE.items():
        value = record.get(name, ...)
        if value is ... or (value is not None and type(value) is not kind):
            yield name
    for name, codes in _CODES.items():
        if record.get(name) not in codes | ({None} if name in _NULLABLE else set()):
            yield name
    if not re.fullmatch(r"XS9(1[0-9]|2[0-6])", str(record.get("yrke"))):
        yield "yrke"
    if record.get("medicinsktMaldatum") is not None and not _is_date(record["medicinsktMaldatum"]):
        yield "medicinsktMaldatum"
    for name in ("diagnoser", "atgarder"):
        codes_given = record.get(name, [])
        if not isinstance(codes_given, list) or not all(isinstance(code, str) for code in codes_given):
            yield name


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
