import msgspec
import pytest

from adapter.domain.event import Vardhandelse
from adapter.rules.condition.shapes import TEXT, TRUTH, ListType, RecordType, members

EVENT = RecordType("event", Vardhandelse)


def test_the_members_are_those_of_the_struct() -> None:
    assert list(members(EVENT)) == list(Vardhandelse.__struct_fields__)


def test_a_member_is_optional_when_it_can_be_none() -> None:
    kontakt = members(EVENT)["kontakt"].type
    assert isinstance(kontakt, RecordType)
    there = members(kontakt)
    assert (there["typ"].type, there["typ"].optional) == (TEXT, True)
    assert (there["akut"].type, there["akut"].optional) == (TRUTH, False)


def test_literals_keep_the_texts_that_occur() -> None:
    assert members(EVENT)["status"].type.allowed == {"final", "corrected", "cancelled", "pending"}  # type: ignore[union-attr]


def test_lists_know_their_items_and_where_they_stand() -> None:
    personal = members(EVENT)["personal"].type
    assert isinstance(personal, ListType)
    assert isinstance(personal.item, RecordType)
    assert personal.item.path == "event.personal[]"


def test_every_member_of_the_event_can_be_read_by_conditions() -> None:
    waiting = [EVENT]
    while waiting:
        for member in members(waiting.pop()).values():
            kind = member.type.item if isinstance(member.type, ListType) else member.type
            if isinstance(kind, RecordType):
                waiting.append(kind)


def test_a_type_that_conditions_cannot_read_is_refused() -> None:
    class Odd(msgspec.Struct):
        share: float

    with pytest.raises(TypeError, match=r"odd\.share"):
        members(RecordType("odd", Odd))
