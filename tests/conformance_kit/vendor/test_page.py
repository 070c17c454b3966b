"""The page of a vendor report: two languages, no scripts, nothing fetched, everything escaped, a chart."""

from typing import Any

import pytest
from lxml import html

from adapter.conformance.vendor.chart import chart
from adapter.conformance.vendor.history import Point, append, read_history
from adapter.conformance.vendor.page import page
from adapter.errors import ConfigurationError

PAST = {"at": "2025-03-01T08:00:00+00:00", "rules": "r1", "bundles": 10, "score": 40.0, "registers": {}}
NOW = {**PAST, "at": "2025-03-02T08:00:00+00:00", "rules": "r2", "score": 62.5}
SHARES = {"fit": 50.0, "remarks": 12.5, "held": 0.0, "refused": 37.5, "not-told": 0.0}
REPORT: dict[str, Any] = {
    "at": NOW["at"],
    "rules": "r2",
    "bundles": 8,
    "contacts": 9,
    "score": 62.5,
    "registers": [
        {
            "register": "gvr",
            "score": 62.5,
            "fit": 4,
            "remarks": 1,
            "held": 0,
            "refused": 3,
            "not-told": 0,
            "shares": SHARES,
        }
    ],
    "findings": [
        {
            "rule": "GVR-TAXA",
            "severity": "error",
            "bundles": 3,
            "places": 4,
            "registers": ["gvr"],
            "text": {"sv": "Taxa saknas.", "en": "The taxa is missing."},
            "todo": {"sv": "Ange taxan.", "en": "Give the taxa."},
            "example": {"file": "<script>alert(1)</script>.json", "expression": "Bundle.entry[0]<b>"},
            "source": {"document": "GVR-PUB", "section": "Code tables"},
            "assumed": False,
        }
    ],
    "not_told": [{"register": "pasis", "rule": "P", "bundles": 1, "text": {"sv": "Nej.", "en": "No."}}],
    "never_read": [{"element": "Encounter.length", "bundles": 2, "places": 2, "reason": None}],
    "not_opened": [{"file": "***.json (#3)", "why": "Permission denied"}],
    "history": [PAST, NOW],
}


def test_the_page_stands_alone() -> None:
    text = page(REPORT, "sv")
    tree = html.document_fromstring(text)
    assert tree.xpath("//script | //link | //img | //iframe | //@onclick | //@onload") == []
    assert set(tree.xpath("//@href | //@src")) == {"#sv", "#en"}
    assert "url(" not in text
    assert "@import" not in text


def test_both_languages_stand_in_it_and_the_one_asked_for_shows() -> None:
    tree = html.document_fromstring(page(REPORT, "en"))
    assert [one.get("id") for one in tree.xpath("//main")] == ["sv", "en"]
    assert tree.get("lang") == "en"
    swedish, english = (one.text_content() for one in tree.xpath("//main"))
    assert "Taxa saknas." in swedish
    assert "62,5 %" in swedish
    assert "The taxa is missing." in english
    assert "62.5 %" in english
    assert "#en{display:block}" in page(REPORT, "en")


def test_what_comes_from_files_is_escaped() -> None:
    text = page(REPORT, "sv")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;.json" in text
    assert "Bundle.<wbr>entry[0]&lt;b&gt;" in text


def test_the_chart_has_a_point_for_each_report_and_a_hollow_one_where_the_rules_changed() -> None:
    drawn = chart([PAST, NOW, {**NOW, "score": None}], "över tid")
    assert drawn.count("<circle") == 2
    assert drawn.count('fill="#fff"') == 1
    assert "2025-03-02" in drawn
    assert chart([PAST], "över tid") == ""


def test_many_points_share_few_labels() -> None:
    drawn = chart([PAST] * 100, "t")
    assert drawn.count("<circle") == 100
    assert drawn.count('y="178"') <= 9


def test_the_history_grows_by_one_line_for_each_report(tmp_path) -> None:
    file = tmp_path / "history.ndjson"
    assert read_history(file) == []
    points = [
        Point(at="2025-03-01", rules="r1", bundles=1, score=None),
        Point(at="2025-03-02", rules="r1", bundles=2, score=5.0),
    ]
    for one in points:
        append(file, one)
    assert read_history(file) == points


@pytest.mark.parametrize("content", ["{}", "words", '{"resourceType": "Bundle"}'])
def test_a_file_that_is_no_history_is_left_alone(tmp_path, content: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(content)
    with pytest.raises(ConfigurationError, match="no history"):
        read_history(file)
