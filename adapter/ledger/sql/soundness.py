"""Whether what the ledger holds agrees with itself: what must be true between any two transactions.

Each rule is one statement that finds the rows for which it is not, written once for every store. Counts and
states are told of them, never what a message says.
"""

from collections.abc import Iterator

import msgspec

from adapter.ledger.model import OPEN_STATES
from adapter.ledger.sql.database import Database
from adapter.ledger.sql.dead_letters import STUCK

MOST = 50
"""So many faults of a kind are named."""

_BY_HAND = (
    "Look at it in `vardbro lanes`, keep a copy of the ledger, and report it: nothing moves it by itself."
)
_COPY = "Keep a copy of the ledger, and report it."
_OPEN = ", ".join(f"'{state.value}'" for state in sorted(OPEN_STATES))


class Fault(msgspec.Struct, frozen=True):
    """Something that must not be. `number` is the row's, or what else names it; `mend` says what to do."""

    table: str
    number: int | str
    what: str
    mend: str


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What must be true of a table. `breaks` finds the rows that break it: what names them, then the values
    that take the places in `what`."""

    table: str
    breaks: str
    what: str
    mend: str = _COPY


RULES = (
    Rule(
        table="lanes",
        breaks="SELECT DISTINCT l.id FROM messages m JOIN lanes l ON l.id = m.lane_id"
        " WHERE m.open = 1 AND l.state = 'idle' ORDER BY l.id",
        what="is idle, but has an open message",
        mend=_BY_HAND,
    ),
    Rule(
        table="lanes",
        breaks="SELECT l.id, l.state, COALESCE(f.state, 'missing') FROM lanes l LEFT JOIN messages f"
        " ON f.lane_id = l.id AND f.open = 1 AND f.seq ="
        " (SELECT MIN(m.seq) FROM messages m WHERE m.lane_id = l.id AND m.open = 1)"
        " WHERE l.state <> 'idle' AND l.state <> 'leased' AND (f.state IS NULL OR f.state <> l.state)"
        " ORDER BY l.id",
        what="is {}, but its front message is {}",
        mend=_BY_HAND,
    ),
    Rule(
        table="lanes",
        breaks="SELECT id FROM lanes WHERE state <> 'idle' AND state = 'waiting' AND due_at IS NULL"
        " ORDER BY id",
        what="waits, but never comes due",
        mend=_BY_HAND,
    ),
    Rule(
        table="lanes",
        breaks="SELECT l.id FROM lanes l WHERE l.state <> 'idle' AND l.state = 'leased'"
        " AND (l.lease_until IS NULL OR l.owner IS NULL OR NOT EXISTS (SELECT 1 FROM attempts a"
        " WHERE a.lane_id = l.id AND a.token = l.token AND a.ended_at IS NULL)) ORDER BY l.id",
        what="is leased, but its holder makes no attempt",
        mend="It is taken over when its lease runs out; if this stays, report it.",
    ),
    Rule(
        table="lanes",
        breaks="SELECT id, state FROM lanes WHERE state <> 'leased'"
        " AND (lease_until IS NOT NULL OR owner IS NOT NULL) ORDER BY id",
        what="is {}, but somebody holds it",
    ),
    Rule(
        table="lanes",
        breaks="SELECT l.id, l.seq, COALESCE(m.n, 0) FROM lanes l LEFT JOIN (SELECT lane_id, COUNT(*) AS n,"
        " MIN(seq) AS first, MAX(seq) AS last FROM messages GROUP BY lane_id) m ON m.lane_id = l.id"
        " WHERE l.seq <> COALESCE(m.n, 0) OR l.seq <> COALESCE(m.last, 0) OR m.first > 1 ORDER BY l.id",
        what="has given {} sequence numbers, but has {} messages, or there is a gap in them",
        mend="A message is missing: compare with the sender, and report it.",
    ),
    Rule(
        table="lanes",
        breaks="SELECT l.id, l.accepted_message FROM lanes l"
        " LEFT JOIN messages m ON m.id = l.accepted_message"
        " WHERE l.accepted_message IS NOT NULL AND (m.id IS NULL OR m.lane_id <> l.id) ORDER BY l.id",
        what="says that the register holds message {}, which is not one of its own",
    ),
    Rule(
        table="messages",
        breaks=f"SELECT id, state FROM messages WHERE open <> CASE WHEN state IN ({_OPEN}) THEN 1 ELSE 0 END"
        " ORDER BY id",
        what="is {}, but is marked otherwise",
    ),
    Rule(
        table="messages",
        breaks="SELECT m.id, m.register, l.register FROM messages m JOIN lanes l ON l.id = m.lane_id"
        " WHERE m.register <> l.register ORDER BY m.id",
        what="is listed under register {}, but its lane is of {}",
        mend="Lists that operators see are wrong, delivery is not concerned. Report it.",
    ),
    Rule(
        table="messages",
        breaks="SELECT m.id, l.state FROM messages m JOIN lanes l ON l.id = m.lane_id"
        " WHERE m.open = 1 AND m.state = 'sending' AND l.state <> 'leased' ORDER BY m.id",
        what="is being sent, but its lane is {}",
        mend=_BY_HAND,
    ),
    Rule(
        table="messages",
        breaks="SELECT m.id FROM messages m LEFT JOIN payloads p ON p.message_id = m.id"
        " WHERE p.message_id IS NULL ORDER BY m.id",
        what="has no content",
        mend="Let the sender send the contact again, or remap the message if its lane is stuck.",
    ),
    Rule(
        table="attempts",
        breaks="SELECT a.id, a.lane_id, l.state FROM attempts a JOIN lanes l ON l.id = a.lane_id"
        " WHERE a.ended_at IS NULL AND (l.state <> 'leased' OR a.token <> l.token) ORDER BY a.id",
        what="is open, but nobody holds it: lane {} is {}",
        mend=_BY_HAND,
    ),
    Rule(
        table="receipts",
        breaks="SELECT MIN(id), COUNT(*) FROM receipts WHERE bound = 1 GROUP BY sender, key"
        " HAVING COUNT(*) > 1",
        what="is one of {} that answer for the same deduplication key",
        mend="An index may be damaged: rebuild it (REINDEX), then check again.",
    ),
    Rule(
        table="events",
        breaks="SELECT e.event_id, e.revision, COALESCE(v.newest, 0) FROM events e"
        " LEFT JOIN (SELECT event_id, MAX(revision) AS newest FROM event_versions GROUP BY event_id) v"
        " ON v.event_id = e.event_id"
        " WHERE v.newest IS NULL OR v.newest > e.revision OR (v.newest < e.revision AND NOT EXISTS (SELECT 1"
        " FROM renderings r JOIN messages m ON m.id = r.message_id WHERE m.event_id = e.event_id))"
        " ORDER BY e.event_id",
        what="is at revision {}, but its newest version is {}",
    ),
    Rule(
        table="tallies",
        breaks="SELECT what || ' ' || register || ' ' || state, SUM(n) FROM ("
        "SELECT what, register, state, n FROM tallies"
        " UNION ALL SELECT 'lane', register, state, -COUNT(*) FROM lanes GROUP BY register, state"
        " UNION ALL SELECT 'message', l.register, m.state, -COUNT(*) FROM messages m"
        " JOIN lanes l ON l.id = m.lane_id GROUP BY l.register, m.state"
        ") AS counted GROUP BY what, register, state HAVING SUM(n) <> 0 ORDER BY 1",
        what="is counted wrong by {}",
        mend="Figures that operators see are wrong, delivery is not concerned. Report it.",
    ),
    Rule(
        table="notices",
        breaks="SELECT register || ' ' || kind || ' ' || cause, SUM(n) FROM ("
        "SELECT register, kind, cause, lanes AS n FROM notices WHERE cleared_at IS NULL"
        " UNION ALL SELECT register, state, COALESCE(cause, ''), -COUNT(*) FROM lanes"
        f" WHERE {STUCK} GROUP BY register, state, COALESCE(cause, '')"
        " UNION ALL SELECT register, 'paused', COALESCE(cause, ''), -1 FROM gates WHERE paused IS NOT NULL"
        ") AS counted GROUP BY register, kind, cause HAVING SUM(n) <> 0 ORDER BY 1",
        what="stands for a number of lanes that is wrong by {}",
        mend="An alert may stand for nothing, or be missing: look at the lanes themselves. Report it.",
    ),
)


def broken(db: Database, rule: Rule) -> list[Fault]:
    """The rows that break a rule, `MOST` at most."""
    found = db.execute(f"{rule.breaks} LIMIT {MOST}").fetchall()
    return [Fault(rule.table, number, rule.what.format(*values), rule.mend) for number, *values in found]


def faults(db: Database) -> Iterator[list[Fault]]:
    """What breaks each rule, in their order."""
    for rule in RULES:
        yield broken(db, rule)
