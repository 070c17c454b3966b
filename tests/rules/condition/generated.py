"""Events and conditions made by hypothesis. Both know nothing of the checker that they test."""

from typing import Any

import msgspec.inspect as mi
from hypothesis import strategies as st

from adapter.domain.event import Vardhandelse
from adapter.rules import RegisterFacts

_TEXTS = st.sampled_from(["", "1", "01", "Z000", "J189", "triage", "2025-01-01", "å", "a'b\\"])


def _values(kind: mi.Type) -> st.SearchStrategy[Any]:
    match kind:
        case mi.UnionType(types=types):
            return st.one_of([_values(one) for one in types])
        case mi.NoneType():
            return st.none()
        case mi.StrType():
            return _TEXTS
        case mi.IntType():
            return st.integers(0, 5)
        case mi.BoolType():
            return st.booleans()
        case mi.LiteralType(values=values):
            return st.sampled_from(values)
        case mi.VarTupleType(item_type=item):
            return st.lists(_values(item), max_size=3).map(tuple)
        case mi.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{field.name: _values(field.type) for field in fields})
    raise TypeError(str(kind))


events = _values(mi.type_info(Vardhandelse))
registers = _values(mi.type_info(RegisterFacts))

# Conditions that are mostly sound: each piece is of the type that its place wants.
_optional_texts = st.sampled_from(
    [
        "event.version",
        "event.patient.id",
        "event.patient.lkf",
        "event.enhet.vardenhet",
        "event.tid.startdatum",
        "event.tid.slutdatum",
        "event.kontakt.typ",
        "event.kontakt.taxa",
        "event.tillgang.bokad",
        "register.default_taxa",
    ]
)
_optional_truths = st.sampled_from(
    ["event.kontakt.planerad", "event.kontakt.ersatter_besok", "event.tillgang.kompetens"]
)
_texts = st.sampled_from(["event.event_id", '"1"', '"Z000"', '"triage"', '""', '"a\'b\\\\"'])
_text_lists = st.sampled_from(
    [
        "event.kontakt.besokstyp",
        '["1", "Z000"]',
        "[]",
        "event.diagnoser.map(d, d.kod)",
        "event.diagnoser.filter(d, d.huvud).map(d, d.kod)",
        'event.personal.map(p, has(p.hsa_id) ? p.hsa_id : "1")',
    ]
)
_lists = st.one_of(
    _text_lists, st.sampled_from(["event.personal", "event.diagnoser", "event.personal.filter(p, p.lakare)"])
)
_numbers = st.one_of(
    _lists.map("{}.size()".format), st.sampled_from(["0", "1", "-2", "event.event_id.size()"])
)
_equal = st.sampled_from(["==", "!="])
_order = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_tests = st.sampled_from(["startsWith", "endsWith", "contains"])

_truths = st.one_of(
    st.sampled_from(["true", "event.patient.skyddad", "event.kontakt.akut", 'event.kind == "vardkontakt"']),
    st.one_of(_optional_texts, _optional_truths, st.just("event.enhet.kombika")).map("has({})".format),
    st.builds("{} {} {}".format, _texts, _order, _texts),
    st.builds("{} {} {}".format, _numbers, _order, _numbers),
    st.builds("{} {} {}".format, _text_lists, _equal, _text_lists),
    st.builds("{} in {}".format, _texts, _text_lists),
    st.builds("{}.{}({})".format, _texts, _tests, _texts),
    st.builds('{}.matches("{}")'.format, _texts, st.sampled_from(["^[A-Z]", "(a+)+$", ""])),
    st.builds("(has({0}) && {0} {1} {2})".format, _optional_texts, _order, _texts),
    st.builds("(!has({0}) || {0} {1} {2})".format, _optional_texts, _order, _texts),
    st.builds("(has({0}) ? {0} : {1}) {2} {1}".format, _optional_texts, _texts, _order),
    st.builds("(has({0}) ? {0} : false)".format, _optional_truths),
    st.builds("(has({0}) && has({1}) && {0} <= {1})".format, _optional_texts, _optional_texts),
    st.builds("(has(event.enhet.kombika) && event.enhet.kombika.avd {} {})".format, _order, _texts),
    st.builds("({0}.size() > {1} && {0}[{1}] == {2})".format, _text_lists, st.integers(0, 1), _texts),
    st.builds("({0}.size() == 0 || {0}[0] {1} {2})".format, _text_lists, _order, _texts),
)

_OF_ITEMS = {
    "event.personal": ["item.lakare", "has(item.hsa_id)", 'item.yrken.exists(y, y.kod == "1")'],
    "event.diagnoser": ["item.huvud", 'item.kod.startsWith("Z")', "item.ordning > event.atgarder.size()"],
    "event.atgarder": ["has(item.datum)", "(!has(item.diagnos) || item.diagnos <= item.ordning)"],
    "event.kontakt.besokstyp": ['item == "1"', "item == event.kontakt.besokstyp[0]"],
}


def _of_items(listed: str, inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.builds(
        "{} {} {}".format, st.sampled_from(_OF_ITEMS[listed]), st.sampled_from(["&&", "||"]), inner
    )
    ask = st.builds(
        "{}.{}(item, {})".format, st.just(listed), st.sampled_from(["exists", "all", "exists_one"]), body
    )
    make = st.builds("{}.filter(item, {}).size() {} 1".format, st.just(listed), body, _order)
    return st.one_of(ask, make)


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        inner.map("!({})".format),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.sampled_from(sorted(_OF_ITEMS)).flatmap(lambda listed: _of_items(listed, inner)),
    )


conditions = st.recursive(_truths, _grow, max_leaves=6)

# Any pieces anywhere: most of these are wrong, and what of them is not must run.
_pieces = st.sampled_from(
    [
        *(
            "event",
            "event.kind",
            "event.kontakt.typ",
            "event.diagnoser[0].kod",
            "event.absent",
            "register",
            "item",
        ),
        *(
            "1",
            '"x"',
            "true",
            "[]",
            "[1]",
            "event.diagnoser",
            "has(event.kontakt.typ)",
            "item.kod",
            "null",
            "1.5",
        ),
    ]
)
wild = st.recursive(
    _pieces,
    lambda inner: st.one_of(
        st.builds(
            "{} {} {}".format, inner, st.sampled_from(["&&", "||", "==", "<", "in", "+", "-", "/"]), inner
        ),
        st.builds(
            "{}.{}(item, {})".format, inner, st.sampled_from(["exists", "map", "filter", "all"]), inner
        ),
        st.builds("{}.{}({})".format, inner, st.sampled_from(["startsWith", "size", "matches"]), inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        inner.map("!{}".format),
        inner.map("has({})".format),
        inner.map("size({})".format),
    ),
    max_leaves=8,
)
