"""The fault suite itself, in short: the real service is killed, and every promise must hold."""

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
    assert set(certificate.contacts_parked) <= {"gvr:TAXA-OKAND"}


def test_a_service_that_is_killed_loses_reorders_and_repeats_nothing() -> None:
    plan = Plan(runs=12, seed=7, stretch=4, contacts=40, up=(0.05, 0.4), manners=("asked", "keys", "mute"))
    certificate = verify(plan)
    check(certificate, runs=12)
    assert certificate.ledgers == 3


def test_nodes_on_postgresql_that_are_killed_lose_reorder_and_repeat_nothing() -> None:
    plan = Plan(
        runs=6, store="postgres", scenario="workers", seed=7, contacts=40, up=(0.1, 0.5), manners=("asked",)
    )
    check(verify(plan), runs=6)
