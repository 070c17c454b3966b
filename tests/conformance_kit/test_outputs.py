"""JUnit, page, TestReport and grid say what came of the cases."""

from datetime import UTC, datetime

import pytest
from fhir.resources.R4B.testreport import TestReport as R4Report
from lxml import etree, html
from msgspec.structs import replace

from adapter.conformance.grid import rows
from adapter.conformance.junit import junit
from adapter.conformance.loading import Kit
from adapter.conformance.manifest import Settings
from adapter.conformance.observed import NotRun, Observed
from adapter.conformance.page import page
from adapter.conformance.running import Results, run_kit
from adapter.conformance.summary import summary
from adapter.conformance.testreport import testreport as as_testreport
from adapter.domain.text import Text
from adapter.fhir.read import validate_resource
from adapter.resources import data_folder
from adapter.rules import load_packs

AT = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)


class Three:
    """Passes the first case, fails the second, does not run the third."""

    name = "http://adapter.example"

    def run(self, case, inputs):
        if case.id == "third":
            raise NotRun(Text("egna <inställningar>", "settings of <its> own"))
        return [Observed(outcome="accepted" if case.id == "first" else "refused")]


@pytest.fixture
def results(made) -> Results:
    kit: Kit = made({"outcome": "accepted", "messages": []})
    (case,) = kit.cases
    title = Text("Ett <besök> & mer", "A <visit> & more")
    cases = tuple(
        replace(case, id=name, title=title, settings=Settings()) for name in ("first", "second", "third")
    )
    return run_kit(replace(kit, cases=cases), Three())


def test_junit_counts_and_tells(results: Results) -> None:
    root = etree.fromstring(junit(results, "en"))
    (suite,) = root
    assert dict(suite.attrib) == {
        "name": "made on http://adapter.example", "tests": "3", "failures": "1", "errors": "0",
        "skipped": "1",
    }  # fmt: skip
    first, second, third = suite
    assert first.find("failure") is None
    assert first.findtext("system-out") == "not observable: messages"
    assert second.find("failure").get("message") == "the outcome is refused, not accepted"
    assert second.find("failure").get("type") == "KT-MOTTAGNING"
    assert third.find("skipped").get("message") == "settings of <its> own"
    assert second.get("classname") == "mottagningsbesok.gvr"


def test_the_page_stands_alone_and_shows_both_languages(results: Results) -> None:
    text = page(summary(results, AT.isoformat()), "sv")
    tree = html.document_fromstring(text)
    assert tree.xpath("//script | //link | //img") == []
    assert set(tree.xpath("//@href | //@src")) == {"#sv", "#en"}
    english, swedish = (one.text_content() for one in tree.xpath("//main"))
    assert "utfallet är refused, inte accepted" in swedish
    assert "the outcome is refused, not accepted" in english
    assert "1 / 2" in swedish
    assert "settings of <its> own" in english
    assert "<besök>" not in text


def test_the_testreport_is_valid_r4_by_two_judges_and_says_what_failed(results: Results) -> None:
    made = as_testreport(results, "en", AT)
    read = R4Report.model_validate(made)
    assert read.result == "fail"
    assert float(read.score) == 50.0
    actions = [[action.operation or action.assert_fhir for action in test.action] for test in read.test]
    assert [[one.result for one in test] for test in actions] == [
        ["pass", "pass"],
        ["pass", "fail"],
        ["skip"],
    ]
    catalogue = load_packs(data_folder("mappings") / "rules").catalogue
    assert validate_resource(made, catalogue) == []


def test_the_testreport_of_our_own_cases_is_valid_r4(kit: Kit, recorded) -> None:
    made = as_testreport(run_kit(kit, recorded), "sv", AT)
    assert R4Report.model_validate(made).result == "pass"
    catalogue = load_packs(data_folder("mappings") / "rules").catalogue
    assert validate_resource(made, catalogue) == []


def test_the_summary_counts(results: Results) -> None:
    made = summary(results, AT.isoformat())
    assert (made["passed"], made["failed"], made["not_run"]) == (1, 1, 1)
    assert made["cases"][1]["complaints"][0]["en"] == "the outcome is refused, not accepted"
    assert made["cases"][0]["not_observable"] == ["messages"]


def test_the_grid_is_sorted_by_cell(kit: Kit) -> None:
    listed = rows(kit.cases)
    assert listed == sorted(listed)
    assert len(listed) == len(kit.cases)
