"""GET /fhir/{CodeSystem, ConceptMap, ...}[/id]: our own conformance resources, for everybody."""

import hashlib

import orjson
from starlette.requests import Request
from starlette.responses import Response

from adapter.answers import Answers, IntakeAnswer
from adapter.api.fhir.door import public, response
from adapter.api.fhir.negotiation import wish_of
from adapter.api.language import preferred
from adapter.domain.finding import Findings
from adapter.domain.rule import Catalogue
from adapter.domain.text import Lang
from adapter.fhir.outcome import operation_outcome
from adapter.published import Shelf
from adapter.published.searching import WrongSearch, search_of, searchset
from adapter.published.shape import SUMMARIES, Shape, shaped


class Conformance:
    """Reads and searches the library. `url` is the address of ``/fhir``."""

    def __init__(self, shelf: Shelf, url: str, catalogue: Catalogue) -> None:
        self._shelf, self._url, self._catalogue = shelf, url, catalogue
        self._answers = Answers(catalogue)

    def read(self, request: Request, kind: str) -> Response:
        """One resource; 304 when the client has it, 404 when there is none."""
        found = self._shelf.library.find(kind, request.path_params["id"])
        if found is None:
            return self._refused(request, 404, "FHIR-NOT-HERE")
        summary = request.query_params.get("_summary", "false")
        if summary not in SUMMARIES or summary == "count":
            return self._refused(request, 400, "HTTP-PARAMETER", name="_summary")
        wanted = tuple(part for part in request.query_params.get("_elements", "").split(",") if part)
        whole = next(one for one in SUMMARIES if one == summary)
        body = orjson.dumps(shaped(found, Shape(whole, wanted)))
        tag = f'W/"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if _has(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers={"ETag": tag})
        answer = public(request, body)
        answer.headers["ETag"] = tag
        return answer

    def search(self, request: Request, kind: str) -> Response:
        """A page of a searchset."""
        wish = wish_of(request)
        try:
            search = search_of(kind, request.query_params.multi_items(), strict=wish.strict)
        except WrongSearch as wrong:
            return self._refused(request, 400, "HTTP-PARAMETER", name=wrong.name)
        outcome = None
        if search.ignored:
            findings = Findings(self._catalogue)
            findings.add("FHIR-SEARCH-IGNORED")
            outcome = operation_outcome(findings, self._catalogue, _lang(request))
        found = searchset(search, self._shelf.library.of_type(kind), self._url, outcome)
        return public(request, orjson.dumps(found))

    def _refused(self, request: Request, status: int, rule: str, **params: str) -> Response:
        answer: IntakeAnswer = self._answers.refusal(status, rule, _lang(request), **params)
        return response(answer, wish_of(request))


def _lang(request: Request) -> Lang:
    return preferred(request.headers.get("accept-language"))


def _has(header: str, tag: str) -> bool:
    """Whether If-None-Match names the tag; weak and strong ones are the same here."""
    tags = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in tags or tag.removeprefix("W/") in tags
