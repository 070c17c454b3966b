import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.rules.condition.parser import MAX_DEPTH, MAX_SIZE, parse
from adapter.rules.condition.syntax import (
    Binary,
    Call,
    Choice,
    ConditionError,
    Has,
    Index,
    ListOf,
    Literal,
    Macro,
    Member,
    Name,
    Unary,
)

A, B, C = Name("a"), Name("b"), Name("c")


def _refusal(source: str) -> ConditionError:
    with pytest.raises(ConditionError) as caught:
        parse(source)
    return caught.value


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("a || b && c", Binary("||", A, Binary("&&", B, C))),
        ("(a || b) && c", Binary("&&", Binary("||", A, B), C)),
        ("a && b && c", Binary("&&", Binary("&&", A, B), C)),
        ("!a == b", Binary("==", Unary("!", A), B)),
        ("a + b - c", Binary("-", Binary("+", A, B), C)),
        ("a + b < c", Binary("<", Binary("+", A, B), C)),
        ("-a.b", Unary("-", Member(A, "b"))),
        ("a ? b : c", Choice(A, B, C)),
        ("a ? b : c ? a : b", Choice(A, B, Choice(C, A, B))),
        ("a.b[0].c", Member(Index(Member(A, "b"), Literal(0)), "c")),
        ("has(a.b)", Has(Member(A, "b"))),
        ("a.size()", Call(A, "size", ())),
        ("size(a)", Call(A, "size", ())),
        ('a.startsWith("x")', Call(A, "startsWith", (Literal("x"),))),
        ("a.exists(b, b.c)", Macro(A, "exists", "b", Member(B, "c"))),
        ("a in [1, true, 'x']", Binary("in", A, ListOf((Literal(1), Literal(True), Literal("x"))))),
        ("[]", ListOf(())),
        (r"'it\'s'", Literal("it's")),
        (r'"a\\b\n"', Literal("a\\b\n")),
        ("a\n  .b", Member(A, "b")),
    ],
)
def test_trees(source: str, tree: object) -> None:
    assert parse(source) == tree


def test_one_and_true_are_different_literals() -> None:
    assert parse("1") != parse("true")
    assert len({parse("1"), parse("true")}) == 2


@pytest.mark.parametrize(
    ("source", "at", "said"),
    [
        ("", 0, "expected a value, found the end"),
        ("a &&", 4, "expected a value, found the end"),
        ("a b", 2, "expected an operator or the end, found `b`"),
        ("(a", 2, "expected `)`"),
        ("a.b(1)", 2, "the function `b` is not allowed"),
        ("f(a)", 0, "the function `f` is not allowed"),
        ("a.size(1)", 2, "takes 0 arguments"),
        ("a.exists(b)", 10, "expected `,`"),
        ("a.exists(b.c, true)", 10, "expected `,`"),
        ("a.exists(has, true)", 9, "the name of a variable"),
        ("has(a)", 0, "has() takes one member"),
        ("has(a.b, a.c)", 0, "has() takes one member"),
        ("a == null", 5, "nothing is ever null"),
        ("a < b < c", 6, "cannot be chained"),
        ("a in b in c", 7, "cannot be chained"),
        ("!!a", 1, "two signs"),
        ("1.5 > a", 0, "not allowed"),
        ("1u", 0, "not allowed"),
        ("a / b", 2, "not allowed"),
        ("a % b", 2, "not allowed"),
        ("{'a': 1}", 0, "not allowed"),
        ("a // comment", 2, "not allowed"),
        ('r"x"', 1, "expected an operator"),
        ('b"x"', 1, "expected an operator"),
        ("'open", 0, "does not end"),
        (r"'\d'", 0, "escape"),
        ("1234567890", 0, "nine digits"),
        ("007", 0, "leading zero"),
        ("a.", 2, "the name of a member"),
        ("in", 0, "reserved"),
        ("for", 0, "reserved"),
        ("a.map(b, b, b)", 10, "expected `)`"),
        ("a, b", 1, "expected an operator"),
    ],
)
def test_what_packs_may_not_use_is_refused_where_it_stands(source: str, at: int, said: str) -> None:
    error = _refusal(source)
    assert error.position == at
    assert said in str(error)


@pytest.mark.parametrize("source", ["(" * 5000, "[" * 5000, "a(" * 5000, "a ? " * 5000, "!(" * 5000])
def test_deep_nesting_is_refused(source: str) -> None:
    _refusal(source)


@pytest.mark.parametrize("piece", [" && a", ".b", " + a", "[0]"])
def test_endless_chains_are_refused(piece: str) -> None:
    assert "too long" in str(_refusal("a" + piece * (MAX_SIZE + 1)))


def test_a_reasonable_depth_is_fine() -> None:
    assert parse("(" * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1)) == A


@settings(max_examples=300)
@given(st.text(alphabet="abhs.()[]!&|=<>?:+-,'\"0123 \\in\n\0é", max_size=60))
def test_any_text_gives_a_tree_or_a_refusal(source: str) -> None:
    try:
        position = 0 if parse(source) else -1
    except ConditionError as error:
        position = error.position
    assert 0 <= position <= len(source)
