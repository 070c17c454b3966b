"""Our names of members and a register's own."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapter.registers.gvr.members import MEMBERS
from adapter.registers.names import MemberNames

RENAMES = st.fixed_dictionaries(
    {},
    optional={
        "handelseId": st.sampled_from(["id", "nyckel.id"]),
        "patientId": st.sampled_from(["personId", "person.id"]),
        "enhet": st.just("vardenhet"),
        "enhet.avd": st.sampled_from(["avdelning", "nyckel.avd"]),
        "tid": st.sampled_from(["nar.klockan", "start"]),
        "diagnoser": st.just("lista"),
        "remittent": st.just("fran.remiss"),
    },
)
BODY: dict[str, Any] = {
    "handelseId": "ev-1",
    "patientId": "p",
    "enhet": {"inr": "1", "klin": "2", "avd": "3"},
    "tid": "10:15",
    "vardgivare": ["01", "70"],
    "diagnoser": [{"kod": "J189", "ordning": 1}, {"kod": "I10", "ordning": 2}],
    "remittent": {"inr": "4", "klin": "5", "avd": "6"},
}


@given(rename=RENAMES)
def test_a_body_comes_back_as_it_was_under_any_renaming(rename: dict[str, str]) -> None:
    names = MemberNames(MEMBERS, rename)
    assert names.to_ours(names.to_register(BODY)) == BODY


def test_without_renaming_nothing_is_copied() -> None:
    assert MemberNames(MEMBERS, {}).to_register(BODY) is BODY


def test_members_of_the_register_that_we_do_not_know_keep_their_names() -> None:
    names = MemberNames(MEMBERS, {"tid": "klockan"})
    assert names.to_ours({"klockan": "10:15", "version": 3}) == {"tid": "10:15", "version": 3}


def test_a_value_where_a_group_should_be_does_not_break_the_reading() -> None:
    names = MemberNames(MEMBERS, {"tid": "nar.tid", "datum": "nar.datum"})
    assert names.to_ours({"nar": 5, "diagnoser": [1, None]}) == {"nar": 5, "diagnoser": [1, None]}
