-- The ledger's first shape. Times are UTC seconds since 1970; *_json columns hold JSON; columns that hold
-- payloads (payload, answer, body, trace, findings, request) are sealed (adapter/ledger/envelope.py).

CREATE TABLE receipts (
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    key TEXT,
    bound INTEGER NOT NULL,              -- 1: this receipt answers for its key
    body_hash TEXT NOT NULL,
    size INTEGER NOT NULL,
    received_at REAL NOT NULL,
    status INTEGER NOT NULL,
    payload BLOB,
    answer BLOB,
    replayable INTEGER NOT NULL
);
CREATE UNIQUE INDEX receipts_bound ON receipts (sender, key) WHERE bound = 1;

CREATE TABLE events (
    event_id TEXT PRIMARY KEY,
    sender TEXT NOT NULL,
    identifier TEXT NOT NULL,
    revision INTEGER NOT NULL,           -- compare-and-set; counts the stored versions
    version TEXT,                        -- the newest version that a sender gave
    status TEXT NOT NULL,
    content TEXT NOT NULL,
    receipt_id INTEGER NOT NULL REFERENCES receipts,
    edited INTEGER NOT NULL DEFAULT 0    -- 1: the newest version is an operator's edit
);
CREATE INDEX events_identifier ON events (identifier);

CREATE TABLE event_versions (
    id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events,
    receipt_id INTEGER NOT NULL REFERENCES receipts,
    revision INTEGER NOT NULL,           -- the event's revision after this version
    version TEXT,
    status TEXT NOT NULL,
    content TEXT NOT NULL,
    disposition TEXT NOT NULL,
    at REAL NOT NULL,
    edit_json TEXT
);
CREATE INDEX event_versions_event ON event_versions (event_id, id);
CREATE INDEX event_versions_receipt ON event_versions (receipt_id);

CREATE TABLE lanes (
    id INTEGER PRIMARY KEY,
    register TEXT NOT NULL,
    service TEXT NOT NULL,
    slot TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at REAL,
    token INTEGER NOT NULL,
    owner TEXT,
    lease_until REAL,
    tries INTEGER NOT NULL,
    asks INTEGER NOT NULL,
    cause TEXT,
    why TEXT,
    unit TEXT NOT NULL,
    since REAL NOT NULL,
    seq INTEGER NOT NULL,
    accepted_message INTEGER,
    accepted_event TEXT,
    accepted_content TEXT,
    accepted_identity TEXT,
    cancelled TEXT,
    UNIQUE (register, service, slot)
);
CREATE INDEX lanes_due ON lanes (register, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX lanes_leased ON lanes (register, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX lanes_busy ON lanes (state, id) WHERE state <> 'idle';
CREATE INDEX lanes_slot ON lanes (slot);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    lane_id INTEGER NOT NULL REFERENCES lanes,
    seq INTEGER NOT NULL,
    event_id TEXT NOT NULL REFERENCES events,
    receipt_id INTEGER NOT NULL REFERENCES receipts,
    intent TEXT NOT NULL,
    state TEXT NOT NULL,
    open INTEGER NOT NULL,               -- follows from state; partial indexes on it are cheap to keep
    content TEXT NOT NULL,
    identity TEXT NOT NULL,
    unit TEXT NOT NULL,
    edition TEXT NOT NULL,
    care_date TEXT NOT NULL,
    created_at REAL NOT NULL,
    cause TEXT,
    attempts INTEGER NOT NULL,
    attempted INTEGER NOT NULL,
    ambiguous INTEGER NOT NULL,
    flag TEXT,
    UNIQUE (lane_id, seq)
);
-- Apart from messages, whose rows change often and would be rewritten with all they hold.
CREATE TABLE payloads (
    message_id INTEGER PRIMARY KEY REFERENCES messages,
    body BLOB NOT NULL,
    trace BLOB NOT NULL,
    findings BLOB NOT NULL
);
CREATE INDEX messages_open ON messages (lane_id, seq) WHERE open = 1;
CREATE INDEX messages_open_state ON messages (state, id) WHERE open = 1;
CREATE INDEX messages_ended_state ON messages (state, id) WHERE open = 0 AND state <> 'accepted';
CREATE INDEX messages_event ON messages (event_id, id);

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    lane_id INTEGER NOT NULL REFERENCES lanes,
    message_id INTEGER NOT NULL REFERENCES messages,
    about INTEGER NOT NULL REFERENCES messages,
    identity TEXT NOT NULL,
    number INTEGER NOT NULL,
    token INTEGER NOT NULL,
    kind TEXT NOT NULL,
    operation TEXT NOT NULL,
    request BLOB NOT NULL,
    key TEXT,
    started_at REAL NOT NULL,
    ended_at REAL,
    outcome_json TEXT,
    found TEXT,
    evidence_json TEXT,
    answer BLOB                          -- what the register answered, sealed
);
CREATE INDEX attempts_lane ON attempts (lane_id, id);

CREATE TABLE gates (
    register TEXT PRIMARY KEY,
    paused TEXT,                         -- NULL, 'operator' or 'auth'
    cause TEXT,
    since REAL,
    probe_at REAL,
    not_before REAL,                     -- the register asked us to wait until then
    forbidden_json TEXT NOT NULL,        -- units that it answered 403 for since it last accepted anything
    forbidden_since REAL
);

CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    register TEXT NOT NULL,
    kind TEXT NOT NULL,                  -- 'parked', 'held', 'unknown' or 'paused'
    cause TEXT NOT NULL,
    lanes INTEGER NOT NULL,              -- how many lanes it concerns now
    started_at REAL NOT NULL,
    cleared_at REAL
);
CREATE UNIQUE INDEX notices_standing ON notices (register, kind, cause) WHERE cleared_at IS NULL;

CREATE TABLE tallies (
    what TEXT NOT NULL,                  -- 'lane' or 'message'
    register TEXT NOT NULL,
    state TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (what, register, state)
) WITHOUT ROWID;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    register TEXT,
    lane_id INTEGER,
    message_id INTEGER,
    receipt_id INTEGER,
    detail_json TEXT NOT NULL,
    hash BLOB NOT NULL                   -- of the entry before and this one (adapter/ledger/audit.py)
);
CREATE INDEX audit_lane ON audit (lane_id, id) WHERE lane_id IS NOT NULL;
