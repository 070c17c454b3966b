import cel
import pytest

from adapter.domain.event import Diagnos, Kontakt, Patient, Personal, Vardhandelse
from adapter.rules import Facts, Verdict
from adapter.rules.condition import Condition
from adapter.rules.panel import Panel

TYP = 'has(event.kontakt.typ) && event.kontakt.typ == "triage"'
KOD = 'event.diagnoser.exists(d, d.kod == "J189")'
ID = 'has(event.patient.id) && event.patient.id.startsWith("1912")'
LAKARE = "event.personal.exists(p, p.lakare)"


def _facts(typ: str = "triage", kod: str = "J189", number: str = "191212121212", staff: int = 1) -> Facts:
    return Facts(
        Vardhandelse(
            event_id="e1",
            kind="vardkontakt",
            status="final",
            kontakt=Kontakt(typ=typ),
            patient=Patient(id=number),
            personal=(Personal(lakare=True),) * staff,
            diagnoser=(Diagnos(kod=kod, ordning=1),),
        )
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The conditions that were really evaluated."""
    sources: list[str] = []
    matches = Condition.matches

    def counted(self: Condition, context: cel.Context) -> bool:
        sources.append(self.source)
        return matches(self, context)

    monkeypatch.setattr(Condition, "matches", counted)
    return sources


def test_verdicts_stand_in_the_order_of_the_conditions() -> None:
    panel = Panel([Condition(source) for source in (KOD, TYP, ID, LAKARE)])
    assert list(panel.verdicts(_facts())) == [Verdict.MATCHED] * 4
    assert list(panel.verdicts(_facts(kod="J18"))) == [Verdict.UNMATCHED] + [Verdict.MATCHED] * 3
    assert list(panel.verdicts(_facts(typ="x", staff=0))) == [
        Verdict.MATCHED,
        Verdict.UNMATCHED,
        Verdict.MATCHED,
        Verdict.UNMATCHED,
    ]


def test_no_conditions_give_no_verdicts() -> None:
    assert list(Panel([]).verdicts(_facts())) == []


def test_an_event_that_looks_the_same_is_not_asked_about_again(asked: list[str]) -> None:
    panel = Panel([Condition(TYP), Condition(KOD)])
    panel.verdicts(_facts())
    panel.verdicts(_facts(number="195009072553"))
    assert asked == [TYP, KOD]


def test_a_value_that_a_condition_does_not_read_does_not_ask_it_again(asked: list[str]) -> None:
    panel = Panel([Condition(TYP), Condition(KOD)])
    panel.verdicts(_facts())
    panel.verdicts(_facts(kod="J18"))
    assert asked == [TYP, KOD, KOD]


def test_what_is_read_of_an_identity_number_is_never_remembered(asked: list[str]) -> None:
    panel = Panel([Condition(ID)])
    panel.verdicts(_facts())
    panel.verdicts(_facts())
    assert asked == [ID, ID]
    assert "191212121212" not in repr([group._answers for _, group in panel._groups])


def test_an_event_with_endless_lists_is_not_remembered(asked: list[str]) -> None:
    panel = Panel([Condition(LAKARE)])
    panel.verdicts(_facts(staff=65))
    panel.verdicts(_facts(staff=65))
    assert asked == [LAKARE, LAKARE]


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter.rules.panel._REMEMBERED", 3)
    panel = Panel([Condition(KOD)])
    for number in range(20):
        expected = Verdict.MATCHED if number == 7 else Verdict.UNMATCHED
        assert panel.verdicts(_facts(kod="J189" if number == 7 else f"K{number}"))[0] is expected
    assert len(panel._groups[0][1]._answers) <= 3


def test_a_failing_condition_leaves_the_verdicts_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    matches = Condition.matches

    def failing(self: Condition, context: cel.Context) -> bool:
        if self.source == TYP:
            raise KeyError("typ")
        return matches(self, context)

    monkeypatch.setattr(Condition, "matches", failing)
    panel = Panel([Condition(TYP), Condition(LAKARE)])
    assert list(panel.verdicts(_facts())) == [Verdict.FAILED, Verdict.MATCHED]
