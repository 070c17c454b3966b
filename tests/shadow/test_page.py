from html.parser import HTMLParser
from typing import Any

from adapter.shadow.page import page

NOTHING: dict[str, Any] = {"events": [], "at": []}


def document(**members: Any) -> dict[str, Any]:
    counts = {"equal": 1, "different": 1, "only_ours": 0, "only_theirs": 1, "ambiguous": 0}
    return {
        "register": "gvr",
        "since": None,
        "until": "2025-03-31",
        "agrees": False,
        "ours": 2,
        "theirs": 3,
        "cancelled": 0,
        "counts": counts,
        "units": {"30216311002": counts},
        "fields": [
            {
                "field": "taxa",
                "count": 1,
                "examples": ["v1"],
                "pairs": [{"ours": "01", "theirs": "02", "count": 1}],
            }
        ],
        "only_ours": NOTHING,
        "only_theirs": {"events": [], "at": ["theirs.csv:7"]},
        "ambiguous": NOTHING,
        "unnamed": NOTHING,
        **members,
    }


class Balance(HTMLParser):
    """Notes tags that are not closed in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_says_what_the_report_says_and_is_well_formed() -> None:
    made = page(document())
    for text in ("gvr", "01 / 02 (1)", "v1", "theirs.csv:7", "30216311002", "2025-03-31", "do not report"):
        assert text in made
    balance = Balance()
    balance.feed(made)
    assert balance.open == []


def test_every_text_is_escaped() -> None:
    made = page(document(units={"<script>": document()["counts"]}))
    assert "<script>" not in made
    assert "&lt;script&gt;" in made


def test_what_was_asked_of_the_register_is_shown_too() -> None:
    lookup = {"counts": {"absent": 4}, "examples": {"absent": ["v9"]}, "stopped": "http-401"}
    made = page(document(lookup=lookup))
    assert "absent" in made
    assert "v9" in made
    assert "http-401" in made
