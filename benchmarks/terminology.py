"""What code tables cost: to load a delivered file, to read the tables at start, and to look a code up.

    python -m benchmarks.terminology [CODES]

The yardsticks take turns with what is measured, and the best round of each counts: `csv.reader` over the same
text for loading and reading, and one look-up in a plain dict for looking up.
"""

import csv
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from adapter.mapping.terminology import load_terminology
from adapter.terminology import Order, load_edition
from benchmarks.machine import machine

_CODES = 40_000
_ROUNDS = 5
_LOOKUPS = 200_000


def delivered(count: int) -> str:
    """A tab-separated table as it is delivered, with dates and long texts."""
    text = "Beskrivning som innefattar och utesluter en hel del i löpande text. " * 3
    lines = ["Kod\tGiltig från\tÖverordnad kod\tTitel\tUtesluter"]
    for number in range(count):
        code = f"{chr(65 + number % 26)}{number // 2600 % 100:02}.{number // 26 % 100:02}"
        lines.append(f'"{code}"\t"1997-01-01"\t"{code[:3]}"\t"Diagnos {number}"\t"{text}"')
    return "\n".join(lines)


def main(count: int) -> None:
    """Measure, and print."""
    text = delivered(count)
    print(machine())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        file = folder / "delivered.tsv"
        file.write_text(text, "utf-8")
        order = Order(files=(file,), system="icd-10-se", edition="1", complete=True)
        tables = folder / "tables"
        tables.mkdir()
        loading, reading = _rounds(
            lambda: load_edition(order, tables, folder),
            lambda: load_terminology(tables),
            lambda: sum(1 for _ in csv.reader(io.StringIO(text), delimiter="\t")),
        )
        print(f"load {count} codes: {loading[0]:.2f} s, {loading[1]:.1f} times csv.reader over the same text")
        print(f"read the table at start: {reading[0]:.2f} s, {reading[1]:.1f} times csv.reader")
        _look_up(tables)


def _rounds(*measured: Callable[[], object]) -> list[tuple[float, float]]:
    """The best time of each, and its ratio to that of the last one, the yardstick."""
    best = [
        min(times) for times in zip(*([_timed(one) for one in measured] for _ in range(_ROUNDS)), strict=True)
    ]
    return [(time, time / best[-1]) for time in best[:-1]]


def _timed(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def _look_up(tables: Path) -> None:
    found = load_terminology(tables)
    codes = [f"{chr(65 + n % 26)}{n % 100:02}{n // 26 % 100:02}" for n in range(20_000)]
    asked = [codes[n % len(codes)] for n in range(_LOOKUPS)]
    often = [codes[n % 500] for n in range(_LOOKUPS)]
    plain = dict.fromkeys(codes, 1)

    def by_check(which: list[str]) -> Callable[[], object]:
        return lambda: [found.check("icd-10-se", code, "2025-03-03") for code in which]

    results = _rounds(by_check(asked), by_check(often), lambda: [plain.get(code) for code in asked])
    for words, (time, ratio) in zip(("any of 20,000 codes", "any of 500 codes"), results, strict=True):
        print(f"look up {words}: {time / _LOOKUPS * 1e6:.2f} us, {ratio:.1f} times dict.get")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _CODES)
