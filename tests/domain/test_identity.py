from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.se import personnummer as oracle

from adapter.domain.identity import (
    KINDS,
    Identity,
    IdentityProblem,
    choose_identity,
    contradictions,
    parse_identity,
)
from adapter.resources import data_folder

PUBLIC_NUMBERS = [
    ("191212121212", "personnummer", "1912-12-12", "M"),
    ("195009072553", "personnummer", "1950-09-07", "M"),
    ("196101182803", "personnummer", "1961-01-18", "K"),
    ("200001252386", "personnummer", "2000-01-25", "K"),
    ("189002029800", "personnummer", "1890-02-02", "K"),
    ("189602029812", "personnummer", "1896-02-02", "M"),
    ("199002222397", "personnummer", "1990-02-22", "M"),
    ("200302022389", "personnummer", "2003-02-02", "K"),
    ("196109732393", "samordningsnummer", "1961-09-13", "M"),
    ("991981000010", "reservnummer-stockholm", None, None),
    ("991993000032", "reservnummer-stockholm", None, None),
    ("19810829M071", "reservnummer-vgr", "1981-08-29", "M"),
    ("19450829K088", "reservnummer-vgr", "1945-08-29", "K"),
    ("98240301AA06", "nationellt-reservnummer", None, None),
    ("20210325K069", "nationellt-reservnummer", None, None),
]


