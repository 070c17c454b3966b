-- The ledger on PostgreSQL: the tables of the embedded store (migrations/sqlite) as they are after its third
-- migration. Times are UTC seconds since 1970; *_json columns hold JSON; flags are 0 or 1, as there, so that the
-- statements are the same; columns that hold payloads are sealed (adapter/ledger/envelope.py).

CREATE TABLE receipts (
    id BIGINT PRIMARY KEY,
    sender TEXT NOT NULL,
    key TEXT,
    bound SMALLINT NOT NULL,
    body_hash TEXT NOT NULL,
    size BIGINT NOT NULL,
    received_at DOUBLE PRECISION NOT NULL,
    status INTEGER NOT NULL,
    payload BYTEA,
    answer BYTEA,
    replayable SMALLINT NOT NULL
);
CREATE UNIQUE INDEX receipts_bound ON receipts (sender, key) WHERE bound = 1;

CREATE TABLE events (
    event_id TEXT PRIMARY KEY,
    sender TEXT NOT NULL,
    identifier TEXT NOT NULL,
    revision BIGINT NOT NULL,
    version TEXT,
    status TEXT NOT NULL,
    content TEXT NOT NULL,
    receipt_id BIGINT NOT NULL REFERENCES receipts,
    edited SMALLINT NOT NULL DEFAULT 0,
    unit TEXT NOT NULL DEFAULT '',
    care_date TEXT NOT NULL DEFAULT '',
    fates_json TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX events_identifier ON events (identifier);
CREATE INDEX events_care ON events (unit, care_date);

CREATE TABLE event_versions (
    id BIGINT PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events,
    receipt_id BIGINT NOT NULL REFERENCES receipts,
    revision BIGINT NOT NULL,
    version TEXT,
    status TEXT NOT NULL,
    content TEXT NOT NULL,
    disposition TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    edit_json TEXT
);
CREATE INDEX event_versions_event ON event_versions (event_id, id);
CREATE INDEX event_versions_receipt ON event_versions (receipt_id);

CREATE TABLE lanes (
    id BIGINT PRIMARY KEY,
    register TEXT NOT NULL,
    service TEXT NOT NULL,
    slot TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at DOUBLE PRECISION,
    token BIGINT NOT NULL,
    owner TEXT,
    lease_until DOUBLE PRECISION,
    tries INTEGER NOT NULL,
    asks INTEGER NOT NULL,
    cause TEXT,
    why TEXT,
    unit TEXT NOT NULL,
    since DOUBLE PRECISION NOT NULL,
    seq BIGINT NOT NULL,
    accepted_message BIGINT,
    accepted_event TEXT,
    accepted_content TEXT,
    accepted_identity TEXT,
    cancelled TEXT,
    accepted_rendering INTEGER NOT NULL DEFAULT 0,
    known_as TEXT,
    UNIQUE (slot, register, service)
) WITH (fillfactor = 70);
CREATE INDEX lanes_due ON lanes (register, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX lanes_leased ON lanes (register, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX lanes_busy ON lanes (state, id) WHERE state <> 'idle';
-- For lists; what each is for says adapter/ledger/sql/pages.py.
CREATE INDEX lanes_cause ON lanes (cause, id) WHERE cause IS NOT NULL;
CREATE INDEX lanes_register ON lanes (register, id);
CREATE INDEX lanes_since ON lanes (since);
CREATE INDEX lanes_busy_since ON lanes (state, since) WHERE state <> 'idle';
CREATE INDEX lanes_stuck ON lanes (register, state, cause, since, id)
    WHERE state IN ('parked', 'held') OR (state = 'unknown' AND due_at IS NULL);

CREATE TABLE messages (
    id BIGINT PRIMARY KEY,
    lane_id BIGINT NOT NULL REFERENCES lanes,
    seq BIGINT NOT NULL,
    event_id TEXT NOT NULL REFERENCES events,
    receipt_id BIGINT NOT NULL REFERENCES receipts,
    intent TEXT NOT NULL,
    state TEXT NOT NULL,
    open SMALLINT NOT NULL,
    content TEXT NOT NULL,
    identity TEXT NOT NULL,
    unit TEXT NOT NULL,
    edition TEXT NOT NULL,
    care_date TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    cause TEXT,
    attempts INTEGER NOT NULL,
    attempted SMALLINT NOT NULL,
    ambiguous SMALLINT NOT NULL,
    flag TEXT,
    rendering INTEGER NOT NULL DEFAULT 0,
    register TEXT NOT NULL,              -- its lane's
    UNIQUE (lane_id, seq)
) WITH (fillfactor = 80);
CREATE INDEX messages_open ON messages (lane_id, seq) WHERE open = 1;
-- For lists; what each is for says adapter/ledger/sql/pages.py.
CREATE INDEX messages_open_state ON messages (state, created_at, id) WHERE open = 1;
CREATE INDEX messages_ended_state ON messages (state, created_at, id) WHERE open = 0 AND state <> 'accepted';
CREATE INDEX messages_cause ON messages (cause, created_at, id) WHERE cause IS NOT NULL;
CREATE INDEX messages_register ON messages (register, created_at, id);
CREATE INDEX messages_created ON messages (created_at, id);
CREATE INDEX messages_event ON messages (event_id, id);

CREATE TABLE payloads (
    message_id BIGINT PRIMARY KEY REFERENCES messages,
    body BYTEA NOT NULL,
    trace BYTEA NOT NULL,
    findings BYTEA NOT NULL
);

CREATE TABLE renderings (
    message_id BIGINT NOT NULL REFERENCES messages,
    n INTEGER NOT NULL,
    body BYTEA NOT NULL,
    trace BYTEA NOT NULL,
    findings BYTEA NOT NULL,
    intent TEXT NOT NULL,
    content TEXT NOT NULL,
    identity TEXT NOT NULL,
    unit TEXT NOT NULL,
    edition TEXT NOT NULL,
    care_date TEXT NOT NULL,
    cause TEXT,
    replaced_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (message_id, n)
);

CREATE TABLE attempts (
    id BIGINT PRIMARY KEY,
    lane_id BIGINT NOT NULL REFERENCES lanes,
    message_id BIGINT NOT NULL REFERENCES messages,
    about BIGINT NOT NULL REFERENCES messages,
    identity TEXT NOT NULL,
    number INTEGER NOT NULL,
    token BIGINT NOT NULL,
    kind TEXT NOT NULL,
    operation TEXT NOT NULL,
    request BYTEA NOT NULL,
    key TEXT,
    started_at DOUBLE PRECISION NOT NULL,
    ended_at DOUBLE PRECISION,
    outcome_json TEXT,
    found TEXT,
    evidence_json TEXT,
    answer BYTEA,
    rendering INTEGER NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
CREATE INDEX attempts_lane ON attempts (lane_id, token);

CREATE TABLE gates (
    register TEXT PRIMARY KEY,
    paused TEXT,
    cause TEXT,
    since DOUBLE PRECISION,
    probe_at DOUBLE PRECISION,
    not_before DOUBLE PRECISION,
    forbidden_json TEXT NOT NULL,
    forbidden_since DOUBLE PRECISION,
    throttled INTEGER NOT NULL DEFAULT 0,
    allowance DOUBLE PRECISION,
    allowance_at DOUBLE PRECISION,
    revision BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE notices (
    id BIGINT PRIMARY KEY,
    register TEXT NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    lanes BIGINT NOT NULL,
    started_at DOUBLE PRECISION NOT NULL,
    cleared_at DOUBLE PRECISION
);
CREATE UNIQUE INDEX notices_standing ON notices (register, kind, cause) WHERE cleared_at IS NULL;

CREATE TABLE tallies (
    what TEXT NOT NULL,
    register TEXT NOT NULL,
    state TEXT NOT NULL,
    strand BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (what, register, state, strand)
);

-- The audit strands: each writing connection holds one by an advisory lock. Strand 0 is the embedded store's.
CREATE TABLE strands (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH 1) PRIMARY KEY
);

CREATE TABLE audit (
    id BIGINT PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL,
    kind TEXT NOT NULL,
    register TEXT,
    lane_id BIGINT,
    message_id BIGINT,
    receipt_id BIGINT,
    detail_json TEXT NOT NULL,
    hash BYTEA NOT NULL
);
CREATE INDEX audit_lane ON audit (lane_id, id) WHERE lane_id IS NOT NULL;

CREATE TABLE changes (
    id BIGINT PRIMARY KEY,
    tx BIGINT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    audience TEXT NOT NULL,
    event_id TEXT,
    identifier TEXT,
    register TEXT NOT NULL,
    service TEXT,
    lane_id BIGINT,
    message_id BIGINT,
    state TEXT NOT NULL,
    cause TEXT,
    detail_json TEXT NOT NULL
);
CREATE INDEX changes_audience ON changes (audience, tx, id);

CREATE TABLE hooks (
    name TEXT PRIMARY KEY,
    cursor TEXT NOT NULL,
    upto TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    due_at DOUBLE PRECISION,
    owner TEXT,
    lease_until DOUBLE PRECISION,
    failing_since DOUBLE PRECISION,
    cause TEXT
);

CREATE TABLE replays (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    filter_json TEXT NOT NULL,
    rate DOUBLE PRECISION NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_at DOUBLE PRECISION NOT NULL,
    started_at DOUBLE PRECISION,
    ended_at DOUBLE PRECISION,
    owner TEXT,
    lease_until DOUBLE PRECISION,
    total BIGINT NOT NULL DEFAULT 0,
    done BIGINT NOT NULL DEFAULT 0,
    skipped BIGINT NOT NULL DEFAULT 0,
    cursor TEXT NOT NULL DEFAULT '',
    totals_json TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE replay_items (
    replay_id BIGINT NOT NULL REFERENCES replays,
    n BIGINT NOT NULL,
    lane_id BIGINT NOT NULL REFERENCES lanes,
    message_id BIGINT NOT NULL REFERENCES messages,
    state TEXT NOT NULL,
    effect_json TEXT NOT NULL,
    made TEXT,
    why TEXT,
    ended_at DOUBLE PRECISION,
    PRIMARY KEY (replay_id, n)
);
CREATE INDEX replay_items_left ON replay_items (replay_id, n) WHERE state = 'planned';

CREATE TABLE edits (
    id BIGINT PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events,
    based_on BIGINT NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed_at DOUBLE PRECISION NOT NULL,
    payload BYTEA NOT NULL,
    difference BYTEA NOT NULL,
    decided_by TEXT,
    decided_at DOUBLE PRECISION,
    decided_why TEXT,
    receipt_id BIGINT REFERENCES receipts
);
CREATE INDEX edits_event ON edits (event_id, id);
CREATE INDEX edits_proposed ON edits (id) WHERE state = 'proposed';

CREATE TABLE cutovers (
    sender TEXT NOT NULL,
    identifier TEXT NOT NULL,
    register TEXT NOT NULL,
    loaded_at DOUBLE PRECISION NOT NULL,
    used_at DOUBLE PRECISION,
    reported BYTEA,
    known_as TEXT,
    PRIMARY KEY (sender, identifier, register)
);
CREATE INDEX cutovers_waiting ON cutovers (sender) WHERE used_at IS NULL;

CREATE TABLE pulses (
    strand INTEGER PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL
);

-- Numbers. Those of busy tables are given out in blocks (adapter/ledger/postgres/connection.py BLOCK), so that a new row
-- costs no question; a block that is not used up leaves a gap.
CREATE SEQUENCE ids_receipts INCREMENT BY 64;
CREATE SEQUENCE ids_event_versions INCREMENT BY 64;
CREATE SEQUENCE ids_lanes INCREMENT BY 64;
CREATE SEQUENCE ids_messages INCREMENT BY 64;
CREATE SEQUENCE ids_attempts INCREMENT BY 64;
CREATE SEQUENCE ids_changes INCREMENT BY 64;
CREATE SEQUENCE ids_notices;
CREATE SEQUENCE ids_replays;
CREATE SEQUENCE ids_edits;
