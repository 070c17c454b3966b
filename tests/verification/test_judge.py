"""Hand-written logs with each kind of break are told apart."""

from typing import Any

from adapter.verification.contacts import Version
from adapter.verification.judge import judge
from adapter.verification.records import Effect, Seen, Sent, Verdict


def report(n: int, mark: int | None = None, **members: Any) -> Version:
    return Version(contact="c", n=n, intent="report", mark=mark or n, **members)


def cancel(n: int, mark: int, **members: Any) -> Version:
    return Version(contact="c", n=n, intent="cancel", mark=mark, **members)


def log(*effects: tuple[str, int | None] | tuple[str, int | None, int]) -> list[Effect]:
    """The register's log of event ``e``: (method, mark[, patient]) each; `was` follows from those before."""
    found, held = [], False
    for seq, (method, mark, *patient) in enumerate(effects, start=1):
        whose = None if mark is None else (patient[0] if patient else 0)
        found.append(Effect(seq=seq, at=0.0, method=method, event="e", mark=mark, patient=whose, was=held))
        held = method != "DELETE"
    return found


def judged(
    versions: list[Version],
    effects: list[Effect],
    *,
    state: str = "idle",
    known: set[int] | None = None,
    pending: frozenset[int] = frozenset(),
) -> Verdict:
    sent = [Sent(version, version.n not in pending) for version in versions]
    numbers = frozenset(version.n for version in versions) if known is None else frozenset(known)
    return judge({"e": sent}, effects, {"e": Seen(versions=numbers, lane=1, state=state, cause="why")})


def promises(verdict: Verdict) -> list[str]:
    return [found.promise for found in verdict.breaks]


def test_a_contact_that_was_corrected_and_cancelled_in_order_breaks_nothing() -> None:
    verdict = judged([report(1), report(2), cancel(3, 2)], log(("POST", 1), ("PUT", 2), ("DELETE", None)))
    assert verdict.breaks == ()
    assert verdict.fates == {"delivered": 3}
    assert verdict.accepted == 3


def test_a_version_that_a_newer_one_replaced_before_is_superseded_and_not_lost() -> None:
    verdict = judged([report(1), report(2), report(3)], log(("POST", 1), ("PUT", 3)))
    assert verdict.breaks == ()
    assert verdict.fates == {"delivered": 2, "superseded": 1}


def test_an_acknowledged_version_that_is_nowhere_is_lost() -> None:
    verdict = judged([report(1), report(2)], log(("POST", 1)))
    assert promises(verdict) == ["lost"]
    assert "version 2" in verdict.breaks[0].what


def test_a_cancellation_that_never_came_is_lost() -> None:
    assert promises(judged([report(1), cancel(2, 1)], log(("POST", 1)))) == ["lost"]


def test_a_version_that_the_ledger_does_not_know_is_lost_even_when_a_newer_one_arrived() -> None:
    verdict = judged([report(1), report(2)], log(("POST", 2)), known={2})
    assert promises(verdict) == ["lost"]
    assert "does not know it" in verdict.breaks[0].what


def test_what_is_visible_is_not_lost() -> None:
    versions = [report(1), report(2)]
    for state, fate in (
        ("waiting", "waiting"),
        ("leased", "waiting"),
        ("held", "held"),
        ("unknown", "unknown"),
    ):
        verdict = judged(versions, log(("POST", 1)), state=state)
        assert verdict.breaks == ()
        assert verdict.fates == {"delivered": 1, fate: 1}


def test_a_rejected_version_is_parked_with_its_cause() -> None:
    verdict = judged([report(1, rejected=True)], [], state="parked")
    assert verdict.breaks == ()
    assert (verdict.fates, verdict.parked) == ({"parked": 1}, {"why": 1})


def test_a_rejected_version_that_is_not_parked_is_lost() -> None:
    assert promises(judged([report(1, rejected=True)], [])) == ["lost"]


def test_an_older_version_after_a_newer_one_is_reordered() -> None:
    verdict = judged([report(1), report(2), report(3)], log(("POST", 1), ("PUT", 3), ("PUT", 2), ("PUT", 3)))
    assert promises(verdict) == ["reordered"]


def test_a_cancel_that_no_newer_version_asks_for_is_reordered() -> None:
    versions = [report(1), cancel(2, 1), report(3, 2)]
    effects = log(("POST", 1), ("DELETE", None), ("POST", 2), ("DELETE", None), ("POST", 2))
    assert promises(judged(versions, effects)) == ["reordered"]


def test_an_old_report_after_its_cancellation_is_reordered() -> None:
    versions = [report(1), cancel(2, 1), report(3, 2)]
    effects = log(("POST", 1), ("DELETE", None), ("POST", 1), ("PUT", 2))
    assert promises(judged(versions, effects)) == ["reordered"]


def test_content_that_nobody_has_sent_is_reordered() -> None:
    assert "reordered" in promises(judged([report(1)], log(("POST", 9), ("PUT", 1))))
    stranger = Effect(seq=1, at=0.0, method="POST", event="x", mark=1, patient=0)
    assert promises(judged([report(1)], [*log(("POST", 1)), stranger])) == ["reordered"]


def test_a_second_create_is_duplicated() -> None:
    verdict = judged([report(1)], log(("POST", 1), ("POST", 1)))
    assert promises(verdict) == ["duplicated"]


def test_a_second_create_of_a_contact_that_is_flagged_unknown_is_no_break() -> None:
    assert judged([report(1)], log(("POST", 1), ("POST", 1)), state="unknown").breaks == ()


def test_a_create_after_a_cancel_is_no_duplicate() -> None:
    versions = [report(1), cancel(2, 1), report(3, 2)]
    assert judged(versions, log(("POST", 1), ("DELETE", None), ("POST", 2))).breaks == ()


def test_another_patient_is_a_cancel_and_a_create() -> None:
    versions = [report(1), report(2, patient=1), report(3, patient=1)]
    effects = log(("POST", 1), ("DELETE", None), ("POST", 2, 1), ("PUT", 3, 1))
    verdict = judged(versions, effects)
    assert verdict.breaks == ()
    assert verdict.fates == {"delivered": 3}


def test_a_repeated_content_and_a_cancel_of_nothing_are_needless() -> None:
    assert judged([report(1), report(2, 1)], log(("POST", 1))).fates == {"delivered": 1, "needless": 1}
    verdict = judged([report(1, rejected=True), cancel(2, 1)], [])
    assert verdict.fates == {"superseded": 1, "needless": 1}


def test_a_repeated_update_is_counted_and_harmless() -> None:
    verdict = judged([report(1), report(2)], log(("POST", 1), ("PUT", 2), ("PUT", 2)))
    assert (verdict.breaks, verdict.repeated_updates) == ((), 1)


def test_a_version_that_was_not_acknowledged_may_have_arrived_or_not() -> None:
    versions = [report(1), report(2)]
    for effects in (log(("POST", 1)), log(("POST", 1), ("PUT", 2))):
        verdict = judged(versions, effects, pending=frozenset({2}))
        assert (verdict.breaks, verdict.accepted) == ((), 1)
