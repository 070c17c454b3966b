"""The demo with real child processes, on a few samples."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from adapter.demo.manifest import load_manifest
from adapter.demo.run import play, stage
from adapter.errors import VardbroError
from adapter.resources import data_folder

ROOT = Path(__file__).parents[2]
FEW = ("mottagningsbesok-lakare.json", "fel-kontrollsiffra.json", "telefonsamtal.json", "okant-utfall.json")


def test_a_few_samples_come_out_as_promised_and_nothing_is_left() -> None:
    samples = data_folder("samples")
    steps = [step for step in load_manifest(samples) if step.file in FEW]
    with stage() as there:
        results = list(play(there, samples, steps, []))
    assert {result.name: result.differences for result in results} == {name: [] for name in FEW}
    assert not there.folder.exists()
    for address in (there.adapter, there.simulator):
        with pytest.raises(httpx.ConnectError):
            httpx.get(address, trust_env=False)


def test_a_fault_that_the_simulator_does_not_know_is_said() -> None:
    samples = data_folder("samples")
    (step,) = [step for step in load_manifest(samples) if step.file == "okant-utfall.json"]
    broken = type(step)(
        file=step.file, kind=step.kind, status=200, answer="accepted", state="idle", fault={"kind": "boredom"}
    )
    with stage() as there, pytest.raises(VardbroError, match="boredom"):
        list(play(there, samples, [broken], []))


def test_a_demo_that_is_kept_prints_where_it_is_and_ends_with_its_children(tmp_path: Path) -> None:
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "VARDBRO_SHARED": str(tmp_path),
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "adapter", "demo", "--keep"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        addresses = process.stdout.readline().replace(",", "").split()[1::2]
        for line in process.stdout:
            if line.startswith("Still running"):
                break
        assert all(httpx.get(f"{one}/", trust_env=False).status_code == 404 for one in addresses)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=40)
    finally:
        process.kill()
        process.communicate(timeout=10)
    for address in addresses:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/", trust_env=False)
