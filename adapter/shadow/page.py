"""A comparison report as a page that stands alone: no scripts, nothing fetched, every text escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1b1b}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}
th{background:#eef2f5}td.n{text-align:right;font-variant-numeric:tabular-nums}
code{font-size:.85em;overflow-wrap:anywhere}.ok{color:#0a6b2d}.not{color:#a01414}
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Shadow comparison</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
_FIELD_HEADER = ("member", "contacts", "codes: ours / theirs", "events")
KINDS = (
    ("equal", "equal"),
    ("different", "different"),
    ("only_ours", "only ours"),
    ("only_theirs", "only theirs"),
    ("ambiguous", "ambiguous"),
)
"""Kinds of contacts, with the words that tables use."""


def page(document: dict[str, Any]) -> str:
    """The page of a comparison as `vardbro shadow compare --json` prints it."""
    agrees = document["agrees"]
    verdict = "Both systems report the same." if agrees else "The systems do not report the same."
    parts = [
        f"<h1>Shadow comparison: {_text(document['register'])}</h1>",
        f"<p>{_text(_period(document))}. {document['ours']} of ours against {document['theirs']} of theirs;"
        f" {document['cancelled']} were cancelled here.</p>",
        f"<p class='{'ok' if agrees else 'not'}'>{verdict}</p>",
        _table(("contacts", ""), [(word, document["counts"][kind]) for kind, word in KINDS]),
        _section("Members that differ", _FIELD_HEADER, _fields(document)),
        _section("Units", ("unit", *(word for _, word in KINDS)), _units(document)),
        _section("Contacts that are named", ("", "our events", "in their list"), _named(document)),
    ]
    if document.get("lookup"):
        parts.append(_section("What the register holds", ("", "contacts", "events"), _looked_up(document)))
    return _PAGE.format(style=_STYLE, body="\n".join(parts))


def _period(document: dict[str, Any]) -> str:
    since, until = document.get("since"), document.get("until")
    if not since and not until:
        return "All dates of care"
    return f"Dates of care {since or '...'} to {until or '...'}"


def _fields(document: dict[str, Any]) -> Iterable[Sequence[Any]]:
    for field in document["fields"]:
        pairs = "; ".join(f"{pair['ours']} / {pair['theirs']} ({pair['count']})" for pair in field["pairs"])
        yield field["field"], field["count"], pairs, ", ".join(field["examples"])


def _units(document: dict[str, Any]) -> Iterable[Sequence[Any]]:
    for unit, counts in document["units"].items():
        yield unit, *(counts[kind] for kind, _ in KINDS)


def _named(document: dict[str, Any]) -> Iterable[Sequence[Any]]:
    for name, word in (*KINDS[2:], ("unnamed", "names no contact")):
        found = document[name]
        if found["events"] or found["at"]:
            yield word, ", ".join(found["events"]), ", ".join(found["at"])


def _looked_up(document: dict[str, Any]) -> Iterable[Sequence[Any]]:
    lookup = document["lookup"]
    for kind, count in lookup["counts"].items():
        yield kind, count, ", ".join(lookup["examples"].get(kind, ()))
    if lookup["stopped"]:
        yield "stopped", "", lookup["stopped"]


def _section(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    found = list(rows)
    return f"<h2>{_text(title)}</h2>\n{_table(header, found)}" if found else ""


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f"<th>{_text(name)}</th>" for name in header)
    lines = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table>\n<tr>{head}</tr>\n{lines}\n</table>"


def _cell(value: Any) -> str:
    return (
        f"<td class='n'>{value}</td>" if isinstance(value, int) else f"<td><code>{_text(value)}</code></td>"
    )


def _text(value: Any) -> str:
    return escape(str(value))
