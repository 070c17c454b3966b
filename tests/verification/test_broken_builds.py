"""The suite itself is tested: builds that are broken on purpose are caught, and a sound one is not."""

import pytest

from adapter.verification.campaign import Plan, verify
from adapter.verification.certificate import Certificate
from adapter.verification.weather import Fault

HERE = "tests.verification.broken_builds"
ROUGH: dict[Fault, float] = {
    "503": 0.06,
    "timeout-before": 0.04,
    "timeout-after": 0.08,
    "reset-after": 0.05,
    "late": 0.08,
    "slow": 0.08,
}
SILENT: dict[Fault, float] = {"timeout-before": 0.2, "reset-before": 0.2}


TRIES = 4
"""Some breaks show only when chance has it: a campaign of 200 kills has many more chances than one of 3."""


def certificate_of(
    build: str | None, faults: dict[Fault, float], grace: float = 1.0, seed: int = 3
) -> Certificate:
    """What the suite says of a build after a few kills in rough weather."""
    return verify(
        Plan(
            runs=3,
            seed=seed,
            contacts=8,
            up=(0.1, 0.3),
            effects=25,
            grace=grace,
            flows_within=5.0 if build else 30.0,
            rests_within=6.0 if build else 60.0,
            faults=faults,
            manners=("asked",),
            sabotage=None if build is None else f"{HERE}:{build}",
        )
    )


def broken(certificate: Certificate) -> set[str]:
    return {promise for promise, held in certificate.promises.items() if not held}


@pytest.mark.parametrize(
    ("build", "promises", "faults"),
    [
        ("sends_before_the_attempt_is_committed", {"duplicated"}, ROUGH),
        ("answers_before_the_commit", {"lost"}, ROUGH),
        ("resends_blindly_what_is_unknown", {"duplicated"}, ROUGH),
        ("takes_silence_for_success", {"lost"}, SILENT),
        ("sends_the_newest_first", {"lost", "flow", "consistent"}, ROUGH),
        ("forgets_what_was_accepted", {"duplicated"}, ROUGH),
        ("lets_old_versions_in", {"reordered", "lost"}, ROUGH),
        ("takes_lanes_from_living_workers", {"duplicated", "lost"}, ROUGH),
        ("settles_without_the_token", {"duplicated", "lost"}, ROUGH),
    ],
)
def test_a_broken_build_is_caught(build: str, promises: set[str], faults: dict[Fault, float]) -> None:
    certificates = (certificate_of(build, faults, seed=seed) for seed in range(3, 3 + TRIES))
    caught = next((found for found in certificates if not found.held_all), None)
    assert caught is not None
    assert broken(caught) & promises, f"broken: {broken(caught)}"
    assert caught.breaks


def test_bad_books_are_caught() -> None:
    assert broken(certificate_of("keeps_bad_books", ROUGH)) >= {"audit", "consistent", "refused"}


@pytest.mark.parametrize("faults", [ROUGH, SILENT])
def test_a_sound_build_passes_in_the_same_weather(faults: dict[Fault, float]) -> None:
    certificate = certificate_of(None, faults, grace=3.0)
    assert certificate.breaks == ()
    assert certificate.held_all


def test_a_break_is_told_with_the_contact_s_story() -> None:
    found = certificate_of("forgets_what_was_accepted", ROUGH).breaks[0]
    story = "\n".join(found.history)
    assert found.event is not None
    for part in ("version 1: report", "attempt ", "effect ", "lane "):
        assert part in story
