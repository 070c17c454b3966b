"""Every example fits its profile; every counter-example fails where it is made to, and nowhere else."""

import pytest

from adapter.fhir.profile.profiles import claims_of
from adapter.fhir.read import validate_resource
from adapter.resources import data_folder
from tests.fhir.profile.conftest import read_counters, read_examples

EXAMPLES, COUNTERS = read_examples(), read_counters()


def _name(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_sound_r4_and_fits_its_profile(name, check, catalogue) -> None:
    resource = EXAMPLES[name]
    assert name == f"{resource['resourceType']}-{resource['id']}"
    assert validate_resource(resource, catalogue) == []
    for url in claims_of(resource):
        assert check(resource, _name(url)) == []


def test_each_profile_has_two_examples_at_least(profiles) -> None:
    claimed = [url for resource in EXAMPLES.values() for url in profiles.claimed(resource)]
    assert {url: claimed.count(url) >= 2 for url in profiles.urls} == dict.fromkeys(profiles.urls, True)


@pytest.mark.parametrize("name", COUNTERS)
def test_every_counter_example_fails_on_the_intended_rule_alone(name, check, catalogue) -> None:
    counter = COUNTERS[name]

    found = check(counter.resource, counter.profile)

    assert validate_resource(counter.resource, catalogue) == []
    assert (counter.rule, (counter.at,)) in [(one.rule, one.expression) for one in found]
    assert sorted(one.rule for one in found) == sorted([counter.rule, *counter.also])


def test_each_counter_example_is_listed_and_claims_what_it_breaks() -> None:
    assert {f"{name}.json" for name in COUNTERS} == {
        file.name for file in (data_folder("profiles") / "counter-examples").glob("*.json")
    }
    for counter in COUNTERS.values():
        assert [_name(url) for url in claims_of(counter.resource)] == [counter.profile]


def test_every_invariant_and_every_kind_of_constraint_has_a_counter_example(catalogue) -> None:
    shown = {counter.rule for counter in COUNTERS.values()}
    not_ours = {
        "FHIR-PROFILE-SLICE",  # none of our slicings is closed
        "FHIR-PROFILE-UNKNOWN",  # about what was asked, not about a resource
        "FHIR-PROFILE-RECOGNISED",  # no constraint
    }
    rules = {rule for rule in catalogue if rule.startswith("FHIR-PROFILE-")}
    assert rules - not_ours == shown
