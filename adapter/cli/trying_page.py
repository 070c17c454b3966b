"""How trials of rules are shown."""

from collections import Counter
from typing import Any

from adapter.output import console, table

Json = dict[str, Any]

_MOST = 30


def print_report(document: Json) -> None:
    """What a trial found, in counts and examples."""
    out = console()
    used = (
        "in use"
        if document["version"] == document["in_use"]
        else f"not in use (that is {document['in_use']})"
    )
    said = f"{document['compared']} contacts compared; rules, maps and tables {document['version']}, {used}"
    out.print(said, markup=False, highlight=False, soft_wrap=True)
    if document["not_kept"]:
        out.print(f"{document['not_kept']} are not kept, and were not compared", markup=False)
    if not document["changes"]:
        out.print("nothing would change", markup=False)
        return
    rows = (
        (one["register"], one["service"], one["kind"], one["contacts"], " ".join(one["examples"]))
        for one in document["kinds"]
    )
    out.print(table("what would change", ("register", "service", "what", "contacts", "events"), rows))
    rules = ((one["rule"], one["kind"], one["contacts"]) for one in document["rules"][:_MOST])
    out.print(table("by rule or map", ("rule or map", "what", "contacts"), rules))
    units = (
        (one["unit"], one["register"], one["kind"], one["contacts"]) for one in document["units"][:_MOST]
    )
    out.print(table("by unit", ("unit", "register", "what", "contacts"), units))
    if document["fields"]:
        fields = (
            (one["register"], one["field"], one["contacts"], _pairs(one["pairs"]))
            for one in document["fields"][:_MOST]
        )
        out.print(table("members", ("register", "member", "contacts", "was -> would be"), fields))


def print_corrections(results: list[Json]) -> None:
    """What became of contacts that were to be corrected."""
    counted = Counter(one["became"] for one in results)
    out = console()
    out.print(", ".join(f"{n} {what}" for what, n in counted.items()), markup=False, highlight=False)
    left = [
        (one["event"], one["became"]) for one in results if one["became"] not in ("corrected", "unchanged")
    ]
    if left:
        out.print(table("not corrected", ("event", "why"), left[:_MOST]))


def _pairs(pairs: list[Json]) -> str:
    return "; ".join(f"{one['before']} -> {one['after']} ({one['contacts']})" for one in pairs[:5])
