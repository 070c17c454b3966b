"""The fault suite itself, in short: the real service is killed, and every promise must hold."""

import multiprocessing

import pytest

from adapter.verification.campaign import Plan, verify
from adapter.verification.certificate import Certificate


def check(certificate: Certificate, runs: int) -> None:
    """Every promise held, and enough has happened to believe it."""
    assert certificate.breaks == ()
    assert certificate.held_all
    assert certificate.runs == runs
    assert certificate.delivered > runs
    assert certificate.faults
    assert certificate.accepted == sum(
        getattr(certificate, fate)
        for fate in (
            "delivered", "superseded", "needless", "waiting", "held", "parked", "unknown", "lost",
        )
    )  # fmt: skip
    assert (certificate.lost, certificate.waiting, certificate.held) == (0, 0, 0)
    assert multiprocessing.active_children() == []
    assert set(certificate.contacts_parked) <= {"gvr:TAXA-OKAND"}


@pytest.mark.failure(
    part="worker",
    fault="killed while it sends",
    sender="Nothing: it had its answer.",
    operator="After the start lanes are `unknown` for a moment, cause `cut-off`.",
    kept="Every acknowledged version, and each attempt, committed before its first byte was sent.",
    recovers="Looked up at the start; everything arrives once and in order.",
)
def test_after_kills_every_acknowledged_contact_is_at_the_register_once_and_in_order() -> None:
    plan = Plan(runs=8, seed=7, stretch=4, contacts=40, up=(0.05, 0.4), manners=("asked", "keys"))
    certificate = verify(plan)
    check(certificate, runs=8)
    assert certificate.ledgers == 2
    assert certificate.contacts_unknown == 0


@pytest.mark.failure(part="register", fault="an outcome that nothing can settle")
def test_a_register_that_cannot_be_asked_gets_nothing_twice_and_doubts_are_flagged() -> None:
    plan = Plan(runs=4, seed=7, contacts=40, up=(0.1, 0.4), effects=10, manners=("mute",))
    certificate = verify(plan)
    check(certificate, runs=4)
    assert certificate.contacts_unknown > 0


def test_nodes_on_postgresql_that_are_killed_lose_reorder_and_repeat_nothing() -> None:
    plan = Plan(
        runs=6, store="postgres", scenario="workers", seed=7, contacts=40, up=(0.1, 0.5), manners=("asked",)
    )
    check(verify(plan), runs=6)
