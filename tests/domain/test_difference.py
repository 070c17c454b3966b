"""What differs between two JSON values."""

from typing import Any

import pytest

from adapter.domain.difference import Change, difference


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 2}, [("replace", "/a", 1, 2)]),
        ({"a": 1}, {"a": 1, "b": [1]}, [("add", "/b", None, [1])]),
        ({"a": 1, "b": {}}, {"a": 1}, [("remove", "/b", {}, None)]),
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}, [("replace", "/a/b", "x", "y")]),
        ({"a": 1}, {"a": True}, [("replace", "/a", 1, True)]),
        ({"a": {}}, {"a": []}, [("replace", "/a", {}, [])]),
        ([1, 2, 3], [2, 3], [("remove", "/0", 1, None)]),
        ([1, 3], [1, 2, 3], [("add", "/1", None, 2)]),
        ([{"k": 1}, {"k": 2}], [{"k": 1}, {"k": 3}], [("replace", "/1/k", 2, 3)]),
        ([1], [2, 3], [("replace", "/0", 1, 2), ("add", "/1", None, 3)]),
        ({"a/b~c": 1}, {"a/b~c": 2}, [("replace", "/a~1b~0c", 1, 2)]),
    ],
)
def test_a_change_says_what_where_and_from_what_to_what(before: Any, after: Any, expected: Any) -> None:
    found = difference(before, after)
    assert [(one.op, one.pointer, one.before, one.after) for one in found] == expected


def test_equal_values_differ_in_nothing_whatever_the_order_of_their_members() -> None:
    assert difference({"a": [1, {"x": 1, "y": 2}], "b": None}, {"b": None, "a": [1, {"y": 2, "x": 1}]}) == []


def test_an_item_that_is_put_in_first_does_not_change_those_after_it() -> None:
    items = [{"id": number} for number in range(50)]
    (change,) = difference(items, [{"id": "new"}, *items])
    assert (change.op, change.pointer) == ("add", "/0")


def test_long_lists_without_anything_in_common_are_compared_item_by_item() -> None:
    found = difference(list(range(3000)), list(range(3000, 6001)))
    assert (len(found), found[-1].op, found[-1].pointer) == (3001, "add", "/3000")


def test_a_field_is_named_as_traces_name_it() -> None:
    assert Change(op="replace", place=("diagnoser", 0, "kod")).field == "diagnoser[0].kod"
