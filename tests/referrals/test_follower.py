"""A call and the visit that it led to, in bundles of their own: whichever comes first, the call is triage."""

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapter.composition import Application
from adapter.config import Config
from adapter.ledger.model import Edit
from adapter.mapping.context import Sender
from adapter.resources import data_folder

Json = dict[str, Any]
SENDER = Sender(name="default")
SYSTEM = "https://journal.example/vardkontakt"
DAY = "2025-03-03"


@pytest.fixture
async def application(tmp_path: Path) -> AsyncIterator[Application]:
    made = Application.build(
        Config(
            ledger={"url": f"sqlite:///{tmp_path}/ledger.db"},
            registers={"gvr": {"report_not_replacing": True, "default_besokstyp": "1", "default_taxa": "01"}},
        )
    )
    yield made
    await made.stop()


def sample(name: str) -> Json:
    return copy.deepcopy(orjson.loads((data_folder("samples") / f"{name}.json").read_bytes()))


def resource(bundle: Json, kind: str) -> Json:
    return next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind)


def call(**more: Any) -> Json:
    """A nurse's call that replaces no visit."""
    bundle = sample("telefonsamtal")
    resource(bundle, "Encounter").update(more)
    return bundle


def visit(
    *, follows: str | None = "call", staff: str = "ZZ99", like: str = "mottagningsbesok-lakare", **more: Any
) -> Json:
    """A visit on the day of the call, at its unit, with somebody else."""
    bundle = sample(like)
    encounter = resource(bundle, "Encounter")
    earlier = resource(call(), "Encounter")
    encounter["identifier"] = [{"system": SYSTEM, "value": "BESOK-1"}]
    start = earlier["period"]["start"]
    encounter["period"] = {"start": f"{start[:11]}15:00:00+01:00", "end": f"{start[:11]}15:20:00+01:00"}
    if follows:
        encounter["partOf"] = {"type": "Encounter", "identifier": earlier["identifier"][0]}
    for kind in ("Practitioner", "PractitionerRole"):
        resource(bundle, kind)["identifier"] = [
            {"system": "urn:oid:1.2.752.29.4.19", "value": f"SE2321000016-{staff}"}
        ]
    encounter.update(more)
    return bundle


async def send(application: Application, bundle: Json) -> str:
    """Submit a bundle; gives the event's id."""
    bundle = {name: value for name, value in bundle.items() if name != "identifier"}
    answer = await application.intake.submit(orjson.dumps(bundle), sender=SENDER, key=None, lang="sv")
    assert answer.status == 200, answer.body
    document = orjson.loads(answer.body)
    return str(document["entry"][0]["response"]["location"].rpartition("/")[2])


async def fate(application: Application, event_id: str) -> tuple[str, str | None]:
    """What GVR gets of an event, and the rule."""
    row = await application.ledger.read(
        lambda db: db.execute("SELECT fates_json FROM events WHERE event_id = ?", (event_id,)).fetchone()
    )
    found: list[Any] = orjson.loads(row[0])["gvr"]
    return found[0], found[1]


TOLD, TRIAGE = ("message", None), ("not-reported", "GVR-TRIAGE")


async def test_a_call_becomes_triage_when_its_visit_comes_later(application: Application) -> None:
    event = await send(application, call())
    assert await fate(application, event) == TOLD
    await send(application, visit())
    assert await application.follower.look() == 1
    assert await fate(application, event) == TRIAGE
    assert await application.follower.look() == 0


async def test_a_call_that_comes_after_its_visit_is_triage_at_once(application: Application) -> None:
    await send(application, visit())
    await application.follower.look()
    assert await fate(application, await send(application, call())) == TRIAGE


async def test_a_correction_of_either_alone_does_not_undo_it(application: Application) -> None:
    event = await send(application, call())
    await send(application, visit())
    await application.follower.look()
    await send(application, call(priority={"coding": [{"code": "R"}]}))
    assert await fate(application, event) == TRIAGE
    await send(application, visit(follows=None, priority={"coding": [{"code": "R"}]}))
    await application.follower.look()
    assert await fate(application, event) == TRIAGE


async def test_cancelling_the_visit_undoes_it(application: Application) -> None:
    event = await send(application, call())
    await send(application, visit())
    await application.follower.look()
    await send(application, visit(status="cancelled"))
    assert await application.follower.look() == 1
    assert await fate(application, event) == TOLD


@pytest.mark.parametrize(
    "other",
    [
        {"staff": "AB12"},
        {"period": {"start": "2025-03-29T10:00:00+01:00"}},
        {"status": "planned"},
        {"like": "video-ersatter-besok"},
    ],
    ids=["same staff", "another day", "not yet", "at a distance"],
)
async def test_only_a_visit_with_other_staff_on_the_day_makes_it_triage(
    application: Application, other: Json
) -> None:
    event = await send(application, call())
    await send(application, visit(**other))
    await application.follower.look()
    assert await fate(application, event) == TOLD


async def test_a_visit_of_another_patient_changes_nothing(application: Application) -> None:
    event = await send(application, call())
    other = visit()
    patient = resource(other, "Patient")
    patient["identifier"][0]["value"] = "195009072553"
    patient["birthDate"] = "1950-09-07"
    patient.pop("gender", None)
    await send(application, other)
    await application.follower.look()
    assert await fate(application, event) == TOLD


async def test_a_call_that_replaces_a_visit_stays_what_it_is(application: Application) -> None:
    qualified = sample("telefon-ersatter-besok")
    encounter, earlier = resource(qualified, "Encounter"), resource(call(), "Encounter")
    encounter["identifier"], encounter["period"] = earlier["identifier"], earlier["period"]
    event = await send(application, qualified)
    await send(application, visit())
    await application.follower.look()
    assert await fate(application, event) == TOLD


async def test_an_operators_edit_of_the_call_survives_its_visit(application: Application) -> None:
    event = await send(application, call())
    bundle = call(priority={"coding": [{"code": "R"}]})
    edit = Edit(based_on=1, actor="anna", reason="urgent, she says")
    await application.edits.submit(event, bundle, edit, "sv")
    await send(application, visit())
    await application.follower.look()
    assert await fate(application, event) == TRIAGE
    shown = await application.edits.source(event, "anna")
    assert shown is not None
    assert shown["edited"] is True
    assert resource(shown["bundle"], "Encounter")["priority"] == {"coding": [{"code": "R"}]}


async def test_unlinked_they_are_suggested_and_an_operator_can_link_them(application: Application) -> None:
    event = await send(application, call())
    other = await send(application, visit(follows=None))
    await application.referring.pair_up()
    (found,) = await application.referring.suggestions()
    assert (found["contact"], found["visit"]) == (event, other)
    assert await fate(application, event) == TOLD
    assert await application.referring.link(event, other, "anna", "the patient was sent on")
    assert await application.follower.look() == 1
    assert await fate(application, event) == TRIAGE
