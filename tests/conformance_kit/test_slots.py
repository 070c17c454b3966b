"""Which message a version of a contact calls for, after those before it."""

import orjson
import pytest

from adapter.conformance.manifest import Case
from adapter.conformance.offline import Offline
from tests.conformance_kit.conftest import bundle


@pytest.fixture(scope="module")
def offline() -> Offline:
    return Offline()


def _told(offline: Offline, case: Case, *versions) -> list[list[tuple]]:
    seen = offline.run(case, [orjson.dumps(one) for one in versions])
    return [[(one.register, one.service, one.operation) for one in step.messages] for step in seen]


@pytest.fixture
def case(made) -> Case:
    return made().cases[0]


VISIT = ("vardkontakt",)


def test_a_version_with_another_body_is_an_update_and_the_same_again_is_nothing(offline, case) -> None:
    first, same, other = _told(offline, case, bundle(), bundle(), bundle(diagnoses=["J18.9", "I10.9"]))
    assert [one[2] for one in first] == ["create"] * 3
    assert same == []
    assert [one[2] for one in other] == ["update"] * 3


def test_another_patient_is_a_cancellation_and_a_new_contact(offline, case) -> None:
    _, other = _told(offline, case, bundle(), bundle(patient="195009072553"))
    assert [one for one in other if one[0] == "gvr"] == [
        ("gvr", "vardkontakt", "cancel"),
        ("gvr", "vardkontakt", "create"),
    ]


def test_what_was_cancelled_can_be_created_anew(offline, case) -> None:
    steps = _told(offline, case, bundle(), bundle(status="entered-in-error"), bundle())
    assert [[one[2] for one in step] for step in steps] == [["create"] * 3, ["cancel"] * 3, ["create"] * 3]


def test_what_was_never_sent_is_not_cancelled(offline, case) -> None:
    assert _told(offline, case, bundle(status="cancelled")) == [[]]


def test_a_register_that_is_no_longer_told_gets_a_cancellation(offline, case) -> None:
    call = {"class": "VR", "type": ["telefon-ersatter-besok"]}
    _, then = _told(offline, case, bundle(**call), bundle(**{**call, "type": ["telefonsamtal"]}))
    assert then == [
        ("gvr", "vardkontakt", "cancel"),
        ("pasis", "vardkontakt", "update"),
        ("signe", "vardkontakt", "cancel"),
    ]


def test_a_correction_that_a_register_cannot_take_leaves_what_it_has(offline, case) -> None:
    _, wrong, mended = _told(offline, case, bundle(), bundle(taxa=None), bundle(taxa="02"))
    assert [one for one in wrong if one[0] == "gvr"] == []
    assert ("gvr", "vardkontakt", "update") in mended


def test_a_refused_bundle_changes_nothing(offline, case) -> None:
    broken = bundle()
    del broken["type"]
    assert _told(offline, case, bundle(), broken, bundle()) == [_told(offline, case, bundle())[0], [], []]
