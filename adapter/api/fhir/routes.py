"""The list of interactions, bound to what answers them."""

from collections.abc import Iterable, Sequence
from time import perf_counter

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapter.answers import Answers, IntakeAnswer
from adapter.api.fhir import bundle, message, ndjson, trail, translate, validate
from adapter.api.fhir.bundle import BundleDoor
from adapter.api.fhir.conformance import Conformance
from adapter.api.fhir.door import Call, Door, Refused, Work, response
from adapter.api.fhir.interactions import Answer, Interaction, SearchParameter
from adapter.api.fhir.negotiation import wish_of
from adapter.api.fhir.search_form import as_get
from adapter.api.language import preferred
from adapter.api.metrics import Metrics
from adapter.api.services import Services
from adapter.domain.canonical import base
from adapter.errors import LedgerBusy, LedgerUnavailable, Unanswerable
from adapter.fhir.parse import Limits
from adapter.published.library import SERVED
from adapter.published.parameters import parameters_of

CHECKED = (
    "Appointment",
    "Bundle",
    "CarePlan",
    "CareTeam",
    "Communication",
    "Condition",
    "Encounter",
    "Location",
    "MedicationAdministration",
    "MedicationRequest",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "RelatedPerson",
    "ServiceRequest",
)
"""The types that are read, and so worth asking $validate about; it answers for any type of R4."""

_HL7 = "http://hl7.org/fhir/OperationDefinition/"
_PREFIXES = "eq, ne, ge, gt, le, lt, sa, eb"
_ID = SearchParameter("_id", "token", "The logical id.")
_UPDATED = SearchParameter("_lastUpdated", "date", f"When it was last changed: {_PREFIXES}.")


