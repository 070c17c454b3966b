"""Tables as files: the head, the rows and their periods."""

from pathlib import Path

import pytest

from adapter.errors import PackError
from adapter.mapping.table_files import checked_period, code_files
from adapter.mapping.terminology import Validity, load_terminology


def written(folder: Path, text: str, name: str = "codes-kva.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_code_may_be_valid_on_a_single_day(tmp_path: Path) -> None:
    loaded = load_terminology(written(tmp_path, "kod;from;to\nXS012;2025-03-03;2025-03-03\n"))
    days = ("2025-03-02", "2025-03-03", "2025-03-04")
    answers = [loaded.check("kva", "XS012", day) for day in days]
    assert answers == [Validity.NOT_YET, Validity.VALID, Validity.RETIRED]


def test_a_period_that_ends_before_it_begins_is_refused_with_the_place() -> None:
    with pytest.raises(PackError, match="row 7: the period ends before it begins"):
        checked_period("row 7", "2025-03-04", "2025-03-03")


def test_only_lines_with_a_hash_speak_of_the_table(tmp_path: Path) -> None:
    """A code may have a colon, too."""
    (edition,) = code_files(written(tmp_path, "# to: 2025-12-31\nkod;from;to\nXto:1;;\n"))["kva"]
    assert edition.head.end == "2025-12-31"
    assert [*edition.rows] == ["XTO:1"]


def test_a_day_of_the_head_holds_for_rows_that_tell_none(tmp_path: Path) -> None:
    text = "# from: 2025-01-01\n# to: 2025-12-31\nkod;from;to\nXS012;;\nXS003;2024-06-01;\n"
    (edition,) = code_files(written(tmp_path, text, "codes-kva@2025.csv"))["kva"]
    assert [(one.start, one.end) for one in edition.rows["XS012"]] == [("2025-01-01", "2025-12-31")]
    assert [(one.start, one.end) for one in edition.rows["XS003"]] == [("2024-06-01", "2025-12-31")]
    assert (edition.head.edition, edition.head.complete) == ("2025", False)


def test_a_head_with_a_date_of_another_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="`from` of the head is YYYY-MM-DD or empty"):
        code_files(written(tmp_path, "# from: 20250101\nkod;from;to\n"))
