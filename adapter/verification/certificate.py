"""The certificate: what was done, on which machine, what came of it, and whether every promise held."""

import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec

from adapter.ledger.sqlite.file import file_system
from adapter.verification.records import Break, Promise
from adapter.verification.stretch import Recovery, Result
from adapter.version import VERSION

PROMISES: dict[Promise, str] = {
    "lost": "nothing acknowledged is lost",
    "reordered": "nothing takes effect after something newer of the same contact",
    "duplicated": "nothing is created twice without a flag",
    "refused": "what is sent again is never refused",
    "at-rest": "everything comes to rest by itself",
    "consistent": "the ledger agrees with itself",
    "audit": "the audit trail is whole",
    "flow": "everything flows again within 30 seconds",
}

_SYNCS = 20


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where it ran. `fsync_ms` is the median of some writes of 4 kB, each brought to the disk."""

    cores: int
    system: str
    python: str
    file_system: str
    fsync_ms: float
    store: str
    durability: str


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: how often it was measured, the median and the longest."""

    count: int = 0
    median: float | None = None
    longest: float | None = None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign has gathered."""

    runs: int
    ledgers: int
    seconds: float
    recoveries: tuple[Recovery, ...]
    results: tuple[Result, ...]


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a campaign, as it is printed and kept (JSON).

    `accepted` counts acknowledged versions; each of them is one of `delivered`, `superseded` (a newer version
    took its place before it was delivered), `needless` (there was nothing to tell), `waiting`, `held`,
    `parked`, `unknown` or `lost`. `contacts_parked` counts contacts by cause, `contacts_unknown` those whose
    outcome is flagged as unknown.
    """

    version: str
    made_at: str
    machine: Machine
    scenario: str
    seed: int
    senders: int
    contacts_at_once: int
    runs: int
    ledgers: int
    seconds: float
    faults: dict[str, int]
    contacts: int
    effects: int
    resends: int
    accepted: int
    delivered: int = 0
    superseded: int = 0
    needless: int = 0
    waiting: int = 0
    held: int = 0
    parked: int = 0
    unknown: int = 0
    lost: int = 0
    reordered: int = 0
    duplicated: int = 0
    repeated_updates: int = 0
    contacts_parked: dict[str, int] = {}
    contacts_unknown: int = 0
    until_acknowledged: Spread = Spread()
    until_delivered: Spread = Spread()
    promises: dict[str, bool] = {}
    breaks: tuple[Break, ...] = ()

    @property
    def held_all(self) -> bool:
        """Whether every promise held."""
        return all(self.promises.values())


def to_json(certificate: Certificate) -> dict[str, Any]:
    """The certificate as a JSON document; `held_all` says whether every promise held."""
    return {**msgspec.to_builtins(certificate), "held_all": certificate.held_all}


def certify(
    figures: Figures, *, scenario: str, seed: int, senders: int, contacts: int, machine: Machine
) -> Certificate:
    """Sum a campaign up."""
    verdicts = [result.verdict for result in figures.results]
    breaks = tuple(found for verdict in verdicts for found in verdict.breaks)
    broken = Counter(found.promise for found in breaks)
    fates = _summed(verdict.fates for verdict in verdicts)
    return Certificate(
        version=VERSION,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine,
        scenario=scenario,
        seed=seed,
        senders=senders,
        contacts_at_once=contacts,
        runs=figures.runs,
        ledgers=figures.ledgers,
        seconds=round(figures.seconds, 1),
        faults=_summed(result.faults for result in figures.results),
        contacts=sum(verdict.contacts for verdict in verdicts),
        effects=sum(verdict.effects for verdict in verdicts),
        resends=sum(result.resends for result in figures.results),
        accepted=sum(verdict.accepted for verdict in verdicts),
        reordered=broken["reordered"],
        duplicated=broken["duplicated"],
        repeated_updates=sum(verdict.repeated_updates for verdict in verdicts),
        contacts_parked=_summed(verdict.parked for verdict in verdicts),
        contacts_unknown=sum(verdict.unknown for verdict in verdicts),
        until_acknowledged=_spread(one.acknowledged for one in figures.recoveries),
        until_delivered=_spread(one.delivered for one in figures.recoveries),
        promises={promise: not broken[promise] for promise in PROMISES},
        breaks=breaks,
        **fates,
    )


def machine_of(folder: Path, store: str, durability: str) -> Machine:
    """This machine, with its disk at `folder`."""
    return Machine(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        system=f"{platform.system()} {platform.release()}",
        python=f"{sys.implementation.name} {platform.python_version()}",
        file_system=file_system(folder) or "unknown",
        fsync_ms=round(_fsync_seconds(folder) * 1000, 3),
        store=store,
        durability=durability,
    )


def _fsync_seconds(folder: Path) -> float:
    taken = []
    with NamedTemporaryFile(dir=folder) as file:
        for _ in range(_SYNCS):
            began = time.perf_counter()
            os.write(file.fileno(), bytes(4096))
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken)


def _summed(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items()))


def _spread(seconds: Iterable[float | None]) -> Spread:
    known = [one for one in seconds if one is not None]
    if not known:
        return Spread()
    return Spread(count=len(known), median=round(median(known), 3), longest=round(max(known), 3))
