"""Tables and rules fail: a code is missing, a pack does not load, no edition covers the date."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.resources import data_folder
from tests.support.deployment import ROOT, Register, Service, contact, event_of, until

UNKNOWN_UNIT = json.loads((ROOT / "tests/samples/enhet-utan-kombika.json").read_text("utf-8"))


class Held:
    """What a service with a gap in its tables and its rules has made of two contacts; the gaps are mended"
    " then."""

    def __init__(self, folder: Path, url: str) -> None:
        mappings = folder / "mappings"
        shutil.copytree(data_folder("mappings"), mappings)
        pack = mappings / "rules/gvr/vardkontakt-2024.yaml"
        pack.rename(folder / pack.name)
        self.service = Service(folder, url, changes={"mappings": str(mappings)})
        self.service.start()
        care_in_2024 = json.loads(json.dumps(contact("VK-2024")).replace("2025-03-", "2024-03-"))
        bundles = {"unit": UNKNOWN_UNIT, "edition": care_in_2024}
        self.answers = {name: self.service.submit(bundle) for name, bundle in bundles.items()}
        self.lanes = {name: self.service.lane(event_of(answer)) for name, answer in self.answers.items()}
        self.notices = self.service.notices()
        (folder / pack.name).rename(pack)
        with (mappings / "tables/kombika.csv").open("a") as table:
            table.write("30218313009;SE2321000016-9ZZZ;2015-01-01;\n")
        self.service.restart()

    def is_held(self, name: str, cause: str) -> bool:
        """Whether the sender and the operator were told that the contact is held for the cause."""
        answer, lane = self.answers[name], self.lanes[name]
        return (
            (answer.status_code, "INTAKE-HELD" in answer.text, cause in answer.text) == (200, True, True)
            and (lane["state"], lane["states"], lane["cause"]) == ("held", ["held"], f"rule:{cause}")
            and ("held", f"rule:{cause}") in self.notices
            and bool(self.service.logged("notice.started", kind="held", cause=f"rule:{cause}"))
        )

    def is_tried_again(self, name: str) -> str:
        """Wait until the contact has been made anew, by nobody's hand, and accepted; gives its event."""
        lane = self.lanes[name]
        self.service.until_accepted(lane["slot"])
        until(lambda: self.service.notices() == [], "the notice stands")
        replays = self.service.http.get("/api/replays").json()["replays"]
        assert (lane["cause"], "reload") in [(one["filter"]["cause"], one["actor"]) for one in replays]
        return str(lane["slot"])


@pytest.fixture(scope="module")
def held(simulator: Register, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    made = Held(tmp_path_factory.mktemp("held"), f"{simulator.address}/gvr")
    yield made
    made.service.kill()


@pytest.mark.failure(
    part="tables-and-rules",
    fault="a unit code that no table knows",
    sender="200 with finding `INTAKE-HELD` and the rule that needs the code; other registers get theirs.",
    operator="The lane is `held`; one notice (log `notice.started`) however many contacts it concerns.",
    kept="The received bytes and the findings; a corrected bundle takes its place.",
    recovers="Load the table with the code and take it into use (`vardbro terminology load --reload`, or a"
    " restart): the lanes with that cause are made anew from the received bytes, and sent.",
)
def test_a_contact_of_an_unknown_unit_is_held_and_made_anew_when_a_table_knows_it(
    held: Held, register: Register
) -> None:
    assert held.is_held("unit", "GVR-KOMBIKA")
    assert register.effects(held.is_tried_again("unit")) == ["POST"]


@pytest.mark.failure(
    part="tables-and-rules",
    fault="no edition for the date of care",
    sender="200 with finding `INTAKE-HELD` and rule `RULE-NO-EDITION`; other registers get theirs.",
    operator="The lane is `held`; one notice (log `notice.started`).",
    kept="The received bytes and the findings.",
    recovers="Take a pack for those dates into use (`vardbro rules reload`, or a restart): the lanes with"
    " that cause are made anew, and sent.",
)
def test_a_contact_that_no_edition_judges_is_held_and_made_anew_when_there_is_one(
    held: Held, register: Register
) -> None:
    assert held.is_held("edition", "RULE-NO-EDITION")
    assert register.effects(held.is_tried_again("edition")) == ["POST"]


@pytest.mark.failure(
    part="tables-and-rules",
    fault="a pack that does not load",
    sender="No connection: the service does not start. One that runs goes on with the packs that it has.",
    operator="Exit code 2; one line with the pack's file and line. `vardbro rules check` says it before.",
    kept="The ledger, untouched.",
    recovers="Mend the pack and start again, or `vardbro rules reload` where a service goes on.",
)
def test_a_pack_that_does_not_load_refuses_the_start_with_file_and_line(
    register: Register, tmp_path: Path
) -> None:
    shutil.copytree(data_folder("mappings"), tmp_path / "mappings")
    pack = sorted((tmp_path / "mappings" / "rules").rglob("*.yaml"))[0]
    lines = pack.read_text("utf-8").splitlines()
    place = next(n for n, line in enumerate(lines) if line.strip().startswith("- id:"))
    lines.insert(place + 1, "    colour: red")
    pack.write_text("\n".join(lines), "utf-8")
    changes = {"mappings": str(tmp_path / "mappings")}
    code, said = Service(tmp_path, f"{register.address}/gvr", changes=changes).refuse_to_start()
    assert code == 2
    assert f"{pack.name}:" in said
    assert "Traceback" not in said
    assert not (tmp_path / "vardbro.db").exists()
