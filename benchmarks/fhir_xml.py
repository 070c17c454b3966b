"""What the same bundle costs as XML and as JSON: read (parsed, validated, indexed), and written as an answer.

    python -m benchmarks.fhir_xml [ROUNDS]

The yardsticks are taken in turn with what is measured: lxml parsing the same bytes without looking at them,
and the JSON twin read by the same door. CPU time, the best of the rounds.
"""

import sys
from collections.abc import Callable
from time import process_time

from lxml import etree

from adapter.config.model import Config
from adapter.fhir.xml.writing import to_xml
from adapter.offline import offline_translator
from benchmarks.bundles import contact_bundles
from benchmarks.machine import machine

_ROUNDS = 15
_REPEATS = 20


def main(rounds: int) -> None:
    """Measure, and print."""
    (json,) = contact_bundles(1)
    xml = to_xml(json)
    translator = offline_translator(Config())
    print(machine())
    print(f"one bundle, {len(json)} bytes as JSON, {len(xml)} as XML")
    acts: dict[str, Callable[[], object]] = {
        "lxml alone": lambda: etree.fromstring(xml),
        "read JSON": lambda: translator.read(json),
        "read XML": lambda: translator.read(xml),
        "write XML": lambda: to_xml(json),
    }
    best = dict.fromkeys(acts, float("inf"))
    for _ in range(rounds):
        for name, act in acts.items():
            best[name] = min(best[name], _timed(act))
    for name, seconds in best.items():
        twin, plain = seconds / best["read JSON"], seconds / best["lxml alone"]
        print(f"{name}: {seconds * 1e3:.2f} ms, {twin:.1f} times reading JSON, {plain:.1f} times lxml alone")


def _timed(act: Callable[[], object]) -> float:
    began = process_time()
    for _ in range(_REPEATS):
        act()
    return (process_time() - began) / _REPEATS


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _ROUNDS)