def luhn_digit(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return str(-total % 10)


def identity(value: str, system=None) -> Identity:
    found = parse_identity(value, system)
    assert isinstance(found, Identity), found
    return found


def problem(value: str, system=None) -> IdentityProblem:
    found = parse_identity(value, system)
    assert isinstance(found, IdentityProblem), found
    return found


@st.composite
def personnummer(draw) -> str:
    born = draw(st.dates(min_value=date(1800, 1, 1), max_value=date(2099, 12, 31)))
    head = born.strftime("%Y%m%d") + f"{draw(st.integers(0, 999)):03d}"
    return head + luhn_digit(head[2:])


def as_samordningsnummer(number: str) -> str:
    head = number[:6] + str(int(number[6:8]) + 60) + number[8:11]
    return head + luhn_digit(head[2:])


@pytest.mark.parametrize(("number", "kind", "born", "sex"), PUBLIC_NUMBERS)
def test_public_test_numbers_are_accepted_under_their_system(number, kind, born, sex):
    assert identity(number, kind) == Identity(id=number, kind=kind, fodelsedatum=born, kon=sex)


@given(personnummer())
@settings(max_examples=60)
def test_a_personnummer_tells_birth_date_and_sex(number):
    assert oracle.is_valid(number)
    found = identity(number, "personnummer")
    assert found.fodelsedatum == f"{number[:4]}-{number[4:6]}-{number[6:8]}"
    assert found.kon == ("M" if int(number[10]) % 2 else "K")
    assert found.remark is None


@given(personnummer(), st.integers(2, 11), st.integers(1, 9))
@settings(max_examples=120)
def test_any_changed_digit_in_the_checked_part_is_refused(number, place, step):
    changed = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assert problem(changed, "personnummer").rule in ("ID-CHECKSUM", "ID-DATE")
    assert problem(as_samordningsnummer(number)[:11] + changed_last(number, step), "samordningsnummer")


def changed_last(number: str, step: int) -> str:
    return str((int(as_samordningsnummer(number)[11]) + step) % 10)


@given(personnummer(), st.sampled_from("-+"))
@settings(max_examples=40)
def test_a_hyphen_or_plus_before_the_last_four_changes_nothing(number, separator):
    assert identity(f"{number[:8]}{separator}{number[8:]}", "personnummer") == identity(
        number, "personnummer"
    )


@given(personnummer())
@settings(max_examples=40)
def test_a_samordningsnummer_has_sixty_added_to_its_day(number):
    found = identity(as_samordningsnummer(number), "samordningsnummer")
    assert found.fodelsedatum == f"{number[:4]}-{number[4:6]}-{number[6:8]}"
    assert found.kind == "samordningsnummer"


@given(personnummer(), st.sampled_from("-+"), st.booleans())
@settings(max_examples=40)
def test_ten_digits_are_refused_because_the_century_is_not_guessed(number, separator, with_system):
    short = f"{number[2:8]}{separator}{number[8:]}"
    assert problem(short, "personnummer" if with_system else None) == IdentityProblem(
        rule="ID-CENTURY", kind="personnummer"
    )


@given(st.text(max_size=16), st.sampled_from([None, *KINDS]))
@settings(max_examples=150)
def test_no_text_raises(text, system):
    assert isinstance(parse_identity(text, system), Identity | IdentityProblem)


@given(personnummer(), st.integers(0, 99), st.sampled_from([("K", "5"), ("M", "7"), ("X", "8")]), st.data())
@settings(max_examples=60)
def test_a_vgr_reservnummer_is_checked_with_its_letters_digit(number, serial, letter, data):
    sign, digit = letter
    head = number[:8]
    check = luhn_digit(head[2:] + digit + f"{serial:02d}")
    whole = f"{head}{sign}{serial:02d}{check}"
    assert identity(whole, "reservnummer-vgr").kon == {"K": "K", "M": "M"}.get(sign)
    wrong = str((int(check) + data.draw(st.integers(1, 9))) % 10)
    assert problem(whole[:-1] + wrong, "reservnummer-vgr").rule == "ID-CHECKSUM"


@given(st.sampled_from(["18", "19", "20"]), st.integers(0, 9999999), st.integers(0, 7), st.integers(1, 9))
@settings(max_examples=60)
def test_a_stockholm_reservnummer_is_checked_over_positions_five_to_eleven(century, rest, place, step):
    body = f"{rest:07d}"
    number = f"99{century}{body}{luhn_digit(body)}"
    assert identity(number, "reservnummer-stockholm").id == number
    at = 4 + place
    changed = number[:at] + str((int(number[at]) + step) % 10) + number[at + 1 :]
    assert problem(changed, "reservnummer-stockholm").rule == "ID-CHECKSUM"


@pytest.mark.parametrize(
    ("number", "system", "kind"),
    [
        ("196109732393", "personnummer", "samordningsnummer"),
        ("191212121212", "samordningsnummer", "personnummer"),
        ("991981000010", "personnummer", "reservnummer-stockholm"),
        ("19810829M071", "personnummer", "reservnummer-vgr"),
        ("98240301AA06", "personnummer", "nationellt-reservnummer"),
        ("191212121212", "nationellt-reservnummer", "personnummer"),
        ("191212121212", "lma-nummer", "personnummer"),
    ],
)
def test_a_number_under_another_kinds_system_is_taken_for_what_it_is_and_remarked_upon(number, system, kind):
    found = identity(number, system)
    assert (found.kind, found.remark) == (kind, "ID-WRONG-SYSTEM")


@pytest.mark.parametrize(("number", "kind"), [(row[0], row[1]) for row in PUBLIC_NUMBERS[:-1]])
def test_a_number_without_a_system_is_recognised_by_its_form_and_remarked_upon(number, kind):
    found = identity(number, None)
    assert (found.kind, found.remark) == (kind, "ID-NO-SYSTEM")


@pytest.mark.parametrize(
    ("number", "system", "rule", "kind"),
    [
        ("191212121213", "personnummer", "ID-CHECKSUM", "personnummer"),
        ("196109732394", "personnummer", "ID-CHECKSUM", "samordningsnummer"),
        ("196109932397", "samordningsnummer", "ID-DATE", "samordningsnummer"),
        ("196102902394", "samordningsnummer", "ID-DATE", "samordningsnummer"),
        ("190002291212", "personnummer", "ID-DATE", "personnummer"),
        ("171212121212", "personnummer", "ID-DATE", "personnummer"),
        ("211212121212", "personnummer", "ID-DATE", "personnummer"),
        ("1912121212", "personnummer", "ID-CENTURY", "personnummer"),
        ("1912-12121212", "personnummer", "ID-FORM", "personnummer"),
        ("19121212--1212", "personnummer", "ID-FORM", "personnummer"),
        ("19121212 1212", "personnummer", "ID-FORM", "personnummer"),
        ("١٩١٢١٢١٢١٢١٢", "personnummer", "ID-FORM", "personnummer"),
        ("", "personnummer", "ID-FORM", "personnummer"),
        ("981981000010", "reservnummer-stockholm", "ID-FORM", "reservnummer-stockholm"),
        ("991781000010", "reservnummer-stockholm", "ID-DATE", "reservnummer-stockholm"),
        ("19810829A071", "reservnummer-vgr", "ID-FORM", "reservnummer-vgr"),
        ("19811329M071", "reservnummer-vgr", "ID-DATE", "reservnummer-vgr"),
        ("98240301AA0", "nationellt-reservnummer", "ID-FORM", "nationellt-reservnummer"),
        ("98240301AA066", "nationellt-reservnummer", "ID-FORM", "nationellt-reservnummer"),
        ("50-12345", "lma-nummer", "ID-FORM", "lma-nummer"),
        ("ABCDEFGHIJKL", "personnummer", "ID-FORM", "personnummer"),
        ("ABCDEFGHIJKL", None, "ID-UNKNOWN-KIND", None),
        ("50123456", None, "ID-UNKNOWN-KIND", None),
        ("1234567890", None, "ID-UNKNOWN-KIND", None),
    ],
)
def test_a_refused_number_is_told_by_the_rule_and_the_kind_it_was_taken_for(number, system, rule, kind):
    assert problem(number, system) == IdentityProblem(rule=rule, kind=kind)


@pytest.mark.parametrize("written", ["50-123456/7", "50123456/7", "50 123456 7", "501234567"])
def test_an_lma_number_is_kept_as_its_digits(written):
    assert identity(written, "lma-nummer").id == "501234567"


def test_lower_case_and_space_around_do_not_count():
    assert identity(" 98240301aa06 ", "nationellt-reservnummer").id == "98240301AA06"


@pytest.mark.parametrize(
    ("birth_date", "gender", "expected"),
    [
        ("1912-12-12", "male", ()),
        ("1912", None, ()),
        ("1912-12", "unknown", ()),
        (None, "other", ()),
        ("1912-12-13", "male", ("ID-BIRTHDATE",)),
        ("1913", "female", ("ID-BIRTHDATE", "ID-GENDER")),
        ("1912-12-12", "female", ("ID-GENDER",)),
    ],
)
def test_birth_date_and_gender_are_held_against_the_number(birth_date, gender, expected):
    assert contradictions(identity("191212121212", "personnummer"), birth_date, gender) == expected


def test_a_number_that_tells_nothing_contradicts_nothing():
    assert contradictions(identity("991981000010", "reservnummer-stockholm"), "1901-01-01", "female") == ()


def test_the_weightiest_kind_that_holds_is_chosen():
    lma = identity("501234567", "lma-nummer")
    reserv = identity("991981000010", "reservnummer-stockholm")
    person = identity("191212121212", "personnummer")
    wrong = problem("191212121213", "personnummer")
    assert choose_identity([lma, wrong, reserv, person, person]) == 3
    assert choose_identity([wrong, lma]) == 1
    assert choose_identity([wrong, wrong]) == 0
    assert choose_identity([]) is None


def test_every_rule_that_is_named_has_its_text():
    pack = yaml.safe_load(
        (data_folder("mappings") / "rules/common/identity.yaml").read_text(encoding="utf-8")
    )
    told = {rule["id"] for rule in pack["rules"]}
    assert {
        *("ID-FORM", "ID-CENTURY", "ID-CHECKSUM", "ID-DATE", "ID-UNKNOWN-KIND", "ID-WRONG-SYSTEM"),
        *("ID-NO-SYSTEM", "ID-BIRTHDATE", "ID-GENDER", "ID-MISSING", "ID-SEVERAL"),
    } <= told
