"""A real service and the commands that change its rules, maps and tables."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.simulator.server import running
from tests.renewal.conftest import RULE
from tests.support.deployment import ROOT, Service, contact, event_of, until

Json = dict[str, Any]
HSA_ID = "urn:oid:1.2.752.29.4.19"


def at_unit(number: str, unit: str) -> Json:
    """A contact at a unit that the sender names by its HSA-id alone."""
    bundle = contact(number)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Organization":
            entry["resource"]["identifier"] = [{"system": HSA_ID, "value": unit}]
    return bundle


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("renewal")
    (folder / "own/rules").mkdir(parents=True)
    with (
        running() as address,
        Service(folder, f"{address}/gvr", more='[mappings]\noverlay = "own"') as made,
    ):
        yield made


def command(service: Service, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run ``vardbro ARGUMENTS`` in the service's folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VARDBRO_")}
    done = subprocess.run(
        [sys.executable, "-m", "adapter", *arguments],
        check=False,
        cwd=service.folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    return done


def test_load_and_reload_are_all_that_an_unknown_unit_needs(service: Service) -> None:
    event = event_of(service.submit(at_unit("VK-N1", "SE2321000016-NYA1")))
    assert service.state(event) == "held"
    file = service.folder / "units.csv"
    file.write_text("kombika;hsaId;from;to\n30220315001;SE2321000016-NYA1;2020-01-01;\n")
    load = ("terminology", "load", str(file), "--system", "kombika", "--edition", "1", "--reload", "--json")
    done = json.loads(command(service, *load).stdout)
    assert (done["in_use"], len(done["reload"]["replays"])) == (True, 1)
    service.until_accepted(event)
    until(lambda: service.notices() == [], "the notice stands")


def test_a_changed_rule_is_tried_released_and_corrects_what_was_accepted(service: Service) -> None:
    event = event_of(service.submit(at_unit("VK-T1", "SE2321000016-5RRR")))
    service.until_accepted(event)
    tried = service.folder / "tried"
    (tried / "rules").mkdir(parents=True)
    rule = RULE.format(unit="SE2321000016-5RRR", hold="true")
    rule = rule.replace("    severity: error\n    hold: true\n", "    not_reported: true\n")
    (tried / "rules/region.yaml").write_text(rule.replace("    require: 'event.kontakt.akut'\n", ""), "utf-8")
    ask = ("rules", "try", "--overlay", "tried", "--since", "2025-01-01", "--until", "2025-12-31")
    found = json.loads(
        command(service, *ask, "--json", "--html", "r.html", "--changes", "c.ndjson", code=1).stdout
    )
    assert [(one["kind"], one["examples"]) for one in found["kinds"]] == [("newly-not-reported", [event])]
    assert "newly" not in (service.folder / "r.html").read_text("utf-8")
    assert event in (service.folder / "r.html").read_text("utf-8")
    assert service.lane(event)["states"] == ["accepted"], "a trial sends nothing"
    correct = (*ask, "--correct", "@c.ndjson", "--reason", "ny regel")
    assert "are not those in use" in command(service, *correct, code=1).stderr
    (tried / "rules/region.yaml").rename(service.folder / "own/rules/region.yaml")
    command(service, "rules", "reload")
    done = command(service, "rules", "try", "--correct", "@c.ndjson", "--reason", "ny regel")
    assert "1 corrected" in done.stdout
    assert service.until_accepted(event)["messages"][-1]["intent"] == "cancel"


def test_a_bad_rule_is_refused_and_the_service_goes_on_with_those_in_use(service: Service) -> None:
    file = service.folder / "own/rules/bad.yaml"
    file.write_text("pack: bad\nedition: x\nrules: []\n")
    in_use = json.loads(command(service, "rules", "version", "--json").stdout)["in_use"]
    refused = command(service, "rules", "reload", code=2)
    assert "own/rules/bad.yaml:3: rules" in refused.stderr
    assert json.loads(command(service, "rules", "version", "--json").stdout)["in_use"] == in_use
    file.unlink()
    service.until_accepted(event_of(service.submit(contact("VK-B1"))))


def test_no_identity_number_is_in_what_a_trial_tells(service: Service, tmp_path: Path) -> None:
    shown = command(
        service, "rules", "try", "--changes", str(tmp_path / "c"), "--html", str(tmp_path / "h"), code=0
    )
    told = shown.stdout + (tmp_path / "c").read_text() + (tmp_path / "h").read_text()
    assert "1212121212" not in told
