"""The contacts under load: what their versions say is what the service reports."""

import random
from itertools import pairwise

import pytest

from adapter.config import Config
from adapter.offline import offline_translator
from adapter.translation import Translator
from adapter.verification.contacts import (
    PATIENTS,
    REJECTED_TAXA,
    Version,
    bundle,
    key_of,
    life,
    mark_of,
    patient_of,
    time_of,
)


@pytest.fixture(scope="module")
def translator() -> Translator:
    return offline_translator(Config())


@pytest.mark.parametrize("intent", ["report", "cancel"])
@pytest.mark.parametrize("rejected", [False, True])
def test_a_version_is_reported_with_its_mark_and_patient(
    translator: Translator, intent: str, rejected: bool
) -> None:
    version = Version(contact="c-1", n=7, intent=intent, mark=4, patient=1, rejected=rejected)  # type: ignore[arg-type]
    translation = translator.translate(translator.read(bundle(version)))
    ((message,),) = [
        verdict.messages for verdict in translation.contacts[0].verdicts if verdict.register == "gvr"
    ]
    assert message.intent == intent
    assert patient_of(message.body["patientId"]) == 1
    if intent == "report":
        assert mark_of(message.body["tid"]) == 4
        assert (message.body["taxa"] == REJECTED_TAXA) == rejected


def test_marks_and_patients_are_read_back() -> None:
    assert [mark_of(time_of(mark)) for mark in (1, 59, 60, 300)] == [1, 59, 60, 300]
    assert [patient_of(identity) for identity in (*PATIENTS, "198001010000")] == [0, 1, -1]


def test_lives_hold_every_kind_of_change() -> None:
    chance = random.Random(5)
    lives = [list(life(f"c{n}", chance)) for n in range(200)]
    steps = [(a, b) for one in lives for a, b in pairwise(one)]
    assert all([version.n for version in one] == list(range(1, len(one) + 1)) for one in lives)
    assert any(b.intent == "cancel" for _, b in steps)
    assert any(a.intent == "cancel" and b.intent == "report" for a, b in steps)
    assert any(a.patient != b.patient for a, b in steps)
    assert any(a.intent == b.intent == "report" and a.mark == b.mark for a, b in steps)
    assert any(version.rejected for one in lives for version in one)
    assert all(b.mark >= a.mark for a, b in steps)


def test_a_seed_gives_the_same_life_again() -> None:
    assert list(life("c", random.Random(1))) == list(life("c", random.Random(1)))


def test_each_version_has_a_key_of_its_own() -> None:
    versions = [version for n in range(20) for version in life(f"c{n}", random.Random(n))]
    assert len({key_of(version) for version in versions}) == len(versions)
