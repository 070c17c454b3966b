"""The web application: routes put together. Starting and stopping is the server's matter (adapter.server)."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapter.access.doorkeeper import Doorkeeper
from adapter.access.roster import Roster
from adapter.access.token_desk import TokenDesk
from adapter.answers import Answers
from adapter.api.completeness import completeness_router
from adapter.api.conversation import Conversation
from adapter.api.cutovers import cutovers_router
from adapter.api.dead_letters import dead_letters_router
from adapter.api.edits import edits_router
from adapter.api.errors import ErrorPages
from adapter.api.event_status import event_router
from adapter.api.fhir.capability import Metadata
from adapter.api.fhir.described import about
from adapter.api.fhir.door import Door
from adapter.api.fhir.openapi import openapi
from adapter.api.fhir.routes import Face, routes_of
from adapter.api.guard import OperationsGuard, PatientGuard, SenderGuard
from adapter.api.hooks import hooks_router
from adapter.api.leftovers import leftovers_router
from adapter.api.metrics import Metrics
from adapter.api.operations import operations_router
from adapter.api.patient_log import patient_log_router
from adapter.api.platform import platform_router
from adapter.api.referrals import referrals_router
from adapter.api.replays import replays_router
from adapter.api.rules import rules_router
from adapter.api.sender import sender_router
from adapter.api.services import Services
from adapter.api.shadow import shadow_router
from adapter.api.tokens import token_routes
from adapter.errors import LedgerBusy, LedgerError, LedgerUnavailable, ProtectedIdentity, Unanswerable
from adapter.version import VERSION

_STATUS = ((LedgerBusy, 429), (LedgerUnavailable, 503), (ProtectedIdentity, 403), (Unanswerable, 422))


def create_app(services: Services) -> FastAPI:
    """The HTTP faces of a running application.

    The bundle route is a plain Starlette route before all others: FastAPI's parameters cost on each request.
    """
    metrics = Metrics()
    roster = Roster(services.config)
    doorkeeper = Doorkeeper(services.config, services.access, metrics.refused, roster)
    tokens = TokenDesk(services.config, roster, services.access) if roster.clients else None
    guard = OperationsGuard(services.config.operations.secret())
    pages = ErrorPages(Answers(services.catalogue))
    door = Door(services.intake, doorkeeper, services.config)
    interactions = Face(services, door, metrics).interactions()
    token = None if tokens is None else tokens.audience
    metadata = Metadata(interactions, lambda: about(services, is_open=doorkeeper.is_open, token=token))

    async def get_metadata(request: Request) -> Response:
        return await metadata(request)

    async def get_openapi(_: Request) -> Response:
        return JSONResponse(openapi(interactions, services.config.http.base))

    app = FastAPI(
        title="vardbro",
        version=VERSION,
        description="Operations API; the FHIR face describes itself at /fhir/metadata.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        routes=[
            Route("/fhir/metadata", get_metadata, methods=["GET"]),
            Route("/fhir/openapi.json", get_openapi, methods=["GET"]),
            *routes_of(interactions),
            *token_routes(tokens),
        ],
        exception_handlers={
            HTTPException: pages.http,
            RequestValidationError: pages.invalid,
            LedgerError: _ledger_error,
        },
    )
    app.include_router(operations_router(services.ledger, guard))
    app.include_router(dead_letters_router(services.ledger, services.catalogue, guard))
    operations = services.config.operations
    patients = PatientGuard(operations.secret(), operations.protected_secret())
    app.include_router(edits_router(services.edits, patients))
    app.include_router(patient_log_router(services, patients))
    app.include_router(replays_router(services.replays, guard))
    app.include_router(rules_router(services.rules, services.trials, services.corrections, guard))
    app.include_router(hooks_router(services, guard))
    senders = SenderGuard(doorkeeper)
    app.include_router(sender_router(services, senders))
    app.include_router(event_router(services, guard, senders))
    app.include_router(shadow_router(services, guard))
    app.include_router(cutovers_router(services, guard))
    app.include_router(referrals_router(services, guard))
    app.include_router(completeness_router(services, guard))
    app.include_router(leftovers_router(services, guard))
    app.include_router(platform_router(services, metrics, guard))
    app.add_middleware(
        Conversation,
        fault_page=lambda request: pages.page(request, 500, "internal fault"),
        on_fault=metrics.fault,
    )
    return app


async def _ledger_error(_: Request, error: Exception) -> Response:
    """What the ledger refuses an operator: 429, 503, else 409 with its code and what to do."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 409)
    code, hint = getattr(error, "code", "ledger"), getattr(error, "hint", "")
    return JSONResponse({"error": {"status": status, "code": code, "text": str(error), "hint": hint}}, status)
