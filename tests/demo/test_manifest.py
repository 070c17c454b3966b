"""The samples' manifest."""

from pathlib import Path

import pytest

from adapter.demo.manifest import load_manifest
from adapter.errors import ConfigurationError
from adapter.resources import data_folder

STEP = '[[step]]\nfile = "a.json"\nkind = "x"\nstatus = 200\nanswer = "accepted"\nstate = "idle"\n'


def test_the_shipped_manifest_loads_and_uses_every_sample() -> None:
    folder = data_folder("samples")
    steps = load_manifest(folder)
    assert len({step.file for step in steps}) >= 25
    assert {step.file for step in steps} == {file.name for file in folder.glob("*.json")}


def test_it_shows_what_the_demo_promises() -> None:
    steps = load_manifest(data_folder("samples"))
    assert {"accepted", "refused", "rejected", "replayed", "unchanged", "held", "not-reported"} == {
        step.answer for step in steps
    }
    assert len({step.fault["kind"] for step in steps if step.fault}) >= 3
    assert any(step.rules for step in steps if step.answer == "refused")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STEP, "not there"),
        (STEP.replace("accepted", "taken"), "taken"),
        (STEP + "colour = 1\n", "colour"),
        (STEP.replace("status = 200\n", ""), "status"),
        ("[[step]", "line 1"),
    ],
)
def test_a_wrong_manifest_is_refused_and_says_where(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "manifest.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=said):
        load_manifest(tmp_path)
