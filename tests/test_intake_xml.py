"""Submissions as XML against a real ledger: the twin of a JSON bundle is the same submission."""

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.answers import IntakeAnswer
from adapter.config.model import Config
from adapter.edits import Edits
from adapter.fhir.xml.writing import to_xml
from adapter.intake import Intake
from adapter.ledger.editing import Editing
from adapter.ledger.envelope import open_envelope
from adapter.ledger.model import Edit
from adapter.ledger.protocol import LaneFilter
from adapter.ledger.sqlite import SqliteLedger
from adapter.leftovers import Leftovers
from adapter.mapping.context import Sender
from adapter.offline import build_translator, contexts_by_name
from adapter.registers.gvr import GvrReceiver
from adapter.resources import data_folder

Json = dict[str, Any]
SENDER = Sender(name="journal")
JSON = (data_folder("samples") / "mottagningsbesok-lakare.json").read_bytes()
XML = to_xml(JSON)


class Office:
    """A sender, the ledger behind the door, and who edits."""

    def __init__(self, ledger: SqliteLedger) -> None:
        config = Config()
        receivers = {"gvr": GvrReceiver(config.registers.gvr.settings())}
        self.translator, senders = build_translator(config, receivers)
        self.ledger = ledger
        self.intake = Intake(self.translator, ledger, senders.context)
        self.contexts = contexts_by_name(config, senders)
        self.edits = Edits(self.translator, Editing(ledger), self.contexts, four_eyes=False)

    async def send(self, raw: bytes, key: str | None = None) -> IntakeAnswer:
        return await self.intake.submit(raw, sender=SENDER, key=key, lang="en")

    async def messages(self) -> list[Json]:
        return (await self.ledger.messages(LaneFilter()))["messages"]

    async def payloads(self) -> list[bytes | None]:
        rows = await self.ledger.read(
            lambda db: db.execute("SELECT payload FROM receipts ORDER BY id").fetchall()
        )
        return [None if sealed is None else open_envelope(bytes(sealed)) for (sealed,) in rows]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    ledger = SqliteLedger.open(tmp_path / "ledger.db", reserve=0)
    yield Office(ledger)
    await ledger.close()


def changed(**members: Any) -> bytes:
    bundle = copy.deepcopy(orjson.loads(JSON))
    encounter = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Encounter")
    encounter.update(members)
    return orjson.dumps(bundle)


def rules(answer: IntakeAnswer) -> list[str]:
    outcome = orjson.loads(answer.body)
    return [issue["details"]["coding"][0]["code"] for issue in outcome["issue"]]


async def test_a_bundle_as_xml_is_taken_and_its_bytes_are_kept_as_they_came(office: Office) -> None:
    raw = b"\xef\xbb\xbf" + to_xml(JSON, pretty=True) + b"<!-- the end -->"
    answer = await office.send(raw)
    assert (answer.status, orjson.loads(answer.body)["type"]) == (200, "transaction-response")
    assert await office.payloads() == [raw]
    assert len(await office.messages()) == 1


@pytest.mark.parametrize(("first", "second"), [(JSON, XML), (XML, JSON), (XML, to_xml(JSON, pretty=True))])
async def test_the_twin_of_what_was_taken_gets_the_first_answer_and_no_second_message(
    office: Office, first: bytes, second: bytes
) -> None:
    answer = await office.send(first)
    assert await office.send(second) == answer
    assert len(await office.messages()) == 1
    assert await office.payloads() == [first]


@pytest.mark.parametrize(("first", "second"), [(JSON, to_xml), (XML, bytes)])
async def test_another_content_under_the_same_key_is_refused_in_either_form(
    office: Office, first: bytes, second: Any
) -> None:
    await office.send(first)
    answer = await office.send(second(changed(priority={"text": "akut"})))
    assert (answer.status, rules(answer)) == (409, ["INTAKE-KEY-REUSED"])


async def test_twins_without_a_key_are_the_same_events_and_change_nothing(office: Office) -> None:
    bundle = orjson.loads(JSON)
    del bundle["identifier"]
    first = await office.send(orjson.dumps(bundle))
    again = await office.send(to_xml(orjson.dumps(bundle)))
    assert (first.status, again.status) == (200, 200)
    assert len(await office.messages()) == 1


async def test_what_can_be_read_is_kept_as_rejected_and_what_must_not_be_is_not(office: Office) -> None:
    misordered = XML.replace(b"<type value", b'<total value="1"/><type value', 1)
    hostile = XML.replace(b"<Bundle", b'<!DOCTYPE b [<!ENTITY a "b">]><Bundle', 1)
    told = [await office.send(raw) for raw in (misordered, hostile, XML[:-5])]
    assert [answer.status for answer in told] == [400, 400, 400]
    assert [rules(answer)[0] for answer in told] == ["FHIR-XML-ORDER", "FHIR-XML-DTD", "FHIR-XML-SYNTAX"]
    assert await office.payloads() == [misordered, None, None]
    assert await office.messages() == []


async def test_an_edit_begins_with_the_json_of_what_came_as_xml(office: Office) -> None:
    await office.send(XML)
    (event,) = {message["event_id"] for message in await office.messages()}
    source = await office.edits.source(event, "reader")
    assert source is not None
    assert source["bundle"] == orjson.loads(JSON)
    code = next(
        e["resource"] for e in source["bundle"]["entry"] if e["resource"]["resourceType"] == "Condition"
    )
    code["code"]["coding"][0]["code"] = "J20.9"
    edit = Edit(based_on=source["revision"], actor="anna", reason="wrong code")
    found = await office.edits.submit(event, source["bundle"], edit, "en")
    assert found is not None
    shown = await office.edits.show(found["id"], "bo")
    assert shown is not None
    assert [change["after"] for change in shown["difference"]] == ["J20.9"]


async def test_what_nothing_was_made_from_is_counted_in_xml_too(office: Office) -> None:
    await office.send(JSON)
    await office.send(
        to_xml(changed(text={"status": "generated", "div": "<div>x</div>"})).replace(b"-lakare", b"-2")
    )
    leftovers = Leftovers(office.ledger, office.translator, office.contexts)
    found = await leftovers.count("journal", 0.0, 10)
    assert (found.tally.bundles, found.not_read) == (2, 0)
