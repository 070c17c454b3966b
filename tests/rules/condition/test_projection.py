from adapter.domain.event import Diagnos, Enhet, Kombika, Kontakt, Patient, Personal, Vardhandelse
from adapter.rules.condition.compiled import EVENT
from adapter.rules.condition.projection import Projection

EVENT_OF_TWO = Vardhandelse(
    event_id="e1",
    kind="vardkontakt",
    status="final",
    patient=Patient(id="191212121212"),
    kontakt=Kontakt(typ="hembesok", besokstyp=("1", "2")),
    personal=(Personal(hsa_id="SE1-1", lakare=True), Personal(yrkeskategori="01")),
    diagnoser=(Diagnos(kod="J189", ordning=1),),
)


def _seen(event: Vardhandelse, *values: str, asked: tuple[str, ...] = ()) -> tuple[object, object]:
    projection = Projection(EVENT, values, asked)
    key = projection.key(event)
    return key, projection.facts(key)


def test_only_what_is_read_is_cut_out() -> None:
    _, facts = _seen(EVENT_OF_TWO, "event.kontakt.typ", "event.kind")
    assert facts == {"kind": "vardkontakt", "kontakt": {"typ": "hembesok"}}


def test_a_member_that_is_only_asked_for_leaves_no_value_behind() -> None:
    key, facts = _seen(EVENT_OF_TWO, asked=("event.patient.id",))
    assert "191212121212" not in repr(key)
    assert facts == {"patient": {"id": True}}


def test_an_absent_member_is_left_out_and_its_group_stays() -> None:
    assert _seen(EVENT_OF_TWO, "event.kontakt.taxa")[1] == {"kontakt": {}}
    assert _seen(EVENT_OF_TWO, asked=("event.kontakt.taxa",))[1] == {"kontakt": {}}


def test_a_list_of_groups_keeps_its_length_and_what_is_read_of_each() -> None:
    assert _seen(EVENT_OF_TWO, "event.personal")[1] == {"personal": [{}, {}]}
    assert _seen(
        EVENT_OF_TWO, "event.personal", "event.personal[].lakare", asked=("event.personal[].hsa_id",)
    )[1] == {"personal": [{"hsa_id": True, "lakare": True}, {"lakare": False}]}


def test_a_list_of_texts_is_whole() -> None:
    assert _seen(EVENT_OF_TWO, "event.kontakt.besokstyp")[1] == {"kontakt": {"besokstyp": ["1", "2"]}}


def test_an_optional_group_is_absent_or_has_what_is_read_of_it() -> None:
    paths = ("event.enhet.kombika.inr",)
    assert _seen(EVENT_OF_TWO, *paths)[1] == {"enhet": {}}
    with_kombika = Vardhandelse(
        event_id="e1",
        kind="vardkontakt",
        status="final",
        enhet=Enhet(kombika=Kombika(inr="30216", klin="311", avd="002")),
    )
    assert _seen(with_kombika, *paths)[1] == {"enhet": {"kombika": {"inr": "30216"}}}
    assert _seen(with_kombika, asked=("event.enhet.kombika",))[1] == {"enhet": {"kombika": {}}}


def test_a_group_that_is_always_there_may_be_asked_for() -> None:
    assert _seen(EVENT_OF_TWO, asked=("event.tillgang",))[1] == {"tillgang": {}}


def test_the_key_is_equal_for_events_that_look_alike() -> None:
    other = Vardhandelse(event_id="e2", kind="vardkontakt", status="corrected", kontakt=EVENT_OF_TWO.kontakt)
    paths = ("event.kind", "event.kontakt.typ")
    assert _seen(EVENT_OF_TWO, *paths)[0] == _seen(other, *paths)[0]
    assert len({_seen(EVENT_OF_TWO, *paths)[0], _seen(other, *paths)[0]}) == 1
