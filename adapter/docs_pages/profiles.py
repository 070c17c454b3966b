"""The pages of our profiles: what each asks for, why, which rules use it, and examples."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import yaml

from adapter.docs_pages.markdown import cell, made_from
from adapter.domain.canonical import BASE
from adapter.fhir.profile import Profiles, load_profiles
from adapter.fhir.profile.invariants import rule_of

Json = dict[str, Any]

_TOLD_BY_R4 = "http://hl7.org/fhir/"
_INDEX = """# Profiles

What a bundle and the resources in it should hold to be reported. Nobody must claim a profile: unprofiled R4
is taken, and the rules of reporting decide. Whoever does (`meta.profile`) is checked against it when the
bundle is read; what a resource breaks of its own claim is a warning there, and an error where a resource
alone is validated (`vardbro validate`, `vardbro profiles check`, `$validate`).
"""
_FOOT = """
## The package

`vardbro profiles package` writes all of it as an npm-style FHIR package (`vardbro.fhir-VERSION.tgz`), the
same bytes each time: these profiles and their snapshots, the extensions, code systems, value sets, concept
maps, naming systems and examples. It depends on `hl7se.fhir.base` 1.1.0, on which the profiles of Patient,
Organization and PractitionerRole build. `--base URL`, or `canonical` under `[fhir]`, changes the base of
all urls at once; the sender's bundles then use it, too.

By hand, with tools that are not part of the test suite: fsh-sushi 3.21 loads the package from its cache and
derives profiles, slices and instances from it without an error; fhirpath.js 4.11 says the same as vardbro
of every invariant on every example and counter-example; @medplum/core 5.2 loads every definition, passes 28
of 29 examples (the other for bdl-8, a rule of R4, on an entry without fullUrl) and refuses 31 of 55
counter-examples. HL7's own Java validator was not at hand.

## What is checked here, and how

Cardinality, fixed values and patterns, slices (by value, pattern, existence, type), required bindings to
value sets whose codes are listed, types of choices and of references, places and shape of our extensions,
and the invariants. Those are FHIRPath in the profile and functions in vardbro; a test holds the two
together. Not checked: what a profile takes over from HumanName and Address of the Swedish base profiles,
and codes of value sets that are not listed, such as all of ICD-10-SE. (Whether such a code exists the code
checks say, where a table is loaded.) Each page lists what is left.

