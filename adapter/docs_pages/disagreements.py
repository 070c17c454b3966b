"""The page of other validators: where they and ours differ, and who is right."""

from pathlib import Path
from typing import Any

import yaml

from adapter.docs_pages.markdown import cell, made_from

Json = dict[str, Any]

_HEAD = """# Where other validators disagree

Our validator of R4's structure is held against two others: on the public samples of HL7, Synthea and
Sweden, on our own samples, examples and counter-examples, and on some thousand systematic mutations of
examples (each part removed, said otherwise, of another type, null, empty, extended ...). Every difference
is explained here; one that is not fails the test suite, and so does an explanation that nothing shows any
more. fhir.resources models R4B, which has the same elements as R4 in the types that are tried.
"""


def disagreements_page(file: Path) -> str:
    """The page (Markdown) of a file such as tests/fhir/differential/disagreements.yaml."""
    content = yaml.safe_load(file.read_text("utf-8"))
    parts = [_HEAD, made_from("tests/fhir/differential/disagreements.yaml") + "\n"]
    parts += [f"- **{name}**: {what}" for name, what in content["engines"].items()]
    for do, title in (("reject", "We reject, they accept"), ("accept", "They reject, we accept")):
        head = "our rule" if do == "reject" else "their error"
        parts.append(f"\n## {title}\n\n| {head} | who differs | right | why | R4 |\n|---|---|---|---|---|")
        parts += [_row(one) for one in content["disagreements"] if one["we"] == do]
    return "\n".join(parts) + "\n"


def _row(one: Json) -> str:
    sign = one["sign"].replace("|", "\\|")
    told = [f"`{sign}`", ", ".join(one["engines"]), one["right"], cell(one["why"]), cell(one["source"])]
    return f"| {' | '.join(told)} |"
