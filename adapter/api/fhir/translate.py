"""GET and POST /fhir/ConceptMap[/id]/$translate: what our maps say of a code. For everybody: codes are no
patient's, and without a patient they tell of nobody."""

from typing import Any

import orjson

from adapter.answers import Answers, IntakeAnswer
from adapter.api.fhir.door import Call
from adapter.api.fhir.parameters import Given, Unreadable, asked_in_address, asked_in_body, wrong
from adapter.domain.rule import Catalogue
from adapter.domain.text import Lang
from adapter.fhir.parse import Limits
from adapter.published import Shelf
from adapter.published.translating import Asked, knows_map, translate

RIGHT = "system/Encounter.c"
_NOT_TAKEN = ("conceptMap", "dependency")
_TEXTS: dict[Lang, tuple[str, str]] = {
    "sv": ("Ingen översättning känner koden.", "Koden har ingen motsvarighet."),
    "en": ("No map knows the code.", "The code has no counterpart."),
}


class TranslateDoor:
    """Asks the library."""

    def __init__(self, shelf: Shelf, catalogue: Catalogue, limits: Limits) -> None:
        self._shelf, self._catalogue, self._limits = shelf, catalogue, limits
        self._answers = Answers(catalogue)

    async def translate(self, call: Call) -> IntakeAnswer:
        """Answer one question with Parameters."""
        try:
            given = self._given(call)
        except Unreadable as unreadable:
            return IntakeAnswer(status=400, body=self._answers.outcome(unreadable.findings, call.lang))
        asked = _asked(given, call.request.path_params.get("id"))
        library = self._shelf.library
        if not knows_map(library, asked):
            return self._answers.refusal(404, "FHIR-NO-SUCH-MAP", call.lang)
        found = translate(library, asked, _TEXTS[call.lang])
        return IntakeAnswer(status=200, body=orjson.dumps(found))

    def _given(self, call: Call) -> Given:
        if call.request.method == "POST":
            return asked_in_body(call, self._catalogue, self._limits)
        return asked_in_address(call)


def _asked(given: Given, number: str | None) -> Asked:
    for name in _NOT_TAKEN:
        if given.all(name):
            raise wrong(name)
    return Asked(
        codings=_codings(given),
        url=given.text("url"),
        id=number,
        version=given.text("conceptMapVersion"),
        source=given.text("source"),
        target=given.text("target"),
        target_system=given.text("targetsystem", "targetSystem"),
        reverse=given.flag("reverse"),
    )


def _codings(given: Given) -> tuple[tuple[str | None, str], ...]:
    """What is to be translated: one of code with system, coding, codeableConcept."""
    code, system = given.text("code"), given.text("system")
    codings = [*given.all("coding")]
    for concept in given.all("codeableConcept"):
        listed = concept.get("coding", []) if isinstance(concept, dict) else [concept]
        codings += listed
    ways = [code is not None, bool(given.all("coding")), bool(given.all("codeableConcept"))]
    if ways.count(True) != 1:
        raise wrong("code")
    if code is not None:
        if system is None:
            raise wrong("system")
        return ((system, code),)
    found = tuple(_pair(coding) for coding in codings)
    if not found:
        raise wrong("codeableConcept")
    return found


def _pair(coding: Any) -> tuple[str | None, str]:
    if not isinstance(coding, dict) or not isinstance(coding.get("code"), str):
        raise wrong("coding")
    system = coding.get("system")
    if not isinstance(system, str):
        raise wrong("coding")
    return system, coding["code"]