Claims of the Swedish base profiles (`SEBase*`) and of Inera's EHDS profiles (`inera-ehds-*`) are
recognised: a finding says that they are not checked. Other claims are left alone.
"""


class Shown(NamedTuple):
    """A profile with its examples and the rows of its counter-examples."""

    definition: Json
    examples: list[Json]
    counters: list[Json]


def profile_pages(folder: Path) -> Iterator[tuple[str, str]]:
    """The name and the text of each page (Markdown) made from ``profiles/``."""
    profiles = load_profiles(folder)
    counters = yaml.safe_load((folder / "counter-examples" / "index.yaml").read_text("utf-8"))
    examples = [orjson.loads(file.read_bytes()) for file in sorted((folder / "examples").glob("*.json"))]
    shown = []
    for url in profiles.urls:
        name = url.rpartition("/")[2]
        shown.append(
            Shown(
                profiles.definition(url) or {},
                [one for one in examples if url in profiles.claimed(one)],
                [one for one in counters["counter_examples"] if one["profile"] == name],
            )
        )
    yield "index.md", _index(shown)
    for one in shown:
        yield f"{one.definition['id']}.md", _page(one, profiles)


def _index(shown: Iterable[Shown]) -> str:
    rows = [
        f"| [{one.definition['id']}]({one.definition['id']}.md) | {one.definition['type']} |"
        f" {cell(one.definition['description'])} | `{one.definition['baseDefinition'].rpartition('/')[2]}` |"
        for one in shown
    ]
    head = [_INDEX, made_from("profiles/structure-definitions"), "", "| profile | on | for | builds on |"]
    return "\n".join([*head, "|---|---|---|---|", *rows, _FOOT])


def _page(shown: Shown, profiles: Profiles) -> str:
    one = shown.definition
    parts = [
        f"# {one['title']}\n",
        f"{one['description']}\n",
        f"`{one['url']}`, version {one['version']}, on `{one['type']}`.",
        f"Builds on `{one['baseDefinition']}`.\n",
        made_from(f"profiles/structure-definitions/{one['id']}.json") + "\n",
        "## Elements\n",
        "How often is that of the snapshot. *MS*: vardbro reads the element, so send it if you have it.\n",
        "| element | how often | | content | why, and the rules that use it |\n|---|---|---|---|---|",
    ]
    counts = {row["id"]: f"{row['min']}..{row['max']}" for row in one["snapshot"]["element"]}
    parts += [_element(row, counts[row["id"]]) for row in one["differential"]["element"][1:]]
    parts += [
        "\n## Invariants\n",
        *_invariants(one),
        "\n## Not checked by vardbro\n",
        *_unchecked(one, profiles),
    ]
    parts += ["\n## Examples\n", *_examples(shown)]
    return "\n".join(parts) + "\n"


def _element(row: Json, count: str) -> str:
    name = row["id"].partition(".")[2]
    support = "MS" if row.get("mustSupport") else ""
    return f"| `{name}` | {count} | {support} | {cell('; '.join(_content(row)))} | {cell(_why(row))} |"


def _content(row: Json) -> Iterator[str]:
    if "short" in row:
        yield row["short"]
    for kind in row.get("type", ()):
        named = [_short(url) for url in (*kind.get("targetProfile", ()), *kind.get("profile", ()))]
        yield f"{kind['code']}({', '.join(named)})" if named else kind["code"]
    for name, value in row.items():
        if name.startswith(("fixed", "pattern")):
            yield f"`{value}`"
    if "binding" in row:
        yield f"{row['binding']['strength']}: `{_short(row['binding']['valueSet'])}`"
    if "slicing" in row:
        yield "sliced by " + ", ".join(one["path"] for one in row["slicing"]["discriminator"])


def _why(row: Json) -> str:
    rules = ", ".join(f"`{one['map']}`" for one in row.get("mapping", ()))
    return " ".join(text for text in (row.get("requirements", ""), rules) if text)


def _short(url: str) -> str:
    return url.rpartition("/")[2] if url.startswith((BASE, _TOLD_BY_R4)) else url


def _invariants(one: Json) -> Iterator[str]:
    yield "| key, rule | | what holds | FHIRPath |\n|---|---|---|---|"
    for row in one["differential"]["element"]:
        for law in row.get("constraint", ()):
            rule = rule_of(law["key"])
            text = f"| `{law['key']}`, `{rule}` | {law['severity']} | {cell(law['human'])} |"
            yield f"{text} `{law['expression'].replace('|', chr(92) + '|')}` |"


def _unchecked(one: Json, profiles: Profiles) -> Iterator[str]:
    left = profiles.unchecked(one["url"])
    yield from (f"- {line}" for line in left)
    if not left:
        yield "Everything that the profile adds to R4 is checked."


def _examples(shown: Shown) -> Iterator[str]:
    for one in shown.examples:
        yield f"- [{one['id']}](../../../profiles/examples/{one['resourceType']}-{one['id']}.json)"
    smallest = min(shown.examples, key=lambda one: len(orjson.dumps(one)))
    yield f"\n`{smallest['id']}`:\n\n```json"
    yield orjson.dumps(smallest, option=orjson.OPT_INDENT_2).decode()
    yield "```\n\nMade to fail:\n\n| counter-example | rule | at | because |\n|---|---|---|---|"
    for one in shown.counters:
        link = f"[{one['file'].removesuffix('.json')}](../../../profiles/counter-examples/{one['file']})"
        yield f"| {link} | `{one['rule']}` | `{one['at']}` | {cell(one['why'])} |"
