"""Which rule a value of a primitive type breaks, once its test has failed."""

from collections.abc import Mapping
from typing import Any

from adapter.fhir.structure import narrative, primitives


def flaw_of(kind: str, item: Any, regexes: Mapping[str, str]) -> str:
    """The id of the rule that `item`, no right value of the primitive type `kind`, breaks."""
    if item is None:
        return "FHIR-NULL"
    if isinstance(item, primitives.Lexical):
        return "FHIR-FORMAT" if item.strip(primitives.BLANKS) else "FHIR-EMPTY-STRING"
    if primitives.JSON_TYPE.get(kind, "string") != _json_type(item):
        return "FHIR-TYPE"
    if not isinstance(item, str):
        return "FHIR-NUMBER"
    if kind == "xhtml" and item.strip():
        return {"empty": "FHIR-TXT-2", "active": "FHIR-TXT-1"}.get(narrative.flaw(item), "FHIR-TXT-DIV")
    if not item.strip(primitives.BLANKS):
        return "FHIR-EMPTY-STRING"
    if len(item) > primitives.MAX_STRING:
        return "FHIR-STRING-LENGTH"
    if primitives.CONTROL.search(item):
        return "FHIR-CONTROL-CHARACTER"
    if kind in ("date", "dateTime", "instant") and primitives.has_form(regexes[kind], item):
        return "FHIR-DATE"
    return "FHIR-FORMAT"


def _json_type(item: Any) -> str:
    if isinstance(item, bool):
        return "true/false"
    if isinstance(item, int | float):
        return "number"
    return "string" if isinstance(item, str) else "object"
