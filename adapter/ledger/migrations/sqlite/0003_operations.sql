-- What operators, senders and several nodes need: what became of an event at each register, changes to tell of,
-- replays, edits, earlier renderings, contacts that another system has reported, hooks.

ALTER TABLE events ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN care_date TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN fates_json TEXT NOT NULL DEFAULT '{}'; -- {register: [fate, rule or null]}
UPDATE events SET
    unit = COALESCE((SELECT unit FROM messages m WHERE m.event_id = events.event_id ORDER BY id DESC LIMIT 1), ''),
    care_date = COALESCE((SELECT care_date FROM messages m WHERE m.event_id = events.event_id ORDER BY id DESC LIMIT 1), '');
CREATE INDEX events_care ON events (unit, care_date);

-- A rate limit that all nodes share: what may be sent now, and when that was reckoned.
ALTER TABLE gates ADD COLUMN allowance REAL;
ALTER TABLE gates ADD COLUMN allowance_at REAL;
ALTER TABLE gates ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

-- A lane's newest attempt is the one with the highest token; numbers are given out in blocks.
DROP INDEX attempts_lane;
CREATE INDEX attempts_lane ON attempts (lane_id, token);

-- What waits for somebody, by cause: the oldest of each is found at once, however many wait.
CREATE INDEX lanes_stuck ON lanes (register, state, cause, since, id)
    WHERE state IN ('parked', 'held') OR (state = 'unknown' AND due_at IS NULL);

-- Each writing connection counts for itself, so that no two wait for each other's counts.
CREATE TABLE tallies_by_strand (
    what TEXT NOT NULL,                  -- 'lane' or 'message'
    register TEXT NOT NULL,
    state TEXT NOT NULL,
    strand INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (what, register, state, strand)
) WITHOUT ROWID;
INSERT INTO tallies_by_strand SELECT what, register, state, 0, n FROM tallies;
DROP TABLE tallies;
ALTER TABLE tallies_by_strand RENAME TO tallies;

-- What senders and operators are told of, in an order that can be resumed: (tx, id).
CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    tx INTEGER NOT NULL,
    at REAL NOT NULL,
    audience TEXT NOT NULL,              -- 'sender:NAME' or 'operators'
    event_id TEXT,
    identifier TEXT,
    register TEXT NOT NULL,
    service TEXT,
    lane_id INTEGER,
    message_id INTEGER,
    state TEXT NOT NULL,                 -- a message's state or 'not-reported'; for operators 'started', 'cleared'
    cause TEXT,
    detail_json TEXT NOT NULL
);
CREATE INDEX changes_audience ON changes (audience, tx, id);

CREATE TABLE hooks (
    name TEXT PRIMARY KEY,               -- the audience that the hook tells, or 'log:' and the audience
    cursor TEXT NOT NULL,                -- of the last change that was taken
    upto TEXT,                           -- of the last change that is being told: the same ones each time
    tries INTEGER NOT NULL DEFAULT 0,
    due_at REAL,
    owner TEXT,
    lease_until REAL,
    failing_since REAL,
    cause TEXT
);

