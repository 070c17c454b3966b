"""Rows to records and back: the column order of every table that is read."""

from typing import Any

import msgspec

from adapter.domain.message import Found, Operation, Outcome, OutcomeClass
from adapter.ledger.model import OPEN_STATES, Accepted, Attempt, Lane, LaneState, Message, MessageState

Row = tuple[Any, ...]

LANE = (
    "id, register, service, slot, state, due_at, token, owner, lease_until, tries, asks, cause, why, unit,"
    " since, seq, accepted_message, accepted_event, accepted_content, accepted_identity, cancelled,"
    " accepted_rendering, known_as"
)
MESSAGE = (
    "id, lane_id, seq, event_id, receipt_id, intent, state, content, identity, unit, edition, care_date,"
    " created_at, cause, attempts, attempted, ambiguous, flag, rendering"
)
ATTEMPT = (
    "id, lane_id, message_id, about, identity, number, token, kind, operation, request, key, started_at,"
    " ended_at, outcome_json, found, evidence_json, rendering"
)
_LANE_STATES = {state.value: state for state in LaneState}
_MESSAGE_STATES = {state.value: state for state in MessageState}
_OPERATIONS = {operation.value: operation for operation in Operation}
_outcome = msgspec.json.Decoder(Outcome).decode
encode = msgspec.json.Encoder(order="sorted").encode


def lane(row: Row) -> Lane:
    """A lane, from the columns `LANE`."""
    return Lane(
        id=row[0],
        register=row[1],
        service=row[2],
        slot=row[3],
        state=_LANE_STATES[row[4]],
        due_at=row[5],
        token=row[6],
        owner=row[7],
        lease_until=row[8],
        tries=row[9],
        asks=row[10],
        cause=row[11],
        why=None if row[12] is None else OutcomeClass(row[12]),
        unit=row[13],
        since=row[14],
        seq=row[15],
        accepted=None
        if row[16] is None
        else Accepted(
            message_id=row[16], event_id=row[17], content=row[18], identity=row[19], rendering=row[21]
        ),
        cancelled=row[20],
        known_as=row[22],
    )


def lane_values(lane: Lane) -> Row:
    """The changing columns of a lane, in the order of `LANE` from ``state`` on."""
    accepted = lane.accepted
    return (
        lane.state.value,
        lane.due_at,
        lane.token,
        lane.owner,
        lane.lease_until,
        lane.tries,
        lane.asks,
        lane.cause,
        lane.why.value if lane.why else None,
        lane.unit,
        lane.since,
        lane.seq,
        *(
            (accepted.message_id, accepted.event_id, accepted.content, accepted.identity)
            if accepted
            else (None, None, None, None)
        ),
        lane.cancelled,
        accepted.rendering if accepted else 0,
        lane.known_as,
    )


def message(row: Row) -> Message:
    """A message, from the columns `MESSAGE`."""
    return Message(
        id=row[0],
        lane_id=row[1],
        seq=row[2],
        event_id=row[3],
        receipt_id=row[4],
        intent=row[5],
        state=_MESSAGE_STATES[row[6]],
        content=row[7],
        identity=row[8],
        unit=row[9],
        edition=row[10],
        care_date=row[11],
        created_at=row[12],
        cause=row[13],
        attempts=row[14],
        attempted=bool(row[15]),
        ambiguous=bool(row[16]),
        flag=row[17],
        rendering=row[18],
    )


def message_values(message: Message) -> Row:
    """The columns of a message, in the order of `MESSAGE`, and whether it is open."""
    return (
        message.id,
        message.lane_id,
        message.seq,
        message.event_id,
        message.receipt_id,
        message.intent,
        message.state.value,
        message.content,
        message.identity,
        message.unit,
        message.edition,
        message.care_date,
        message.created_at,
        message.cause,
        message.attempts,
        int(message.attempted),
        int(message.ambiguous),
        message.flag,
        message.rendering,
        int(message.state in OPEN_STATES),
    )


def attempt(row: Row, request: bytes) -> Attempt:
    """An attempt, from the columns `ATTEMPT` and its opened request."""
    return Attempt(
        id=row[0],
        lane_id=row[1],
        message_id=row[2],
        about=row[3],
        identity=row[4],
        number=row[5],
        token=row[6],
        kind=row[7],
        operation=_OPERATIONS[row[8]],
        request=request,
        key=row[10],
        started_at=row[11],
        ended_at=row[12],
        outcome=None if row[13] is None else _outcome(row[13]),
        found=None if row[14] is None else Found(row[14]),
        evidence=None if row[15] is None else _outcome(row[15]),
        rendering=row[16],
    )


def attempt_values(attempt: Attempt, request: bytes) -> Row:
    """The columns of a new attempt, in the order of `ATTEMPT`; `request` is sealed."""
    return (
        attempt.id,
        attempt.lane_id,
        attempt.message_id,
        attempt.about,
        attempt.identity,
        attempt.number,
        attempt.token,
        attempt.kind,
        attempt.operation.value,
        request,
        attempt.key,
        attempt.started_at,
        attempt.ended_at,
        *attempt_end(attempt),
        attempt.rendering,
    )


def attempt_end(attempt: Attempt) -> Row:
    """``outcome_json, found, evidence_json``."""
    return (
        None if attempt.outcome is None else encode(attempt.outcome).decode(),
        None if attempt.found is None else attempt.found.value,
        None if attempt.evidence is None else encode(attempt.evidence).decode(),
    )
