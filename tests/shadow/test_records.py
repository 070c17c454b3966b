import pytest

from adapter.shadow.records import Record, Unreadable, records


def read(text: str, name: str = "list.ndjson") -> list[Record]:
    return list(records(text.encode(), name))


def test_ndjson_has_a_record_a_line_and_a_wrong_one_is_named_by_its_line() -> None:
    assert read('{"a": 1}\n\nno json\n[1]\n{"a": 2}\n') == [
        Record(1, {"a": 1}),
        Record(3, {}, "no JSON"),
        Record(4, {}, "no JSON object"),
        Record(5, {"a": 2}),
    ]


def test_an_array_has_its_records_by_number() -> None:
    assert read('[{"a": 1}, 2]') == [Record(1, {"a": 1}), Record(2, {}, "no JSON object")]


def test_csv_has_paths_as_headers_and_empty_cells_say_nothing() -> None:
    text = (
        "patientId;enhet.inr;diagnoser[0].kod;diagnoser[1].kod;vardgivare[0]\n"
        "p1;30216;J189;I109;01\n"
        "p2;30216;;E119;\n"
    )
    assert [record.value for record in read(text, "theirs.csv")] == [
        {
            "patientId": "p1",
            "enhet": {"inr": "30216"},
            "diagnoser": [{"kod": "J189"}, {"kod": "I109"}],
            "vardgivare": ["01"],
        },
        {"patientId": "p2", "enhet": {"inr": "30216"}, "diagnoser": [{"kod": "E119"}]},
    ]


def test_csv_with_commas_and_a_byte_order_mark_is_read_too() -> None:
    found = list(records(b'\xef\xbb\xbfidentifier,id\n"a|1",x\n', "LIST.CSV"))
    assert found == [Record(2, {"identifier": "a|1", "id": "x"})]


def test_a_row_of_another_length_is_named_by_its_line() -> None:
    assert read("a;b\n1;2\n1\n", "x.csv")[1] == Record(3, {}, "1 fields under 2 headers")


def test_headers_that_contradict_each_other_are_named() -> None:
    assert read("a;a.b\n1;2\n", "x.csv") == [Record(2, {}, "two headers contradict each other")]


@pytest.mark.parametrize(
    ("raw", "name", "why"),
    [
        (b"\xff\xfe", "x.ndjson", "not UTF-8"),
        (b"[1", "x.json", "no JSON"),
        (b"", "x.csv", "no header"),
        (b"a;b..c\n", "x.csv", "header 2 is no path"),
        (b"a[5000]\n", "x.csv", "too large"),
        (b'a\n"unclosed', "x.csv", "no CSV"),
    ],
)
def test_what_is_none_of_the_forms_is_said(raw: bytes, name: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        list(records(raw, name))