CREATE TABLE replays (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,                  -- 'retry' or 'remap'
    state TEXT NOT NULL,                 -- 'planning', 'planned', 'running', 'paused', 'cancelled', 'done'
    filter_json TEXT NOT NULL,
    rate REAL NOT NULL,                  -- lanes a second
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_at REAL NOT NULL,
    started_at REAL,
    ended_at REAL,
    owner TEXT,
    lease_until REAL,
    total INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    cursor TEXT NOT NULL DEFAULT '',     -- how far the planning has come: STATE:LANE
    totals_json TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE replay_items (
    replay_id INTEGER NOT NULL REFERENCES replays,
    n INTEGER NOT NULL,
    lane_id INTEGER NOT NULL REFERENCES lanes,
    message_id INTEGER NOT NULL REFERENCES messages,
    state TEXT NOT NULL,                 -- 'planned', 'done', 'skipped'
    effect_json TEXT NOT NULL,           -- what would change, or what became of it; no patient data
    made TEXT,                           -- a fingerprint of the rendering that was planned
    why TEXT,                            -- why it was skipped
    ended_at REAL,
    PRIMARY KEY (replay_id, n)
);
CREATE INDEX replay_items_left ON replay_items (replay_id, n) WHERE state = 'planned';

-- What a message was before it was remapped: nothing that was stored is overwritten. A message's rendering is how
-- often it was remapped; an attempt, and what a register has accepted, say which rendering they carry.
ALTER TABLE messages ADD COLUMN rendering INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN rendering INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lanes ADD COLUMN accepted_rendering INTEGER NOT NULL DEFAULT 0;
CREATE TABLE renderings (
    message_id INTEGER NOT NULL REFERENCES messages,
    n INTEGER NOT NULL,                  -- the rendering that it was
    body BLOB NOT NULL,
    trace BLOB NOT NULL,
    findings BLOB NOT NULL,
    intent TEXT NOT NULL,
    content TEXT NOT NULL,
    identity TEXT NOT NULL,
    unit TEXT NOT NULL,
    edition TEXT NOT NULL,
    care_date TEXT NOT NULL,
    cause TEXT,
    replaced_at REAL NOT NULL,
    PRIMARY KEY (message_id, n)
);

CREATE TABLE edits (
    id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events,
    based_on INTEGER NOT NULL,           -- the event's revision
    state TEXT NOT NULL,                 -- 'proposed', 'applied', 'refused'
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed_at REAL NOT NULL,
    payload BLOB NOT NULL,               -- the edited bundle, sealed
    difference BLOB NOT NULL,            -- against the received bundle, sealed
    decided_by TEXT,
    decided_at REAL,
    decided_why TEXT,                    -- of a refusal
    receipt_id INTEGER REFERENCES receipts
);
CREATE INDEX edits_event ON edits (event_id, id);
CREATE INDEX edits_proposed ON edits (id) WHERE state = 'proposed';

-- Contacts that another system has reported: the first message of one counts as accepted and is not sent.
CREATE TABLE cutovers (
    sender TEXT NOT NULL,
    identifier TEXT NOT NULL,
    register TEXT NOT NULL,
    loaded_at REAL NOT NULL,
    used_at REAL,                        -- when a message took its place in a lane; NULL: it still waits for one
    reported BLOB,                       -- what the other system has sent, where the list says it: sealed
    known_as TEXT,                       -- JSON: the members by which the register knows the event
    PRIMARY KEY (sender, identifier, register)
);
CREATE INDEX cutovers_waiting ON cutovers (sender) WHERE used_at IS NULL;
ALTER TABLE lanes ADD COLUMN known_as TEXT; -- JSON: members that take the place of ours in each request

-- When each writing connection was last found to be able to write: only a write tells.
CREATE TABLE pulses (
    strand INTEGER PRIMARY KEY,
    at REAL NOT NULL
);

-- Lists that are as fast among ten million as among ten thousand: adapter/ledger/sql/pages.py.
ALTER TABLE messages ADD COLUMN register TEXT NOT NULL DEFAULT ''; -- its lane's
UPDATE messages SET register = (SELECT register FROM lanes WHERE lanes.id = messages.lane_id);
CREATE INDEX lanes_cause ON lanes (cause, id) WHERE cause IS NOT NULL;
CREATE INDEX lanes_register ON lanes (register, id);
CREATE INDEX lanes_since ON lanes (since);
CREATE INDEX lanes_busy_since ON lanes (state, since) WHERE state <> 'idle';
DROP INDEX messages_open_state;
DROP INDEX messages_ended_state;
CREATE INDEX messages_open_state ON messages (state, created_at, id) WHERE open = 1;
CREATE INDEX messages_ended_state ON messages (state, created_at, id) WHERE open = 0 AND state <> 'accepted';
CREATE INDEX messages_cause ON messages (cause, created_at, id) WHERE cause IS NOT NULL;
CREATE INDEX messages_register ON messages (register, created_at, id);
CREATE INDEX messages_created ON messages (created_at, id);
