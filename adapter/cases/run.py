"""Runs cases through the whole pipeline, and says in what the outcome is another than expected."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson
import yaml

from adapter.cases.bundle import build_bundle
from adapter.cases.form import Case, CaseFile, Expected, contacts_of
from adapter.config.model import Config
from adapter.documents import map_document
from adapter.errors import PackError
from adapter.offline import offline_translator
from adapter.translation import Translator

_ASKED = {"_service": "service", "_operation": "operation"}


class Translators:
    """The translators of cases, one for each set of settings: making one loads every pack and table.

    `overlay` is a folder of rules, maps and tables that is laid over what ships with the program.
    """

    def __init__(self, overlay: Path | None = None) -> None:
        self._overlay = overlay
        self._made: dict[bytes, Translator] = {}

    def for_settings(self, settings: dict[str, dict[str, Any]]) -> Translator:
        """A translator with these settings of registers. Raises ValueError for settings that do not exist."""
        key = orjson.dumps(settings, option=orjson.OPT_SORT_KEYS)
        if key not in self._made:
            mappings = {"overlay": self._overlay} if self._overlay else {}
            config = Config.model_validate({"registers": settings, "mappings": mappings})
            self._made[key] = offline_translator(config)
        return self._made[key]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a case on one day, as `vardbro map` prints it."""

    document: dict[str, Any]

    @property
    def rules(self) -> frozenset[str]:
        """Every rule that came up, as a finding or as the reason why a register is not told."""
        shown = (*self.document["findings"], *self.document["not_reported"])
        return frozenset(one["rule"] for one in shown)

    def messages(self, register: str) -> list[dict[str, Any]]:
        """The messages to one register, in order."""
        return [one for one in self.document["messages"] if one["register"] == register]

    def findings(self, register: str) -> list[str]:
        """The rules of the findings that concern one register alone, in order, each once."""
        rules = [one["rule"] for one in self.document["findings"] if one["register"] == register]
        return list(dict.fromkeys(rules))

    def errors(self, register: str) -> list[str]:
        """The rules of the errors that stop one register, each once."""
        found = [one for one in self.document["findings"] if one["severity"] == "error"]
        return list(dict.fromkeys(one["rule"] for one in found if one["register"] == register))

    def not_reported(self, register: str) -> list[str]:
        """The rules by which one register is not told, each once."""
        rules = [one["rule"] for one in self.document["not_reported"] if one["register"] == register]
        return list(dict.fromkeys(rules))


def read_cases(path: Path) -> CaseFile:
    """A file of cases. Raises PackError that names the file for what is none, or cannot be read."""
    try:
        file = msgspec.convert(yaml.safe_load(path.read_text("utf-8")), CaseFile)
        for case in file.cases:
            contacts_of(file, case)
            _require_resources(case)
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError, OSError) as error:
        raise PackError(f"{path}: {error}", "docs/reference/cases.md describes such files.") from None
    return file


def _require_resources(case: Case) -> None:
    """What stands beside the contacts must be resources that can be referred to."""
    for number, resource in enumerate(case.also, 1):
        for name in ("resourceType", "id"):
            if not isinstance(resource.get(name), str):
                raise msgspec.ValidationError(f"{case.name}: resource {number} of `also` has no {name}")


def run_case(translators: Translators, file: CaseFile, case: Case, date: str, folder: Path) -> Outcome:
    """What becomes of the case on `date`. A case's bundle is looked for in `folder`."""
    translator = translators.for_settings(case.settings)
    if case.bundle is not None:
        raw = (folder / case.bundle).read_bytes()
    else:
        raw = orjson.dumps(build_bundle(contacts_of(file, case), date, case.also))
    translation = translator.translate(translator.read(raw), at=case.at)
    return Outcome(document=map_document(translation, case.name, translator.catalogue))


def complaints(case: Case, outcome: Outcome) -> list[str]:
    """In what the outcome is another than expected; nothing when all is well."""
    found = [f"{rule} does not come up" for rule in case.triggers if rule not in outcome.rules]
    found += [f"{rule} comes up" for rule in case.spares if rule in outcome.rules]
    for register, expected in case.expect.items():
        found += [f"{register}: {text}" for text in _against(expected, outcome, register)]
    return found


def _against(expected: Expected, outcome: Outcome, register: str) -> Iterator[str]:
    for name in ("findings", "errors", "not_reported"):
        wanted = getattr(expected, name)
        found = getattr(outcome, name)(register)
        if wanted is not None and sorted(wanted) != sorted(found):
            yield f"{name} are {found}, not {list(wanted)}"
    if expected.messages is None:
        return
    messages = outcome.messages(register)
    if len(messages) != len(expected.messages):
        yield f"{len(messages)} messages, not {len(expected.messages)}"
        return
    for number, (wanted, message) in enumerate(zip(expected.messages, messages, strict=True), 1):
        for name, value in wanted.items():
            found = message[_ASKED[name]] if name in _ASKED else _member(message["body"], name)
            if found != value:
                yield f"message {number}: {name} is {found!r}, not {value!r}"


def _member(body: Any, path: str) -> Any:
    """A member of a body by its path (``enhet.inr``, ``diagnoser.kod`` for the codes of a list)."""
    for step in path.split("."):
        if isinstance(body, list):
            body = [item.get(step) for item in body]
        elif isinstance(body, dict):
            body = body.get(step)
        else:
            return None
    return body
