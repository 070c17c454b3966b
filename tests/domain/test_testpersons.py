import pytest

from adapter.domain.event import Patient
from adapter.domain.testpersons import TestPersons

EVERYBODY = TestPersons()


def person(number: str, kind: str = "personnummer") -> Patient:
    return Patient(id=number, kind=kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "patient",
    [
        person("191212121212"),
        person("189001019802"),
        person("198611239883"),
        person("198701022389"),
        person("201912312392"),
        person("195105652385", "samordningsnummer"),
        person("991981000010", "reservnummer-stockholm"),
        person("19810829M071", "reservnummer-vgr"),
    ],
    ids=["published", "1890", "1986", "1987", "2019", "samordningsnummer", "stockholm", "vgr"],
)
def test_a_published_number_or_one_of_the_series_is_a_test_persons(patient: Patient) -> None:
    assert EVERYBODY.knows(patient)


@pytest.mark.parametrize(
    "patient",
    [
        person("195711212893"),
        person("199001019803"),
        person("198601019792"),
        person("195105659803", "samordningsnummer"),
        person("992004391013", "reservnummer-stockholm"),
        person("19810829K980", "reservnummer-vgr"),
        Patient(),
    ],
    ids=["published, but of no series", "nor 980 of 1990", "979", "nor of these", "reserv", "vgr", "nobody"],
)
def test_anybody_else_is_a_patient(patient: Patient) -> None:
    assert not EVERYBODY.knows(patient)


def test_the_users_own_list_counts_too() -> None:
    assert TestPersons(numbers=frozenset({"194001011234"})).knows(person("194001011234"))


def test_a_real_person_whose_number_looks_like_a_tests_is_a_patient() -> None:
    assert not TestPersons(real=frozenset({"195001019804"})).knows(person("195001019804"))


def test_the_series_can_be_switched_off_and_the_published_numbers_cannot() -> None:
    alone = TestPersons(series=False)
    assert not alone.knows(person("189001019802"))
    assert alone.knows(person("191212121212"))
