"""What the types of a condition allow; the generated conditions of test_soundness say that it suffices."""

import pytest

from adapter.rules.condition import Condition, ConditionError, WrittenCondition

ALLOWED = [
    "true",
    'event.kind == "vardkontakt"',
    '"vardkontakt" != event.kind',
    'event.kind in ["vardkontakt", "vardtillfalle"]',
    "event.patient.skyddad",
    "has(event.kontakt.typ)",
    "has(event.kontakt.akut)",
    "has(event.kontakt)",
    'has(event.kontakt.typ) && event.kontakt.typ == "triage"',
    '!has(event.kontakt.typ) || event.kontakt.typ == "triage"',
    '!(has(event.kontakt.typ) && event.kind == "vardkontakt") || event.kontakt.typ == "triage"',
    '!(!has(event.kontakt.typ) || event.kind == "vardtillfalle") && event.kontakt.typ == "triage"',
    'has(event.kontakt.typ) ? event.kontakt.typ == "triage" : false',
    '!has(event.kontakt.typ) ? false : event.kontakt.typ == "triage"',
    '(has(event.kontakt.typ) ? event.kontakt.typ : "none") == "triage"',
    '(event.patient.skyddad ? has(event.kontakt.typ) : has(event.kontakt.typ)) && event.kontakt.typ == "x"',
    "has(event.kontakt.ersatter_besok) && event.kontakt.ersatter_besok",
    'has(event.enhet.kombika) && event.enhet.kombika.inr == "30216"',
    "has(event.tid.startdatum) && event.tid.startdatum < '2025-01-01'",
    "event.diagnoser.size() > 0",
    "size(event.diagnoser) == 0",
    "event.event_id.size() <= 33",
    "event.diagnoser.size() - 1 < event.atgarder.size() + 2",
    'event.personal.exists(p, has(p.yrkeskategori) && p.yrkeskategori == "01")',
    'event.personal.exists(p, p.yrken.exists(y, y.system == "kva"))',
    'event.diagnoser.all(d, d.kod.startsWith("Z"))',
    "event.personal.exists_one(p, p.huvudansvarig)",
    "event.diagnoser.filter(d, d.huvud).size() == 1",
    'event.diagnoser.map(d, d.kod) == ["J189"]',
    '"J189" in event.diagnoser.map(d, d.kod)',
    '"1" in event.kontakt.besokstyp',
    'event.kontakt.besokstyp == ["1"]',
    "event.kontakt.besokstyp == []",
    'event.diagnoser.size() > 0 && event.diagnoser[0].kod == "J189"',
    'event.diagnoser.size() != 0 && event.diagnoser[0].kod == "J189"',
    'event.diagnoser.size() == 0 || event.diagnoser[0].kod == "J189"',
    '0 < event.diagnoser.size() && event.diagnoser[0].kod == "J189"',
    'event.diagnoser.size() >= 3 && event.diagnoser[2].kod == "J189"',
    'event.diagnoser.size() < 3 || event.diagnoser[2].kod == "J189"',
    'event.diagnoser.exists(d, d.huvud) && event.diagnoser[0].kod == "J189"',
    "event.kontakt.besokstyp.all(t, t == event.kontakt.besokstyp[0])",
    'event.diagnoser.filter(d, d.huvud).size() > 0 && event.diagnoser.filter(d, d.huvud)[0].kod == "J189"',
    'event.diagnoser.exists(d, d.kod.matches("^[A-X]"))',
    "event.personal.exists(p, p.lakare) && event.diagnoser.exists(p, p.huvud)",
    "has(register.default_taxa)",
]

