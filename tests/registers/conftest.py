"""What the tests of the receivers share: an event, and an origin for each of its members."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from adapter.domain.event import (
    Atgard,
    Diagnos,
    Enhet,
    Kombika,
    Kontakt,
    Patient,
    Personal,
    Tid,
    Vardhandelse,
)
from adapter.domain.trace import Origin, Provenance


@pytest.fixture
def event() -> Vardhandelse:
    """A physician's visit that fills every member of a GVR message. The patient is a public test person."""
    return Vardhandelse(
        event_id="b5a3c1e0f2d4-0001",
        kind="vardkontakt",
        status="final",
        patient=Patient(id="191212121212", kind="personnummer", fodelsedatum="1912-12-12", kon="M"),
        enhet=Enhet(vardenhet="SE2321000016-14L1", kombika=Kombika(inr="30216", klin="311", avd="002")),
        tid=Tid(startdatum="2025-03-03", starttid="10:15", slutdatum="2025-03-03", sluttid="10:40"),
        kontakt=Kontakt(
            typ="mottagningsbesok",
            kanal="fysisk",
            besokstyp=("1",),
            taxa="01",
            remittent=Kombika(inr="17101", klin="011", avd="M04"),
        ),
        personal=(Personal(yrkeskategori="01", lakare=True), Personal(yrkeskategori="70")),
        diagnoser=(Diagnos(kod="J189", ordning=1, huvud=True), Diagnos(kod="B341A", ordning=2)),
        atgarder=(Atgard(kod="XS012", datum="2025-03-03", ordning=1, diagnos=1),),
    )


@pytest.fixture
def origins() -> Callable[[Vardhandelse], Provenance]:
    """Makes an origin for every member of an event, that names the member it stands for."""
    return _origins


def _origins(event: Vardhandelse) -> Provenance:
    provenance = {path: _origin(path) for path in _leaves(msgspec.to_builtins(event), "")}
    provenance["kontakt.akut"] = _origin("kontakt.akut")
    return provenance


def _origin(path: str) -> Origin:
    return Origin((f"Bundle.{path}",), (f"RULE-{path}",))


def _leaves(value: Any, path: str) -> list[str]:
    if isinstance(value, dict):
        return [
            leaf for name, inner in value.items() for leaf in _leaves(inner, f"{path}.{name}".lstrip("."))
        ]
    if isinstance(value, list | tuple):
        return [leaf for index, inner in enumerate(value) for leaf in _leaves(inner, f"{path}[{index}]")]
    return [path]