class Face:
    """The doors of the FHIR face, and what they do."""

    def __init__(self, services: Services, door: Door, metrics: Metrics) -> None:
        catalogue, address = services.catalogue, services.config.http.base
        limits = Limits(size=services.config.intake.max_bytes)
        self._door, self._metrics = door, metrics
        self._answers = Answers(catalogue)
        self._seconds = services.config.intake.body_timeout
        self._bundles = BundleDoor(door, services.intake, metrics)
        self._messages = message.MessageDoor(services.intake)
        self._imports = ndjson.ImportDoor(services.intake, catalogue)
        self._checks = validate.ValidateDoor(services.checker, catalogue, limits)
        self._maps = translate.TranslateDoor(services.shelf, catalogue, limits)
        self._library = Conformance(services.shelf, f"{address}/fhir", catalogue)
        self._trail = trail.TrailDoor(services.own_trail, address, catalogue)

    def interactions(self) -> list[Interaction]:
        """All of them; where paths overlap the first that fits answers."""
        return [*self._submissions(), *self._operations(), *self._trails(), *self._published()]

    def _submissions(self) -> Iterable[Interaction]:
        for path in ("/fhir", "/fhir/"):
            yield Interaction(
                method="POST",
                path=path,
                answer=self._bundles,
                kinds=("transaction", "batch"),
                about=(
                    "A Bundle of type transaction, batch, collection, document or message. Of a batch one"
                    " wrong contact does not hold back the others; of the rest all events are taken or none."
                ),
                right=bundle.RIGHT,
            )
        yield Interaction(
            method="POST",
            path="/fhir/$process-message",
            answer=self._counted(message.RIGHT, self._messages.process),
            kinds=("operation",),
            name="process-message",
            definition=f"{_HL7}MessageHeader-process-message",
            about="A message; async=true is answered 202 after the commit.",
            right=message.RIGHT,
        )
        yield Interaction(
            method="POST",
            path="/fhir/$import-ndjson",
            answer=self._behind(ndjson.RIGHT, self._imports.take, also=ndjson.TYPES),
            kinds=("operation",),
            name="import-ndjson",
            definition=f"{base()}/OperationDefinition/import-ndjson",
            about="Experimental: a bulk export as one body, one resource per line; each contact by itself.",
            takes=tuple(sorted(ndjson.TYPES)),
            right=ndjson.RIGHT,
            experimental=True,
        )

    def _operations(self) -> Iterable[Interaction]:
        check = self._behind(validate.RIGHT, self._checks.validate)
        for path in ("/fhir/$validate", "/fhir/{type}/$validate", "/fhir/{type}/{id}/$validate"):
            yield Interaction(
                method="POST",
                path=path,
                answer=check,
                kinds=("operation",),
                types=CHECKED if path == "/fhir/{type}/$validate" else (),
                name="validate",
                definition=f"{_HL7}Resource-validate",
                about="Structure, profiles and, for a Bundle, each register's rules. 200 also when invalid.",
                right=validate.RIGHT,
            )
        ask = self._behind(translate.RIGHT, self._maps.translate)
        look = self._behind(translate.RIGHT, self._maps.translate, body=False)
        for path in ("/fhir/ConceptMap/$translate", "/fhir/ConceptMap/{id}/$translate"):
            for method, answer in (("GET", look), ("POST", ask)):
                yield Interaction(
                    method="GET" if method == "GET" else "POST",
                    path=path,
                    answer=answer,
                    kinds=("operation",),
                    types=("ConceptMap",),
                    name="translate",
                    definition=f"{_HL7}ConceptMap-translate",
                    about="What our maps say of a code, with those of the installation.",
                    right=translate.RIGHT,
                )

    def _trails(self) -> Iterable[Interaction]:
        doors = (
            ("AuditEvent", trail.AUDIT_RIGHT, self._trail.audit_events, self._trail.audit_event, _AUDIT),
            (
                "Provenance",
                trail.PROVENANCE_RIGHT,
                self._trail.provenances,
                self._trail.provenance,
                _PROVENANCE,
            ),
        )
        for kind, right, search, read, parameters in doors:
            yield Interaction(
                method="GET",
                path=f"/fhir/{kind}",
                answer=self._behind(right, search, body=False),
                kinds=("search-type",),
                types=(kind,),
                search=parameters,
                about="What concerns the sender that asks, and no other.",
                right=right,
            )
            yield Interaction(
                method="POST",
                path=f"/fhir/{kind}/_search",
                answer=self._form_behind(right, search),
                kinds=("search-type",),
                types=(kind,),
                search=parameters,
                about="The same search, with its parameters in the body.",
                right=right,
                form=True,
            )
            yield Interaction(
                method="GET",
                path=f"/fhir/{kind}/{{id}}",
                answer=self._behind(right, read, body=False),
                kinds=("read",),
                types=(kind,),
                about="One of them.",
                right=right,
            )

    def _published(self) -> Iterable[Interaction]:
        for kind in SERVED:
            yield Interaction(
                method="GET",
                path=f"/fhir/{kind}",
                answer=self._searching(kind),
                kinds=("search-type",),
                types=(kind,),
                search=tuple(
                    SearchParameter(one.name, one.kind, one.about) for one in parameters_of(kind).values()
                ),
                about="Our own conformance resources.",
            )
            yield Interaction(
                method="POST",
                path=f"/fhir/{kind}/_search",
                answer=self._form_searching(kind),
                kinds=("search-type",),
                types=(kind,),
                search=tuple(
                    SearchParameter(one.name, one.kind, one.about) for one in parameters_of(kind).values()
                ),
                about="The same search, with its parameters in the body.",
                form=True,
            )
            yield Interaction(
                method="GET",
                path=f"/fhir/{kind}/{{id}}",
                answer=self._reading(kind),
                kinds=("read",),
                types=(kind,),
                about="One of them.",
            )

    def _behind(
        self, right: str, work: Work, *, body: bool = True, also: frozenset[str] = frozenset()
    ) -> Answer:
        async def answer(request: Request) -> Response:
            return await self._door.serve(request, right, self._kept_up(work), body=body, also=also)

        return answer

    def _form_behind(self, right: str, work: Work) -> Answer:
        """A search by POST: whoever asks is admitted first, then the form is read."""

        async def answer(request: Request) -> Response:
            asked = [request]

            async def searched(call: Call) -> IntakeAnswer:
                asked[0] = await as_get(request, self._seconds)
                wish = wish_of(asked[0])
                if not wish.acceptable:
                    raise Refused(406, "HTTP-ACCEPT", kept=False)
                return await self._kept_up(work)(replace(call, request=asked[0], wish=wish))

            reply = await self._door.answer(request, right, searched, body=False)
            return response(reply, wish_of(asked[0]))

        return answer

    def _counted(self, right: str, work: Work) -> Answer:
        async def answer(request: Request) -> Response:
            started = perf_counter()
            reply = await self._door.answer(request, right, work)
            self._metrics.bundle(reply.status, perf_counter() - started)
            return response(reply, wish_of(request))

        return answer

    def _kept_up(self, work: Work) -> Work:
        """The work, with an answer for a ledger that does not answer it."""

        async def answer(call: Call) -> IntakeAnswer:
            try:
                return await work(call)
            except LedgerBusy:
                return self._answers.refusal(429, "INTAKE-BUSY", call.lang)
            except LedgerUnavailable:
                return self._answers.refusal(503, "INTAKE-UNAVAILABLE", call.lang)
            except Unanswerable:
                return self._answers.refusal(400, "HTTP-PARAMETER", call.lang, name="_id")

        return answer

    def _searching(self, kind: str) -> Answer:
        async def answer(request: Request) -> Response:
            return self._library.search(request, kind)

        return answer

    def _form_searching(self, kind: str) -> Answer:
        async def answer(request: Request) -> Response:
            try:
                asked = await as_get(request, self._seconds)
            except Refused as no:
                lang = preferred(request.headers.get("accept-language"))
                return response(
                    self._answers.refusal(no.status, no.rule, lang, **no.params), wish_of(request)
                )
            return self._library.search(asked, kind)

        return answer

    def _reading(self, kind: str) -> Answer:
        async def answer(request: Request) -> Response:
            return self._library.read(request, kind)

        return answer


_AUDIT = (
    _ID,
    SearchParameter("date", "date", f"When it happened: {_PREFIXES}."),
    _UPDATED,
    SearchParameter("entity", "reference", "The event: its id, or the address of its status."),
)
_PROVENANCE = (
    _ID,
    SearchParameter("recorded", "date", f"When the message got into its state: {_PREFIXES}."),
    _UPDATED,
    SearchParameter("target", "reference", "The event: its id, or the address of its status."),
)


def routes_of(interactions: Sequence[Interaction]) -> list[Route]:
    """The routes, in the order of the list; methods at the same path share one, so that others are 405."""
    by_path: dict[str, dict[str, Answer]] = {}
    for one in interactions:
        by_path.setdefault(one.path, {})[one.method] = one.answer
    return [Route(path, _dispatching(answers), methods=list(answers)) for path, answers in by_path.items()]


def _dispatching(answers: dict[str, Answer]) -> Answer:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await answers[method](request)

    return answer