REFUSED = [
    ('event.kontakt.typp == "triage"', "`event.kontakt` has no member `typp`: did you mean `typ`?"),
    ('event.kontakter.typ == "triage"', "`event` has no member `kontakter`: did you mean `kontakt`?"),
    ("events.kind", "`events` is unknown: did you mean `event`?"),
    ("kontakt.typ", "`kontakt` is unknown: there is event, register"),
    ('event.kontakt.typ == "triage"', "`event.kontakt.typ` may be absent"),
    ('event.kontakt.typ == "triage" && has(event.kontakt.typ)', "may be absent"),
    ('has(event.kontakt.typ) || event.kontakt.typ == "triage"', "may be absent"),
    ('!has(event.kontakt.typ) && event.kontakt.typ == "triage"', "may be absent"),
    ('has(event.kontakt.kanal) && event.kontakt.typ == "triage"', "`event.kontakt.typ` may be absent"),
    ('has(event.kontakt.typ) ? true : event.kontakt.typ == "triage"', "may be absent"),
    ('(has(event.kontakt.typ) || event.kind == "vardkontakt") && event.kontakt.typ == "x"', "may be absent"),
    ('(has(event.kontakt.typ) ? true : true) && event.kontakt.typ == "triage"', "may be absent"),
    ('event.enhet.kombika.inr == "30216"', "`event.enhet.kombika` may be absent"),
    ("has(event.enhet.kombika.inr)", "`event.enhet.kombika` may be absent"),
    ("register.default_taxa == '01'", "`register.default_taxa` may be absent"),
    ('event.personal.exists(p, p.yrkeskategori == "01")', "`event.personal[].yrkeskategori` may be absent"),
    (
        'event.personal.all(p, has(p.yrkeskategori)) && event.personal.all(p, p.yrkeskategori == "01")',
        "`event.personal[].yrkeskategori` may be absent",
    ),
    (
        'event.personal.exists(p, has(p.hsa_id) && event.personal.exists(q, q.hsa_id == "x"))',
        "`event.personal[].hsa_id` may be absent",
    ),
    ("event.kind == 1", "compares a text with a number"),
    ("event.kind < 1", "compares a text with a number"),
    ("event.patient.skyddad == 'true'", "compares a truth with a text"),
    ("event.patient.skyddad < true", "a truth has no order"),
    ("event.patient == event.patient", "compares a group event.patient with a group event.patient"),
    ("event.kontakt.besokstyp == [1]", "compares a list of text with a list of number"),
    ("event.diagnoser == []", "compares a list of group event.diagnoser[] with a empty list"),
    ('event.kind == "vardkontkat"', '"vardkontkat" never occurs here, only fast_lakarkontakt'),
    ('"vardkontkat" == event.kind', "never occurs here"),
    ('event.kind in ["vardkontakt", "besok"]', '"besok" never occurs here'),
    ('has(event.kontakt.kanal) && event.kontakt.kanal == "phone"', "only fysisk, telefon, text, video"),
    ("event.diagnoser.size()", "a condition needs a truth, and this is a number"),
    ("event.kind", "a condition needs a truth, and this is a text"),
    ("event.patient", "a condition needs a truth, and this is a group event.patient"),
    ("event.kind && event.patient.skyddad", "`&&` needs a truth, and this is a text"),
    ("!event.kind", "`!` needs a truth"),
    ("-event.kind == 1", "`-` needs a number"),
    ("event.kind ? true : false", "`?` needs a truth"),
    ("(true ? 1 : 'a') == 1", "chooses between a number and a text"),
    ("event.diagnoser.kod == 'x'", "`.kod` of a list: use exists, all, filter or map"),
    ("event.kind.x", "a text has no member `x`"),
    ("event.kind.exists(k, true)", "`exists` needs a list, and this is a text"),
    ("[].exists(k, true)", "`exists` needs a list, and this is a empty list"),
    ("event.diagnoser.exists(d, d.kod)", "`exists` needs a truth, and this is a text"),
    ("event.diagnoser.exists(event, true)", "the variable `event` stands for something else"),
    ("event.personal.exists(p, p.yrken.exists(p, true))", "the variable `p` stands for something else"),
    ("event.personal.exists(p, true) && p.lakare", "`p` is unknown"),
    ('event.diagnoser[0].kod == "x"', "may have no item 0"),
    ('event.diagnoser.size() > 0 && event.diagnoser[1].kod == "x"', "may have no item 1"),
    ('event.diagnoser.size() >= 0 && event.diagnoser[0].kod == "x"', "may have no item 0"),
    ('event.atgarder.size() > 0 && event.diagnoser[0].kod == "x"', "may have no item 0"),
    ('event.diagnoser.all(d, d.huvud) && event.diagnoser[0].kod == "x"', "may have no item 0"),
    ('event.diagnoser.size() >= 1 && event.diagnoser[1].kod == "x"', "may have no item 1"),
    ('event.diagnoser.size() == 1 && event.diagnoser[1].kod == "x"', "may have no item 1"),
    ('event.diagnoser.size() != 1 && event.diagnoser[0].kod == "x"', "may have no item 0"),
    ('event.diagnoser.size() < 1 || event.diagnoser[1].kod == "x"', "may have no item 1"),
    ('event.diagnoser.size() <= 1 || event.diagnoser[2].kod == "x"', "may have no item 2"),
    ('event.diagnoser.size() == 1 || event.diagnoser[0].kod == "x"', "may have no item 0"),
    ('1 < event.diagnoser.size() && event.diagnoser[2].kod == "x"', "may have no item 2"),
    (
        '!(!has(event.kontakt.typ) && event.kind == "vardkontakt") && event.kontakt.typ == "x"',
        "`event.kontakt.typ` may be absent",
    ),
    (
        '(!has(event.kontakt.typ) ? event.patient.skyddad : true) || event.kontakt.typ == "x"',
        "`event.kontakt.typ` may be absent",
    ),
    ("event.diagnoser[event.atgarder.size()].huvud", "an index is a whole number"),
    ("event.patient.size() > 0", "a group event.patient has no size"),
    ("event.patient.skyddad.size() > 0", "a truth has no size"),
    ("event.diagnoser.startsWith('Z')", "`startsWith` needs a text"),
    ("event.kind.startsWith(1)", "the argument of `startsWith` needs a text"),
    ("event.event_id.matches('[')", "no regular expression"),
    ("event.event_id.matches(event.kind)", "the pattern of `matches` is a text in quotes"),
    ("event.kind in event.kind", "`in` needs a list"),
    ("1 in event.kontakt.besokstyp", "looks for a number in a list of text"),
    ("event.patient in event.diagnoser", "looks for a group"),
    ("'kod' in event.patient", "`in` needs a list"),
    ("[1, 'a'] == []", "all of one type"),
    ("[event.patient] == []", "a list holds texts"),
    ("event.kind + 1 == 2", "`+` between a text and a number"),
    ("event.kind - 'a' == 'b'", "`-` between a text and a text"),
    ("true + true == true", "`+` between a truth and a truth"),
]


