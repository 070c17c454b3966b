"""What a register would reject is said before it is sent.

The simulator checks messages by tables of its own, written from what is published and apart from our rules.
Here bundles that are wrong in one place each go the whole way, and every message is shown to those checks.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
import yaml

from adapter.config.model import Config
from adapter.domain.message import RegisterMessage
from adapter.domain.naming_key import NamingKey
from adapter.offline import offline_translator
from adapter.registers.forms import Forms
from adapter.resources import data_folder
from adapter.simulator.gvr.checks import SERVICES as BY_PATH
from adapter.simulator.gvr.checks import STATE_CHECKS
from adapter.translation import Contact, Translator, Verdict
from tests.prediction.corpus import samples, spoiled
from tests.prediction.registers import rejections, tables
from tests.simulator.conftest import GOOD as GVR_GOOD
from tests.simulator.gvr.test_checks import BAD as GVR_BAD
from tests.simulator.gvr.test_services import BAD as SERVICES_BAD
from tests.simulator.gvr.test_services import GOOD as SERVICES_GOOD
from tests.simulator.pasis.conftest import GOOD as PASIS_GOOD
from tests.simulator.pasis.test_checks import BAD as PASIS_BAD
from tests.support.changes import changed

FILE: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("predicted.yaml").read_text("utf-8"))
PREDICTED: dict[str, dict[str, Any]] = FILE["checks"]
ARRIVED = 1_795_305_600.0
"""Noon of the registers' today, in seconds since 1970."""
SHARE = 0.06
"""Of the spoiled bundles, how many are tried: all of them take minutes. Chosen by a fixed seed."""

SERVICES = ["vardkontakt", "koordinering", "inskrivning", "utskrivning", "tillganglighet"]
CHECKS = sorted({(name, check.id) for name, checks in tables().items() for check in checks})


class Rejection(NamedTuple):
    """A register's no to a message: of which bundle, by which check, and whether we had said it."""

    bundle: str
    check: str
    foretold: bool


@pytest.fixture(scope="module")
def translator() -> Translator:
    registers = {"gvr": {"services": SERVICES}, "signe": {"pseudonym_key": "a key of this test alone"}}
    return offline_translator(Config(registers=registers), NamingKey(b"a key of this test alone"))


@pytest.fixture(scope="module")
def contacts(translator: Translator) -> list[tuple[str, Contact]]:
    """The contacts of the samples, and of a part of what can be spoiled in them."""
    chance, found = random.Random(20261122), []
    for name, bundle in samples().items():
        for what, made in [("as it is", bundle), *spoiled(bundle)]:
            if what == "as it is" or chance.random() < SHARE:
                reading = translator.read(orjson.dumps(made))
                translation = translator.translate(reading, arrived=ARRIVED)
                found += [(f"{name} {what}", contact) for contact in translation.contacts]
    return found


def rejected(
    translator: Translator, contacts: list[tuple[str, Contact]], extra: dict[str, Any] | None = None
) -> Iterator[Rejection]:
    """What the registers reject of everything that is sent, and of what is kept back if it were sent."""
    for bundle, contact in contacts:
        for verdict in contact.verdicts:
            for message in _messages(translator, contact, verdict):
                receiver = translator.receivers[message.register]
                for no in rejections(receiver, message, extra):
                    check = no.partition(": ")[2].partition(" ")[0]
                    yield Rejection(bundle, f"{no}", _foretold(contact, verdict, check))


def _messages(translator: Translator, contact: Contact, verdict: Verdict) -> list[RegisterMessage]:
    event = contact.mapped.event
    if verdict.fate == "not-reported" or event.status == "cancelled":
        return []
    made = verdict.messages or translator.receivers[verdict.register].render(
        event, contact.mapped.provenance, verdict.edition, verdict.service
    )
    return [message for message in made if message.intent == "report"]


def _foretold(contact: Contact, verdict: Verdict, check: str) -> bool:
    """Whether it is kept back by an error, or sent with the finding that says what may come."""
    if verdict.fate != "message":
        return True
    findings = (*verdict.findings, *contact.findings)
    known = {one.rule for one in findings if one.register in (None, verdict.register)}
    return not known.isdisjoint(PREDICTED.get(check, {}).get("rules", ()))


def test_every_check_of_the_simulator_is_named_and_every_name_is_a_check() -> None:
    assert {check for _, check in CHECKS} == PREDICTED.keys()
    assert all({"form", "rules", "made"} & entry.keys() for entry in PREDICTED.values())


def test_every_check_against_what_the_register_holds_is_named() -> None:
    assert {check.id for check in STATE_CHECKS} == FILE["state"].keys()


def test_the_rules_that_foretell_exist(translator: Translator) -> None:
    named = {rule for entry in PREDICTED.values() for rule in entry.get("rules", ())}
    assert named <= translator.catalogue.keys()


def test_every_rejection_is_foretold(
    translator: Translator, contacts: list[tuple[str, Contact]], record_property: Any
) -> None:
    found = list(rejected(translator, contacts))
    record_property("rejections", len(found))
    record_property("foretold", sum(one.foretold for one in found))
    assert len(found) > 500, "the bundles are not wrong enough to say anything"
    assert [one for one in found if not one.foretold] == []


def test_the_bundles_are_wrong_in_ways_that_many_checks_see(
    translator: Translator, contacts: list[tuple[str, Contact]]
) -> None:
    struck = Counter(one.check.partition(": ")[2].split(" ")[0] for one in rejected(translator, contacts))
    assert {"besoktyp-form", "diagnos-form", "diagnos-lakare", "medlem-saknas", "taxa-form"} <= struck.keys()
    assert {"yrkeskategori-form", "atgard-form", "atgard-datum", "datum-framtid"} <= struck.keys()


@pytest.mark.parametrize(("service", "check"), CHECKS)
def test_a_check_that_the_simulator_did_not_have_is_noticed(
    translator: Translator, contacts: list[tuple[str, Contact]], service: str, check: str
) -> None:
    """A mutant of the simulator: the check strikes at messages of which nobody had warned."""
    whole = next(one for one in tables()[service] if one.id == check)
    register, _, name = service.partition(" ")

    def find(message: Any, around: Any) -> Iterator[str]:
        yield from whole.find(message, around) or ()
        yield "everything"

    sent = [
        (bundle, contact)
        for bundle, contact in contacts
        if bundle.endswith("as it is")
        and any(
            verdict.fate == "message" and (verdict.register, verdict.service) == (register, name)
            for verdict in contact.verdicts
        )
    ]
    found = list(rejected(translator, sent, {check: replace(whole, find=find)}))
    assert any(not one.foretold for one in found)


def _bad_bodies() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for check, changes, _ in GVR_BAD:
        yield "gvr", "vardkontakt", check, changed(GVR_GOOD, changes)
    for path, check, changes, _ in SERVICES_BAD:
        yield "gvr", BY_PATH[path].name, check, changed(SERVICES_GOOD[path], changes)
    for check, changes, _ in PASIS_BAD:
        yield "pasis", "vardkontakt", check, changed(PASIS_GOOD, changes)


@pytest.mark.parametrize(
    ("register", "service", "check", "body"),
    [one for one in _bad_bodies() if PREDICTED[one[2]].get("form")],
)
def test_a_body_of_the_wrong_form_is_held_whatever_it_was_made_from(
    register: str, service: str, check: str, body: dict[str, Any]
) -> None:
    forms = Forms.load(data_folder("profiles") / "registers")
    assert forms.faults(register, service, body), check
