"""SMART scopes: what is one, what it covers, and what is granted of what is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.access.scopes import ANY, LETTERS, Scope, covers, granted, scope_of, scopes_of

LETTER_SETS = st.sets(st.sampled_from(LETTERS), min_size=1).map(
    lambda some: "".join(sorted(some, key=LETTERS.index))
)
SCOPES = st.builds(Scope, st.sampled_from([ANY, "Encounter", "Patient", "Bundle"]), LETTER_SETS)
HELD = st.lists(SCOPES, max_size=4).map(tuple)
RIGHTS = st.builds(Scope, st.sampled_from(["Encounter", "Patient", "Bundle", "AuditEvent"]), LETTER_SETS)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("system/Encounter.c", Scope("Encounter", "c")),
        ("system/*.cruds", Scope("*", "cruds")),
        ("system/Encounter.write", Scope("Encounter", "cud")),
        ("system/Encounter.read", Scope("Encounter", "rs")),
        ("system/*.*", Scope("*", "cruds")),
    ],
)
def test_both_versions_are_known(text: str, meant: Scope) -> None:
    assert scope_of(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "system/Encounter",
        "system/Encounter.",
        "system/Encounter.sc",
        "system/Encounter.cc",
        "system/encounter.c",
        "system/Encounter.x",
        "patient/Encounter.c",
        "user/*.cruds",
        "system/.c",
        "system/*.c?status=finished",
        "SYSTEM/Encounter.c",
        "system/Encounter.c ",
        "system/Enc ounter.c",
        "openid",
        "system/**.c",
        "system/*.read*",
    ],
)
def test_what_is_no_scope_of_a_system_is_none(text: str) -> None:
    assert scope_of(text) is None


@given(SCOPES)
def test_what_is_written_is_read_again(scope: Scope) -> None:
    assert scope_of(str(scope)) == scope


@given(st.text(max_size=30))
def test_any_text_is_a_scope_or_none_and_never_a_fault(text: str) -> None:
    scope = scope_of(f"system/{text}")
    assert scope is None or (set(scope.letters) <= set(LETTERS) and scope.letters)


@given(HELD, HELD, RIGHTS)
def test_nothing_is_granted_that_is_not_both_held_and_asked_for(
    held: tuple[Scope, ...], asked: tuple[Scope, ...], right: Scope
) -> None:
    given_scopes = scopes_of(granted(" ".join(map(str, asked)), held).split())
    assert covers(given_scopes, right) <= (covers(held, right) and covers(asked, right))


@given(HELD, HELD, RIGHTS)
def test_a_right_of_one_letter_that_is_held_and_asked_for_is_granted(
    held: tuple[Scope, ...], asked: tuple[Scope, ...], right: Scope
) -> None:
    one = Scope(right.resource, right.letters[0])
    given_scopes = scopes_of(granted(" ".join(map(str, asked)), held).split())
    assert covers(given_scopes, one) == (covers(held, one) and covers(asked, one))


@given(st.text(max_size=200), HELD)
def test_whatever_is_asked_for_is_no_fault(asked: str, held: tuple[Scope, ...]) -> None:
    for text in granted(asked, held).split():
        assert scope_of(text) is not None


def test_a_right_to_all_types_needs_a_scope_of_all_types() -> None:
    assert not covers(scopes_of(["system/Encounter.c"]), Scope(ANY, "c"))
    assert covers(scopes_of(["system/*.c"]), Scope("Encounter", "c"))
    assert not covers(scopes_of(["system/*.c"]), Scope("Encounter", "cr"))
    assert covers(scopes_of(["system/*.c", "system/Encounter.r"]), Scope("Encounter", "cr"))