@pytest.mark.parametrize("source", ALLOWED)
def test_sound_conditions_load(source: str) -> None:
    Condition(source)


@pytest.mark.parametrize(("source", "said"), REFUSED, ids=[source for source, _ in REFUSED])
def test_a_condition_that_could_fail_or_is_misspelt_says_what_is_wrong(source: str, said: str) -> None:
    with pytest.raises(ConditionError) as caught:
        Condition(source)
    assert said in str(caught.value)


def test_require_may_rely_on_when() -> None:
    Condition("has(event.kontakt.typ)", 'event.kontakt.typ != "triage"')


def test_the_part_that_is_wrong_is_named() -> None:
    with pytest.raises(WrittenCondition) as caught:
        Condition("true", "event.kind")
    assert caught.value.part == "require"


def test_the_position_of_the_mistake_is_named() -> None:
    with pytest.raises(WrittenCondition) as caught:
        Condition('event.kind == "vardkontakt" && event.absent')
    assert caught.value.position == 31
    assert "character 32" in str(caught.value)


def test_what_a_condition_reads_is_known() -> None:
    condition = Condition("event.personal.exists(p, p.lakare) && has(event.patient.id)")
    assert condition.values == {"event.personal", "event.personal[].lakare"}
    assert condition.asked == {"event.patient.id"}
