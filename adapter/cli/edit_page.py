"""How ``vardbro edit`` prints an edit: where it stands, what it changes and what that brings to each lane."""

from collections.abc import Sequence
from typing import Any

import orjson

from adapter.cli.listing import shown_time
from adapter.output import console, table

Json = dict[str, Any]


def print_edit(edit: Json) -> None:
    """Print an edit, with what the answer has of difference, findings and messages."""
    out = console()
    out.print(_title(edit), markup=False, highlight=False)
    if "difference" in edit:
        rows = (
            (one["op"], one["path"], _value(one, "before"), _value(one, "after"))
            for one in edit["difference"]
        )
        out.print(table("what it changes", ("", "path", "before", "after"), rows))
    if "messages" in edit:
        columns = ("register", "service", "lane", "lane is", "message", "changed fields")
        out.print(table("what it brings", columns, map(_consequence, edit["messages"])))
    if edit.get("findings"):
        print_findings("findings", edit["findings"])


def print_findings(title: str, issues: Sequence[Json]) -> None:
    """Print the issues of an OperationOutcome."""
    rows = (
        (
            issue["severity"],
            ", ".join(coding["code"] for coding in issue["details"].get("coding", ())),
            issue.get("diagnostics") or issue["details"]["text"],
            "\n".join(issue.get("expression", ())),
        )
        for issue in issues
    )
    console().print(table(title, ("", "rule", "text", "where"), rows))


def print_list(edits: Sequence[Json]) -> None:
    """Print edits, one a line."""
    columns = ("edit", "event", "based on", "state", "by", "at", "reason", "decided by", "why refused")
    rows = (
        (
            one["id"],
            one["event_id"],
            one["based_on"],
            one["state"],
            one["actor"],
            shown_time(one["proposed_at"]),
            one["reason"],
            one["decided_by"],
            one["decided_why"],
        )
        for one in edits
    )
    console().print(table(f"{len(edits)} edits", columns, rows))


def _title(edit: Json) -> str:
    place = f"event {edit['event_id']}, based on revision {edit['based_on']}"
    if edit["state"] == "dry-run":
        return f"dry run, nothing is stored: {place}"
    waits = "; waits for a second person" if edit["state"] == "proposed" else ""
    return f"edit {edit['id']} is {edit['state']}{waits}: {place}"


def _consequence(one: Json) -> tuple[object, ...]:
    what = f"held: {one['held']}" if one["held"] else one["what"]
    return (
        one["register"],
        one["service"],
        one["lane"] or "new",
        one["lane_state"],
        what,
        ", ".join(one["changed"]),
    )


def _value(change: Json, name: str) -> str:
    return orjson.dumps(change[name]).decode() if name in change else ""
