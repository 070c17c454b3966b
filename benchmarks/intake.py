"""Intake with everything on, against a route that only reads the body, in the same run.

    python benchmarks/intake.py [BUNDLES]

Everything on: parse, validate, map, rules, trace, render, fsynced group commit, answer; 32 connections, 25 KB
bundles of 15 resources, one server process. With deliveries: a register stub takes what is taken in meanwhile
and afterwards, and the time until the last message is accepted counts (end to end).
"""

import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson

HERE = Path(__file__).parent
ROUNDS = 3


def main() -> None:
    """Print the ratios, round by round."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {count} bundles"
    )
    for round_number in range(1, ROUNDS + 1):
        with tempfile.TemporaryDirectory(prefix="vardbro-bench-") as folder:
            yardstick = _yardstick(count)
            taken = _intake(Path(folder), count, deliver=False)
            whole = _intake(Path(folder), count, deliver=True)
        print(
            f"round {round_number}: body only {yardstick['rate']:.0f}/s; "
            f"intake {taken['rate']:.0f}/s, ratio {taken['rate'] / yardstick['rate']:.3f}, "
            f"p50 {taken['p50_ms']:.1f} ms, p99 {taken['p99_ms']:.1f} ms, not 200: {taken['wrong']:.0f}; "
            f"end to end {whole['end_to_end']:.0f}/s, ratio {whole['end_to_end'] / yardstick['rate']:.3f}"
        )


def _yardstick(count: int) -> dict[str, float]:
    port = _free_port()
    with _process([sys.executable, str(HERE / "body_only.py"), str(port)], f"http://127.0.0.1:{port}/fhir"):
        return _load(port, count)


def _intake(folder: Path, count: int, *, deliver: bool) -> dict[str, float]:
    port, register = _free_port(), _free_port()
    config = folder / f"{port}.toml"
    config.write_text(
        f'[http]\nport = {port}\n[ledger]\nurl = "sqlite:///{folder}/{port}.db"\n'
        f'[registers.gvr]\nurl = "http://127.0.0.1:{register}/gvr"\nshadow = {_toml(not deliver)}\n'
        '[log]\nlevel = "warning"\n'
    )
    serve = [str(Path(sys.executable).parent / "vardbro"), "serve", "--config", str(config)]
    stub = [sys.executable, "-m", "benchmarks.stub_register", str(register)]
    with (
        _process(stub, f"http://127.0.0.1:{register}/"),
        _process(serve, f"http://127.0.0.1:{port}/health/live"),
    ):
        started = time.perf_counter()
        figures = _load(port, count)
        if deliver:
            _wait_until_quiet(port)
            figures["end_to_end"] = count / (time.perf_counter() - started)
    return figures


def _load(port: int, count: int) -> dict[str, float]:
    """The load comes from a process of its own, so that it does not share the server's interpreter."""
    command = [sys.executable, "-m", "benchmarks.load", "127.0.0.1", str(port), "/fhir", str(count)]
    printed = subprocess.run(command, check=True, capture_output=True, cwd=HERE.parent).stdout
    figures: dict[str, float] = orjson.loads(printed)
    return figures


def _wait_until_quiet(port: int) -> None:
    while True:
        lanes = httpx.get(f"http://127.0.0.1:{port}/api/summary").json()["lanes"]
        if not lanes.get("waiting", 0) and not lanes.get("leased", 0):
            return
        time.sleep(0.1)


@contextmanager
def _process(command: list[str], url: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=HERE.parent)
    try:
        _wait_for(url)
        yield
    finally:
        process.terminate()
        process.wait(timeout=40)


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nothing answers at {url}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _toml(value: bool) -> str:
    return "true" if value else "false"


if __name__ == "__main__":
    main()
