"""What the tests of profiles share: the shipped profiles, their examples and counter-examples, mutations."""

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson
import pytest
import yaml

from adapter.domain.finding import Finding, Findings
from adapter.domain.rule import Catalogue
from adapter.fhir.profile import Profiles, load_profiles
from adapter.resources import data_folder

Json = dict[str, Any]
FOLDER = data_folder("profiles")


class Counter(NamedTuple):
    """A resource that is made to fail, and how it must."""

    resource: Json
    profile: str
    rule: str
    at: str
    also: tuple[str, ...]


def read_examples() -> dict[str, Json]:
    return {
        file.stem: orjson.loads(file.read_bytes()) for file in sorted((FOLDER / "examples").glob("*.json"))
    }


def read_counters() -> dict[str, Counter]:
    folder = FOLDER / "counter-examples"
    listed = yaml.safe_load((folder / "index.yaml").read_text("utf-8"))["counter_examples"]
    return {
        one["file"].removesuffix(".json"): Counter(
            orjson.loads((folder / one["file"]).read_bytes()),
            one["profile"],
            one["rule"],
            one["at"],
            tuple(one.get("also", ())),
        )
        for one in listed
    }


def mutations(resource: Json) -> Iterator[Json]:
    """The resource with each of its parts removed, doubled, or said otherwise, one at a time."""
    for steps in list(_places(resource, ())):
        for change in (_remove, _double, _say_otherwise):
            made = copy.deepcopy(resource)
            owner = made
            for step in steps[:-1]:
                owner = owner[step]
            if change(owner, steps[-1]):
                yield made


def _places(value: Any, at: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if key != "resourceType":
            yield (*at, key)
            yield from _places(inner, (*at, key))


def _remove(owner: Any, key: Any) -> bool:
    if isinstance(owner, list) and len(owner) == 1:
        return False
    del owner[key]
    return True


def _double(owner: Any, key: Any) -> bool:
    if isinstance(owner, list):
        owner.append(copy.deepcopy(owner[key]))
    return isinstance(owner, list)


def _say_otherwise(owner: Any, key: Any) -> bool:
    value = owner[key]
    if isinstance(value, str):
        owner[key] = value[:-1] + ("1" if value[-1] != "1" else "2")
    return isinstance(value, str)


@pytest.fixture(scope="session")
def profiles() -> Profiles:
    return load_profiles(FOLDER)


@pytest.fixture(scope="session")
def check(profiles: Profiles, catalogue: Catalogue) -> Callable[[Json, str], list[Finding]]:
    """Checks a resource against one of our profiles by its name."""

    def checks(resource: Json, name: str) -> list[Finding]:
        findings = Findings(catalogue)
        (url,) = [url for url in profiles.urls if url.endswith(f"/{name}")]
        profiles.check(resource, url, str(resource.get("resourceType")), findings)
        return list(findings)

    return checks
