"""What is delivered, read by the simulated receivers: they find nothing wrong, their receipts are read."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.config.model import Config
from adapter.domain.message import Found, Operation, Outcome, OutcomeClass
from adapter.offline import offline_translator
from adapter.registers.files.desk import BatchDesk
from adapter.registers.listning import ListningReceiver
from adapter.registers.protocol import RegisterSettings
from adapter.registers.signe import SigneReceiver
from adapter.registers.transports import desk_for
from adapter.resources import data_folder
from adapter.simulator.files.faults import FileFault
from adapter.simulator.files.watch import Inboxes
from adapter.simulator.server import running
from adapter.simulator.settings import Settings

SIGNE = SigneReceiver(RegisterSettings(pseudonym_key=b"a key of this test alone"))
LISTNING = ListningReceiver(RegisterSettings())
LINK = {"patientId": "191212121212", "lakareHsaId": "SE2321000131-P1", "fran": "2026-02-01"}


class Way:
    """From a register's desk to its simulated receiver, and back."""

    def __init__(self, path: Path, register: str) -> None:
        self.out, self.receipts = path / "out", path / "receipts"
        self.out.mkdir()
        self.receipts.mkdir()
        settings = RegisterSettings(transport="file", folder=str(self.out), receipts=str(self.receipts))
        self.desk: BatchDesk = desk_for(register, settings)
        self.boxes = Inboxes([(self.out, self.receipts)])

    @property
    def state(self) -> Any:
        return next(iter(self.boxes.state(full=True).values()))


@pytest.fixture
def signe(tmp_path: Path) -> Way:
    return Way(tmp_path, "signe")


@pytest.fixture
def listning(tmp_path: Path) -> Way:
    return Way(tmp_path, "listning")


def bodies(sample: str) -> list[dict[str, Any]]:
    """What SIGN-e is told of a sample."""
    translator = offline_translator(
        Config(registers={"signe": {"pseudonym_key": "a key of this test alone"}})
    )
    raw = (data_folder("samples") / f"{sample}.json").read_bytes()
    return [
        message.body
        for contact in translator.translate(translator.read(raw)).contacts
        for verdict in contact.verdicts
        if verdict.register == "signe"
        for message in verdict.messages
    ]


@pytest.mark.parametrize(
    "sample",
    ["teambesok", "gruppbesok", "telefon-ersatter-besok", "text-ersatter-besok-chatt", "skyddad-identitet"],
)
def test_sign_e_takes_what_the_samples_become(signe: Way, sample: str):
    told = bodies(sample)
    assert told
    for operation in (Operation.CREATE, Operation.UPDATE, Operation.CANCEL):
        signe.desk.serve([SIGNE.request(operation, "vardkontakt", body, "k") for body in told])
        signe.boxes.poll()
    assert [(batch["problems"], batch["rejected"]) for batch in signe.state["batches"]] == [([], {})] * 3
    assert {tuple(record["history"]) for record in signe.state["records"]} == {("ny", "rattad", "makulerad")}
    for body in told:
        asked = signe.desk.serve([SIGNE.lookup("vardkontakt", body)])[0]
        assert SIGNE.read_lookup(Operation.CANCEL, body, asked) is Found.EQUAL


def test_a_rejection_of_the_receiver_comes_back_with_its_reason(signe: Way):
    [body] = bodies("mottagningsbesok-lakare")
    signe.boxes.faults.add(FileFault.model_validate({"register": "signe", "kind": "reject", "reason": "nej"}))
    signe.desk.serve([SIGNE.request(Operation.CREATE, "vardkontakt", body, "k")])
    signe.boxes.poll()
    outcome = SIGNE.read_lookup(
        Operation.CREATE, body, signe.desk.serve([SIGNE.lookup("vardkontakt", body)])[0]
    )
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.reason and outcome.reason.sv) == (OutcomeClass.REJECTED, "nej")


@pytest.mark.parametrize("kind", ["unreadable-receipt", "double-receipt"])
def test_receipts_of_no_use_change_nothing_and_the_true_one_counts(signe: Way, kind: str):
    [body] = bodies("mottagningsbesok-lakare")
    signe.boxes.faults.add(FileFault.model_validate({"register": "signe", "kind": kind}))
    signe.desk.serve([SIGNE.request(Operation.CREATE, "vardkontakt", body, "k")])
    signe.boxes.poll()
    signe.boxes.release()
    asked = signe.desk.serve([SIGNE.lookup("vardkontakt", body)])[0]
    assert SIGNE.read_lookup(Operation.CREATE, body, asked) is Found.EQUAL


def test_the_listing_service_takes_links_and_their_end(listning: Way):
    newer = {**LINK, "lakareHsaId": "SE2321000131-P2", "fran": "2026-06-01"}
    for operation, body in ((Operation.CREATE, LINK), (Operation.UPDATE, newer)):
        listning.desk.serve([LISTNING.request(operation, "fast-lakarkontakt", body, "k")])
        listning.boxes.poll()
    assert listning.state["links"][0]["physician"] == "SE2321000131-P2"
    listning.desk.serve([LISTNING.request(Operation.CANCEL, "fast-lakarkontakt", newer, "k")])
    listning.boxes.poll()
    assert listning.state["links"][0]["physician"] is None
    assert all(batch["rejected"] == {} and batch["problems"] == [] for batch in listning.state["batches"])


def test_the_simulator_watches_its_inboxes_by_itself_and_tells_of_them(signe: Way):
    [body] = bodies("mottagningsbesok-lakare")
    with (
        running(Settings(inboxes=((signe.out, signe.receipts),))) as address,
        httpx.Client(base_url=address) as http,
    ):
        fault = {"register": "signe", "kind": "no-receipt"}
        assert http.post("/_control/files/faults", json=fault).status_code == 201
        signe.desk.serve([SIGNE.request(Operation.CREATE, "vardkontakt", body, "k")])
        deadline = time.monotonic() + 20
        while not (batches := http.get("/_control/files").json()[str(signe.out)]["batches"]):
            assert time.monotonic() < deadline
        assert batches[0]["receipt"] == "kept back"
        assert http.post("/_control/files/release").json() == {"receipts": 1}
    asked = signe.desk.serve([SIGNE.lookup("vardkontakt", body)])[0]
    assert SIGNE.read_lookup(Operation.CREATE, body, asked) is Found.EQUAL
