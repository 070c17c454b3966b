"""What goes wrong at the register during a run: drawn by chance from a seed. Pure."""

import random
from collections.abc import Mapping
from typing import Literal

import msgspec

Fault = Literal[
    "503",
    "500",
    "reset-before",
    "timeout-before",
    "timeout-after",
    "reset-after",
    "502-after",
    "garbage-after",
    "late",
    "slow",
    "429",
    "401",
    "400",
]
"""What a request meets. *before*: it has no effect, and neither have 503, 500, 429, 401 and 400; *after*: it
has; *late*: it takes effect when its sender has given up; *slow*: it is answered just before that."""

AFTER: frozenset[str] = frozenset(
    {"timeout-after", "reset-after", "502-after", "garbage-after", "late", "slow"}
)
"""Faults whose request takes effect."""

USUAL: dict[Fault, float] = {
    "503": 0.04,
    "500": 0.01,
    "reset-before": 0.01,
    "timeout-before": 0.01,
    "timeout-after": 0.02,
    "reset-after": 0.02,
    "502-after": 0.01,
    "garbage-after": 0.01,
    "late": 0.01,
    "slow": 0.02,
}
"""How likely a write meets each fault."""

_LOOKUP_CHANCES: dict[Fault, float] = {"503": 0.05, "timeout-before": 0.02, "garbage-after": 0.02}


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """How likely each fault is for a write and for a look-up (0 to 1), and what all requests meet.

    `throttled` requests are answered 429 with Retry-After; while `locked_out` all get 401.
    """

    writes: dict[Fault, float] = {}
    lookups: dict[Fault, float] = {}
    throttled: int = 0
    locked_out: bool = False

    @property
    def lets_through(self) -> bool:
        """Whether deliveries can be expected to flow."""
        return not self.throttled and not self.locked_out


FAIR = Weather()
"""Nothing goes wrong."""


def draw_weather(chance: random.Random, faults: Mapping[Fault, float] = USUAL) -> Weather:
    """The weather of one run: these faults of writes, more or less of them, and now and then a spell."""
    severity = chance.choice((0.5, 1.0, 1.0, 2.0))
    spell = chance.random()
    return Weather(
        writes={fault: share * severity for fault, share in faults.items()},
        lookups={fault: share * severity for fault, share in _LOOKUP_CHANCES.items()},
        throttled=chance.randint(1, 3) if spell < 0.06 else 0,
        locked_out=0.06 <= spell < 0.09,
    )


def draw_fault(chances: dict[Fault, float], chance: random.Random) -> Fault | None:
    """The fault that one request meets, if any."""
    drawn = chance.random()
    for fault, share in chances.items():
        if drawn < share:
            return fault
        drawn -= share
    return None
