"""The error catalogue: all that can be said of a bundle, all failures of the program, and what to do."""

from collections.abc import Iterable, Iterator
from inspect import getdoc

from adapter.docs_pages.markdown import cell, made_from
from adapter.domain.rule import Rule
from adapter.domain.text import Lang
from adapter.edits.drafting import EditRefused
from adapter.errors import VardbroError
from adapter.ledger.envelope import EnvelopeError
from adapter.pull.source import NotOffered, SourceError
from adapter.rules.reading import Pack

_HEAD = f"""# Error catalogue

{made_from("mappings/rules", "adapter/errors.py")}

A finding is an issue of an OperationOutcome: `severity`, `code` (of FHIR's issue-type list),
`details.coding` with the id below in the system `regel`, `details.text` in the language that was asked
for, `diagnostics` with what to do and the source, `expression` with the FHIRPath. Ids are stable:
scripts may rely on them, texts may get better. Errors of a contact that can be mended on the receiving
side (a table that is not loaded) *hold* it; others refuse it for the register, or, where no register can
take it, refuse the submission.

`vardbro rules show ID` prints one of them with its condition and its editions.
"""

_PROGRAM = """## Failures of the program

Commands print them as one line on standard error; the operations API answers them as `error.code` with a
`hint`.

| code | what it means | what to do |
|---|---|---|"""

_ELSEWHERE = (EditRefused, EnvelopeError, NotOffered, SourceError)
"""Exceptions with a code of their own that are not in adapter.errors."""


def errors_page(packs: Iterable[Pack]) -> str:
    """The page (Markdown): the findings of every pack, then the exceptions."""
    parts = [_HEAD]
    seen: set[str] = set()
    for pack in packs:
        parts += _of_pack(pack, seen)
    parts.append(_PROGRAM)
    parts += [
        f"| `{kind.code}` | {cell(getdoc(kind) or '')} | {cell(kind.hint)} |"
        for kind in _kinds(VardbroError)
        if kind.__module__ == VardbroError.__module__ or kind in _ELSEWHERE
    ]
    return "\n".join(parts) + "\n"


def _of_pack(pack: Pack, seen: set[str]) -> Iterator[str]:
    """The table of a pack's rules; a rule that several editions share stands with the first."""
    rules = [rule.face for rule in pack.rules if rule.face.id not in seen]
    seen.update(rule.id for rule in rules)
    if not rules:
        return
    yield f"## {pack.head.pack}\n"
    yield "| id | severity | issue | svenska | English | source |\n|---|---|---|---|---|---|"
    for rule in rules:
        grave = f"{rule.severity}, held" if rule.hold else rule.severity
        said = [_said(rule, "sv"), _said(rule, "en")]
        source = f"{rule.source.document}, {rule.source.section}" + (" (assumed)" if rule.assumed else "")
        yield f"| `{rule.id}` | {grave} | {rule.issue} | {said[0]} | {said[1]} | {cell(source)} |"
    yield ""


def _said(rule: Rule, lang: Lang) -> str:
    todo = "" if rule.todo is None else rule.todo.to(lang)
    return cell(f"{rule.text.to(lang)} {todo}")


def _kinds(kind: type[VardbroError]) -> Iterator[type[VardbroError]]:
    yield kind
    for one in sorted(kind.__subclasses__(), key=lambda one: one.__name__):
        yield from _kinds(one)
